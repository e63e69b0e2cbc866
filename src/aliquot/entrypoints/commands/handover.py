"""Hand a region over whole: export, verify, view, restore, prove."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from aliquot.foundation.actors import system_actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import public_half, receiver_of, seal_key_of, signing_key_of
from aliquot.oversight.handover.actions.exporting import export_region
from aliquot.oversight.handover.actions.increments import export_increment
from aliquot.oversight.handover.actions.restoring import restore_region
from aliquot.oversight.handover.actions.snapshot import exported_snapshot
from aliquot.oversight.handover.actions.writing import Wanted
from aliquot.oversight.handover.queries.database import region_name
from aliquot.oversight.handover.queries.packages import manifest_in, verify_package
from aliquot.oversight.handover.queries.proof import prove_region
from aliquot.oversight.handover.queries.words import finding_words
from aliquot.oversight.handover.rules.checking import Finding, check_following, check_order
from aliquot.oversight.handover.rules.manifest import TABLE, Manifest

if TYPE_CHECKING:
    from aliquot.oversight.handover.queries.viewing import OrderSeen, Reader

SECRET_WORDS = ("SECRET", "TOKEN", "PASSWORD", "URL", "KEY")


class Command(BaseCommand):
    """`aliquot handover key|export|verify|view|restore|prove`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="what", required=True)
        parts.add_parser("key", help="this home's public halves: for a package to us, and of ours")
        export = parts.add_parser("export", help="write the region into a folder; again after it was cut off")
        export.add_argument("--to", type=Path, required=True, help="a new folder")
        export.add_argument("--receiver", action="append", required=True, help="age1...; again for another")
        export.add_argument("--after", type=Path, help="only what changed since this package of ours")
        export.add_argument("--months", type=Path, help="where months that were put away lie now")
        export.add_argument("--region", default="", help="its name in the manifest; else this node's code")
        for name, words in (
            ("verify", "is the package as it was signed? Needs no database"),
            ("restore", "make a running region of it in an empty home"),
            ("prove", "compare this database with the package, row by row"),
            ("view", "find orders in the package, without a database"),
        ):
            part = parts.add_parser(name, help=words)
            part.add_argument("package", type=Path, nargs="+", help="a full one first, then its increments")
            part.add_argument("--signer", required=True, help="the old side's public key, in base64")
            part.add_argument("--key", type=Path, help="file of the key that opens; else this home's")
            if name == "verify":
                part.add_argument("--inside", action="store_true", help="open every file: names altered rows")
            elif name == "view":
                part.add_argument("--patient", default="", help="how the full name begins")
                part.add_argument("--order", default="", help="its number")
                part.add_argument("--specimen", default="", help="the number of a tube")
                part.add_argument("--documents", type=Path, help="write the printed reports into this folder")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal

    def _key(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"receiver {receiver_of(seal_key_of(settings.HOME))}")
        self.stdout.write(f"signer   {public_half(signing_key_of(settings.HOME))}")

    def _export(self, options: dict[str, Any]) -> None:
        wanted = Wanted(
            folder=options["to"],
            receivers=tuple(options["receiver"]),
            signing_key=signing_key_of(settings.HOME),
            region=options["region"] or region_name(),
            program=version("aliquot"),
            configuration=_configuration(),
            months=options["months"],
        )
        by, now = system_actor("handover"), timezone.now()
        if options["after"]:
            found = export_increment(wanted, options["after"], by=by, at=now)
        else:
            found = export_region(wanted, by=by, at=now, say=self._say)
        size = sum(one.size for one in found.parts)
        rows = sum(one.rows for one in found.of_kind(TABLE))
        self.stdout.write(f"{rows} rows, {len(found.parts)} files, {size} bytes in {options['to']}")
        self.stdout.write(f"signer {found.signer}")

    def _verify(self, options: dict[str, Any]) -> None:
        key = _key_in(options["key"]) if options["inside"] else ""
        folders, signer = options["package"], options["signer"]
        found = [one for folder in folders for one in verify_package(folder, signer=signer, key=key)]
        if len(folders) > 1:
            found += check_following([manifest_in(folder, signer=signer) for folder in folders])
        self._tell(found, "The package is whole.", "the package is not what was signed")

    def _restore(self, options: dict[str, Any]) -> None:
        found = restore_region(
            options["package"],
            signer=options["signer"],
            key=_key_in(options["key"]),
            home=settings.HOME,
            by=system_actor("handover"),
            say=self._say,
        )
        rows = sum(one.rows for one in found.relations)
        self.stdout.write(f"{found.region} of {found.written_at}: {rows} rows are here.")
        self.stdout.write("Next: aliquot handover prove; then aliquot migrate; then start it.")

    def _prove(self, options: dict[str, Any]) -> None:
        with exported_snapshot():
            proof = prove_region(_packages(options), key=_key_in(options["key"]))
        self.stdout.write(
            f"compared: {proof.tables} tables, {proof.rows} rows, {proof.documents} documents, "
            f"{proof.resources} FHIR resources, {proof.chains} chains of the audit"
        )
        self._tell(proof.findings, "The same.", "this database is not what is in the package")

    def _view(self, options: dict[str, Any]) -> None:
        from aliquot.oversight.handover.queries.viewing import find_orders, order_lines, reading

        asked = {name: options[name] for name in ("patient", "order", "specimen")}
        with reading(_packages(options), key=_key_in(options["key"])) as reader:
            found = find_orders(reader, **asked)
            for one in found:
                self.stdout.write("\n".join(order_lines(one)))
                if options["documents"]:
                    self._write_documents(reader, one, options["documents"])
        if not found:
            raise CommandError("nothing is found under this")

    def _write_documents(self, reader: "Reader", one: "OrderSeen", folder: Path) -> None:
        from aliquot.oversight.handover.queries.viewing import document_of

        folder.mkdir(parents=True, exist_ok=True)
        for row in one.documents:
            file = folder / f"{one.order['number']}-v{row['version']}-{row['language']}.pdf"
            file.write_bytes(document_of(reader, row["id"]))
            self.stdout.write(f"  {file}")

    def _tell(self, findings: tuple[Finding, ...] | list[Finding], good: str, bad: str) -> None:
        for one in findings:
            self.stdout.write(finding_words(one))
        if findings:
            raise CommandError(f"{bad}: {len(findings)} findings")
        self.stdout.write(good)

    def _say(self, words: str) -> None:
        self.stderr.write(words)


def _packages(options: dict[str, Any]) -> list[tuple[Path, Manifest]]:
    """The packages that are named, signed and in their order."""
    found = [manifest_in(folder, signer=options["signer"]) for folder in options["package"]]
    if wrong := check_order(found):
        raise CommandError(" ".join(finding_words(one) for one in wrong))
    return [(folder, manifest) for folder, (_digest, manifest) in zip(options["package"], found, strict=True)]


def _key_in(file: Path | None) -> str:
    """The key in an age identity file, whose other lines are remarks; else this home's own."""
    if file is None:
        return seal_key_of(settings.HOME)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"{file} cannot be read") from fault
    return next((line.strip() for line in lines if line.strip() and not line.startswith("#")), "")


def _configuration() -> dict[str, str]:
    """What is set in the environment, without anything secret."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("ALIQUOT_") and not any(word in name for word in SECRET_WORDS)
    }
