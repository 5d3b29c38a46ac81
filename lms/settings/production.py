"""Production: everything from the environment; refuses to start without a key and the hosts it answers to."""

from .base import *  # noqa: F403
from .base import env

SECRET_KEY = env("LANTERN_SECRET_KEY")
ALLOWED_HOSTS = env.list("LANTERN_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = env.bool("LANTERN_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
