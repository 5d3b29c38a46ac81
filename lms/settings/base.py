"""Settings shared by every environment. Whatever differs between places comes from the environment."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

DEBUG = False
SITE_NAME = "Lantern"
SITE_URL = env("LANTERN_SITE_URL", default="http://localhost:8000")
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_SITE_NAME = SITE_NAME
# A demonstration site may publish starter content that nobody reviewed yet, under a banner on every page.
DEMONSTRATION = env.bool("LANTERN_DEMONSTRATION", default=False)
GOVERNMENT_BANNER = env.bool("LANTERN_GOVERNMENT_BANNER", default=False)

INSTALLED_APPS = [
    "lms.demo",
    "lms.portal",
    "certificates",
    "lms.compliance",
    "lms.hr_import",
    "lms.learning",
    "curricula",
    "quizzes",
    "lms.agencies",
    "lms.accounts",
    "lms.audit",
    "lms.outbox",
    "lms.jobs",
    "lms.privacy",
    "lms.pdf",
    "lms.sheets",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "formtools",
    "django_filters",
    "django_htmx",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "curricula.middleware.PageCopyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.agencies.middleware.SecondFactorMiddleware",
    "lms.agencies.middleware.ProviderTroubleMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "lms.portal.context_processors.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'lantern.sqlite3'}")}
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Throttles and the content's mark need a cache that all processes share; the migration of lms.accounts creates the
# table. Past its limit it throws out a third, which would forget who is being throttled: so the limit is out of reach.
SHARED_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
if REDIS_URL := env("REDIS_URL", default=""):
    SHARED_CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
CACHES = {
    "default": SHARED_CACHE,
    # Rendered copies, in each process's own memory: curricula.stamp says while which they hold.
    "copies": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "copies",
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}

# --- people and sign-in
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Long, unknown to who guesses, and nothing else: what kinds of signs it holds is nobody's business (NIST SP 800-63B).
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "lms.accounts.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:my"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail when a password, an address or the second step changes
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "lms.agencies.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_FORMS = {
    "add_email": "lms.accounts.forms.AddEmailForm",
    "login": "lms.accounts.forms.LoginForm",
    "reset_password": "lms.accounts.forms.ResetPasswordForm",
    "signup": "lms.agencies.forms.SignupForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody gets in here with an address that was never proved, so that a second one may be added after the second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "lms.accounts.adapters.MFAAdapter"
MFA_FORMS = {"add_webauthn": "lms.accounts.forms.PasskeyForm"}
MFA_TOTP_ISSUER = SITE_NAME
SOCIALACCOUNT_ADAPTER = "lms.agencies.adapters.SocialAccountAdapter"
# A form would be sent on to the provider, which form-action refuses; the answer is tied to the session by its state.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# Messages wait in the session: no cookie but those of the session and of forms.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- language and time
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("LANTERN_TIME_ZONE", default="America/Los_Angeles")
USE_TZ = True
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_I18N_ENABLED = True

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("LANTERN_MEDIA_ROOT", default=str(VAR_DIR / "media"))()
MEDIA_URL = "/media/"
PRIVATE_ROOT = env.path("LANTERN_PRIVATE_ROOT", default=str(VAR_DIR / "private"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Never served by its address: views give it out to whom it is meant for.
    "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": PRIVATE_ROOT}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Wagtail
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "mp4", "odt", "pdf", "pptx", "txt", "vtt", "xlsx"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "curricula.forms.DocumentForm"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
# Of an image only what Wagtail drew anew from it is sent (curricula.views.serve_picture), never the file itself.
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_IMAGE_FORM_BASE = "curricula.forms.ImageForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILEMBEDS_FINDERS: list[dict] = []
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# --- mail: every mail becomes a row first; the tick hands the rows to the transport
EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"
OUTBOX_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
OUTBOX_WAKE = "lms.jobs.services.wake"
DEFAULT_FROM_EMAIL = env("LANTERN_FROM_EMAIL", default="Lantern <lantern@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
_mail = env.email_url("EMAIL_URL", default="smtp://localhost:25")
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20

# --- later work: rows hold its state, a task only wakes the worker, the tick picks up what is pending
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TICK_WORK = [
    "lms.learning.services.hand_in_overdue",
    "certificates.services.render_pending",
    "lms.compliance.tasks.send_reminders",
    "lms.outbox.services.send_due",
    "lms.compliance.tasks.refresh_counts",
    "lms.portal.services.apply_retention",
    "lms.jobs.services.refresh_statistics",
    # Last: a long job holds up nothing else.
    "lms.jobs.services.run_pending",
]
JOB_KINDS: dict[str, str] = {
    "certificates.bundle": "certificates.services.make_bundle",
    "compliance.recompute": "lms.compliance.tasks.recompute_spans",
    "hr_import.apply": "lms.hr_import.tasks.run_apply",
    "hr_import.plan": "lms.hr_import.tasks.run_plan",
    "hr_import.undo": "lms.hr_import.tasks.run_undo",
    "learning.follow_regrade": "lms.learning.tasks.run_follow_regrade",
}

# --- privacy
SMALL_CELL_MINIMUM = 11

# --- security
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Whom to tell about a weakness, as /.well-known/security.txt says it (RFC 9116): mailto:… or https://…
SECURITY_CONTACT = env("LANTERN_SECURITY_CONTACT", default=f"{SITE_URL}/help/")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Only what a template of ours marks runs: no file that somebody uploaded to this origin, and nothing inline.
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Page events are rows of Wagtail's own log already; rendering steps tell nobody anything.
    "loggers": {name: {"level": "WARNING"} for name in ("wagtail", "weasyprint", "fontTools")},
}
