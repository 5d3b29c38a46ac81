"""What the tree, the jobs and the grants refuse."""

from __future__ import annotations


class AgencyError(ValueError):
    """A change that the tree, the jobs or the grants can't take; its text is for the person who asked.

    ``field`` names the argument that a form would show it at (empty: none in particular).
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
