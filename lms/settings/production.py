"""Production: everything from the environment; refuses to start without a key and the hosts it answers to."""

from .base import *  # noqa: F403
from .base import env

SECRET_KEY = env("LANTERN_SECRET_KEY")
# Keys of before: what they signed or encrypted is still read.
SECRET_KEY_FALLBACKS = env.list("LANTERN_SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("LANTERN_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = env.bool("LANTERN_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# How many proxies of yours stand in front: throttles and the audit trail take the visitor's address from the last one.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("LANTERN_PROXIES", default=1)
# The prefix makes browsers refuse a cookie that another host of the domain, or a page without TLS, tries to plant.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
