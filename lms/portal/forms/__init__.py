"""What people enter in their own area and in the manager's."""

from .acting import AssignForm, CorrectForm, DecideChangeForm, RecordForm, TakeBackForm, WaiveForm
from .audit import TrailForm
from .outside import ClaimExternalForm, DecideForm
from .people import BundleForm, ClaimForm, ErasureForm, MergeForm, PairForm
from .team import NamesForm, TeamForm

__all__ = [
    "AssignForm",
    "BundleForm",
    "ClaimExternalForm",
    "ClaimForm",
    "CorrectForm",
    "DecideChangeForm",
    "DecideForm",
    "ErasureForm",
    "MergeForm",
    "NamesForm",
    "PairForm",
    "RecordForm",
    "TakeBackForm",
    "TeamForm",
    "TrailForm",
    "WaiveForm",
]
