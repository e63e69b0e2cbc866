"""How one table is protected, in values."""

from dataclasses import dataclass

SITES = "(SELECT aliquot_sites())::bigint[]"
SIGNED_IN = "(SELECT aliquot_actor()) <> ''"
OF_PARTIES = f"laboratory_id = ANY({SITES}) OR ordering_site_id = ANY({SITES})"
OF_LABORATORY = f"laboratory_id = ANY({SITES})"


def may(permission: str) -> str:
    """The policy expression: the actor holds this permission, or is a process of the program."""
    return f"(SELECT aliquot_may('{permission}'))"


@dataclass(frozen=True, slots=True)
class Protection:
    """Rights of the application's role, which rows it sees, which it may write, what is audited.

    `rights` as in GRANT; empty: none. `sees` and `writes` are SQL conditions; `writes` defaults to `sees`.
    `left_out` are columns that the audit does not copy (bytes, secrets); of a new row's `digested` columns it
    keeps the SHA-256 (large, and without a right to change them). New rows of a `busy` table are audited as
    lists of values, the columns' names once for each statement. `is_audited` off needs a `why`.
    """

    rights: str
    sees: str
    writes: str = ""
    left_out: tuple[str, ...] = ()
    digested: tuple[str, ...] = ()
    busy: bool = False
    is_audited: bool = True
    why: str = ""
