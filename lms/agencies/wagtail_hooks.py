"""Puts the code lists and the agencies' sign-ins into the menu of the CMS."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.socialaccount.models import SocialAccount
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.snippets.models import register_snippet

from .models import IdentityProvider
from .viewsets import CodeListGroup, SignInGroup

register_snippet(CodeListGroup)
register_snippet(SignInGroup)


@hooks.register("before_delete_snippet")
def keep_providers_in_use(request: HttpRequest, instances: Iterable[Model]) -> HttpResponse | None:
    """A provider by which somebody signs in is taken out of use, not deleted."""
    codes = [row.code for row in instances if isinstance(row, IdentityProvider)]
    if not SocialAccount.objects.filter(provider__in=codes).exists():
        return None
    messages.error(request, _("People sign in by this provider. Untick “in use” instead."))
    return redirect("wagtailadmin_home")
