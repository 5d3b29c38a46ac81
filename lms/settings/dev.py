"""Development: one machine, SQLite, loopback, the demonstration marked as such."""

from .base import *  # noqa: F403
from .base import STORAGES, VAR_DIR, env

DEBUG = env.bool("LANTERN_DEBUG", default=False)
DEMONSTRATION = env.bool("LANTERN_DEMONSTRATION", default=True)
# A key for this machine alone: sessions of a development site are worth nothing elsewhere.
SECRET_KEY = env("LANTERN_SECRET_KEY", default="development-only-not-a-secret-0123456789-0123456789")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
OUTBOX_TRANSPORT = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
# Passkeys work on http://localhost too.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
INTERNAL_IPS = ["127.0.0.1"]
VAR_DIR.mkdir(exist_ok=True)
