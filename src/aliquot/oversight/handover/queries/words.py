"""What was found, in words for the person who holds the package."""

from django.utils.translation import gettext as _

from aliquot.oversight.handover.rules.checking import (
    ADDED,
    ALTERED,
    CHAIN,
    COUNT,
    GAP,
    MISSING,
    NO_BASE,
    ORIGIN,
    ROW,
    SCHEMA_CHANGED,
    SIGNER,
    Finding,
)


def finding_words(one: Finding) -> str:
    """The finding as a sentence."""
    sentences = {
        MISSING: _("%(subject)s is missing (%(said)s)."),
        ALTERED: _("%(subject)s is not what was signed (%(said)s). %(found)s"),
        ADDED: _("%(subject)s was added: it was not signed."),
        COUNT: _("%(subject)s holds %(found)s rows instead of %(said)s."),
        ROW: _("%(subject)s: the row %(said)s is not what was signed (%(found)s rows differ)."),
        CHAIN: _("Chain %(subject)s of the audit: %(said)s in the package, %(found)s here."),
        SIGNER: _("Increment %(subject)s was signed with another key than the package before it."),
        ORIGIN: _("Increment %(subject)s belongs to another full package."),
        GAP: _("Increment %(subject)s does not follow: %(said)s is missing before it (found %(found)s)."),
        SCHEMA_CHANGED: _("Increment %(subject)s was written after an update (%(said)s, then %(found)s)."),
        NO_BASE: _("The first package is not a full one. Name the full package first, then its increments."),
    }
    facts = {"subject": one.subject, "said": one.said, "found": one.found}
    return str(sentences[one.kind] % facts).strip()
