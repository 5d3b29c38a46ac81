"""Credit hours by the written rule (pure): nothing untrue is printed on a certificate.

Reading at 200 words a minute, each video once, practice minutes as the author enters them, a minute for a quiz
question; rounded down to quarter hours.
"""

from __future__ import annotations

from decimal import Decimal

WORDS_A_MINUTE = 200


def credit_hours(*, words: int, video_seconds: int, practice_minutes: int, questions: int) -> Decimal:
    """Return credit hours in quarter hours, rounded down."""
    seconds = words * 60 // WORDS_A_MINUTE + video_seconds + 60 * (practice_minutes + questions)
    return Decimal(seconds // 900) / 4
