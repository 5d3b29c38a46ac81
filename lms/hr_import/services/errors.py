"""What an import refuses."""

from __future__ import annotations


class ImportRefused(ValueError):
    """The import can't be done as asked; its text is for the person who asked.

    ``field`` names the field that a form would show it at (empty: none in particular).
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
