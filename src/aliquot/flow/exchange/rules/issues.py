"""What is wrong with a document, said so that its sender can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

FATAL, ERROR, WARNING, INFORMATION = "fatal", "error", "warning", "information"
MOST_ISSUES: Final = 100


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: how grave, what kind (value set issue-type), what, what to do, at which element."""

    severity: str
    code: str
    diagnostics: str
    remedy: str = ""
    expression: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether nothing may be done with the document because of it."""
        return self.severity in (FATAL, ERROR)


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The FHIR R4 OperationOutcome of these issues; of very many only the first are named.

    Source: hl7.org/fhir/R4/operationoutcome.html.
    """
    found = [_issue(one) for one in issues]
    return {"resourceType": "OperationOutcome", "issue": found[:MOST_ISSUES]}


def _issue(one: Issue) -> dict[str, Any]:
    said: dict[str, Any] = {"severity": one.severity, "code": one.code}
    if one.remedy:
        said["details"] = {"text": one.remedy}
    said["diagnostics"] = one.diagnostics
    if one.expression:
        said["expression"] = [one.expression]
    return said
