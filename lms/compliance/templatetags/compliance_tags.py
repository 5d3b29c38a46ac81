"""What pages and mails of other apps show of duties."""

from __future__ import annotations

from django import template

from lms.compliance import feed

register = template.Library()
register.filter("explain", feed.explain)
