"""The WSGI entry point (gunicorn's gthread workers; ASGI would cost each request more than it gives)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
application = get_wsgi_application()
