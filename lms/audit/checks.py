from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from .append_only import list_missing_triggers


@register(Tags.database)
def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every protected table that exists refuses UPDATE and DELETE.  Runs only where a database is named."""
    return [
        Error(
            f"The trigger {name} is missing or switched off in the database '{alias}': its records could be changed.",
            hint=f"Run: manage.py migrate --skip-checks --database {alias}   (it makes the triggers again)",
            id="audit.E001",
        )
        for alias in databases or []
        for name in list_missing_triggers(alias)
    ]
