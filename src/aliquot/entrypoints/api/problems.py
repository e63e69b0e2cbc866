"""What stops a request, as a status and an OperationOutcome."""

from aliquot.flow.exchange.rules.issues import ERROR, Issue


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A request that is answered with a status and these issues; `headers` go with the answer."""

    def __init__(self, status: int, *issues: Issue, headers: dict[str, str] | None = None) -> None:
        super().__init__(issues[0].diagnostics if issues else "")
        self.status = status
        self.issues = issues
        self.headers = headers or {}


def problem(
    status: int, code: str, diagnostics: str, remedy: str = "", at: str = "", **headers: str
) -> Problem:
    """A problem of one issue; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Problem(status, Issue(ERROR, code, diagnostics, remedy, at), headers=named)


def not_found(kind: str, key: str) -> Problem:
    """Nothing by this id that the caller may see; the same words whether it exists or not."""
    return problem(404, "not-found", f"There is no {kind} {key!r} here.", "Compare the id.")
