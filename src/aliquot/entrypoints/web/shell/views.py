"""Pages that need no table: errors in words, and the style guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token

from aliquot.entrypoints.web.shell.standing import lost_rights
from aliquot.entrypoints.web.shell.style_guide import examples
from aliquot.entrypoints.web.shell.wording import month_text
from aliquot.foundation.months.queries import archive_of


def _error(request: HttpRequest, status: int, heading: Promise, remedy: Promise | str) -> HttpResponse:
    context = {"status": status, "heading": heading, "remedy": remedy}
    return render(request, "shell/error.html", context, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """400: the browser sent what no page of ours sends."""
    return _error(
        request,
        400,
        _("The request could not be understood"),
        _("Nothing was changed. Go back, load the page again and repeat what you did."),
    )


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person lacks a permission; said is why: another operates now, or the exception's own words."""
    return _error(
        request,
        403,
        _("You may not open this page"),
        " ".join(lost_rights(request))
        or str(exception or "")
        or _("Your role or your site does not allow it. Ask the head of your laboratory if you need it."),
    )


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """404: no such page, or not to be seen by this person; of a month that was put away: where it lies."""
    found = request.resolver_match.kwargs.get("result_id") if request.resolver_match else None
    if found is not None and (away := archive_of(int(found))):
        said = {"month": month_text(away.month), "command": f"aliquot restore-month {away.file}"}
        return render(request, "shell/put_away.html", {"away": away, **said})
    return _error(
        request,
        404,
        _("There is nothing at this address"),
        _("Check the number, or look for the patient, order or specimen from its own page."),
    )


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing was half-done, because a change is one transaction."""
    return _error(
        request,
        500,
        _("The program failed"),
        _("Nothing was changed. Try again; if it happens twice, tell the person on duty what you did."),
    )


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """403: the page was open so long, or in another window, that its form is no longer known."""
    return _error(
        request,
        403,
        _("This page is out of date"),
        _("Nothing was changed. Load the page again, sign in if asked, and repeat what you did."),
    )


@never_cache
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component on one page, with made-up values."""
    return render(request, "shell/style_guide.html", examples())
