"""What a password must be: long enough, and not one that everybody guesses."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Person

SHORTEST = 8
ADVISED = 15
LONGEST = 256


class LengthValidator:
    """At least 8 signs, 15 advised, any up to 256 allowed, and no rule about which (NIST SP 800-63B, 3.1.1.2)."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError for a password that is too short, or so long that checking it would be an attack."""
        if len(password) < SHORTEST:
            raise ValidationError(
                _("This is too short: a password has at least %(number)d characters.") % {"number": SHORTEST},
                code="password_too_short",
            )
        if len(password) > LONGEST:
            raise ValidationError(
                _("This is too long: a password has at most %(number)d characters.") % {"number": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _(
            "At least %(shortest)d characters; %(advised)d or more are much safer. A few words in a row are easy to "
            "remember, and you may paste from a password manager."
        ) % {"shortest": SHORTEST, "advised": ADVISED}
