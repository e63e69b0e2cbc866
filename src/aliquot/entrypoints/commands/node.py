"""Name this node, exchange cards with others, invite the federation to a region, join a region."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres import PostgresUnavailable
from aliquot.oversight.federation.actions import introduce_node, name_node, renew_signing_key
from aliquot.oversight.federation.actions.exporting import open_export
from aliquot.oversight.federation.actions.joining import (
    administrator_url,
    invite_federation,
    join_region,
    open_invitation,
)
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries import own_card
from aliquot.oversight.federation.rules.nodes import (
    Card,
    Unusable,
    card_values,
    fingerprint,
    is_same_fingerprint,
    read_card,
)

BY = system_actor("node")


class Command(BaseCommand):
    """`aliquot node name|show|key|card|know|invite|join`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        _naming(what.add_parser("name", help="give this installation its code and names, and make its keys"))
        what.add_parser("show", help="this node and the nodes it knows").add_argument(
            "--json", action="store_true"
        )
        what.add_parser("key", help="this node's public keys; or a new signing key").add_argument(
            "--renew", action="store_true", help="replace the signing key; others need a new card"
        )
        what.add_parser("card", help="write the card that another node needs").add_argument(
            "--to", type=Path, required=True, metavar="FILE"
        )
        _knowing(what.add_parser("know", help="keep another node by its card"))
        _inviting(what.add_parser("invite", help="in a region: let the federation read the export"))
        _knowing(what.add_parser("join", help="in the federation: subscribe to a region by its invitation"))

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with acting(BY, reason="aliquot node"):
                getattr(self, f"_{options['what']}")(options)
        except PostgresUnavailable as fault:
            raise CommandError(str(fault)) from fault
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        except Unusable as fault:
            raise CommandError(gettext(fault.reason).format(**fault.values)) from fault

    def _name(self, options: dict[str, Any]) -> None:
        names = {"name_en": options["en"], "name_ru": options["ru"]}
        node = name_node(
            options["code"], kind=settings.NODE, home=settings.HOME, by=BY, at=timezone.now(), **names
        )
        self.stdout.write(f"This node is {node.code} ({node.kind}).")
        self._key({"renew": False})

    def _show(self, options: dict[str, Any]) -> None:
        nodes = [_shown(one) for one in Node.objects.order_by("-is_self", "code")]
        if options["json"]:
            self.stdout.write(json.dumps(nodes, ensure_ascii=False))
            return
        for one in nodes:
            left = f", left {one['left_at']}" if one["left_at"] else ""
            mark = "*" if one["is_self"] else " "
            self.stdout.write(f"{mark} {one['code']:<12} {one['kind']:<11} {one['name_en']}{left}")
        if not nodes:
            self.stdout.write("No node is known here. Begin with: aliquot node name CODE --en NAME --ru NAME")

    def _key(self, options: dict[str, Any]) -> None:
        if options["renew"]:
            renew_signing_key(home=settings.HOME, by=BY, at=timezone.now())
        card = own_card(at=timezone.now())
        self.stdout.write(f"signing     {card.signing}")
        self.stdout.write(f"sealing     {card.sealing}\nfingerprint {fingerprint(card)}")

    def _card(self, options: dict[str, Any]) -> None:
        card = own_card(at=timezone.now())
        text = json.dumps(card_values(card), ensure_ascii=False, indent=1, sort_keys=True)
        options["to"].write_text(f"{text}\n", encoding="utf-8")
        self.stdout.write(f"Card of {card.code} in {options['to']}. Its owner is told by voice:")
        self.stdout.write(f"fingerprint {fingerprint(card)}")

    def _know(self, options: dict[str, Any]) -> None:
        card = _compared(read_card(_object_in(options["file"])), options["fingerprint"])
        introduce_node(card, by=BY, at=timezone.now())
        self.stdout.write(f"{card.code} ({card.kind}) is known here.")

    def _invite(self, options: dict[str, Any]) -> None:
        card = _compared(read_card(_object_in(options["file"])), options["fingerprint"])
        host, _colon, port = options["address"].rpartition(":")
        if not (host and port.isdecimal()):
            raise CommandError(f"{options['address']} is no address: write it as HOST:PORT")
        sealed = invite_federation(
            card,
            address=(host, int(port)),
            export=open_export(detach=True),
            home=settings.HOME,
            by=BY,
            at=timezone.now(),
        )
        options["to"].write_bytes(sealed)
        self.stdout.write(f"Invitation for {card.code} in {options['to']}; nobody else can open it.")
        self.stdout.write(f"fingerprint {fingerprint(own_card(at=timezone.now()))}")
        self.stdout.write("Keep running: aliquot publish")

    def _join(self, options: dict[str, Any]) -> None:
        try:
            invitation = open_invitation(options["file"].read_bytes(), home=settings.HOME)
        except OSError as fault:
            raise CommandError(f"{options['file']} cannot be read: {fault.strerror}") from fault
        _compared(invitation.card, options["fingerprint"])
        version = join_region(invitation, administrator=administrator_url(), by=BY, at=timezone.now())
        self.stdout.write(
            f"{invitation.card.code} is joined; its facts of version {version} are on their way."
        )


def _naming(parser: ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="small Latin letters, such as tula")
    parser.add_argument("--en", required=True, metavar="NAME", help="the name in English")
    parser.add_argument("--ru", required=True, metavar="NAME", help="the name in Russian")


def _knowing(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the other node's card, or its invitation")
    parser.add_argument("--fingerprint", default="", help="of the card, as its owner says it")


def _inviting(parser: ArgumentParser) -> None:
    _knowing(parser)
    parser.add_argument(
        "--address", required=True, metavar="HOST:PORT", help="where the federation reaches the export server"
    )
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the invitation")


def _compared(card: Card, said: str) -> Card:
    """The card, once somebody has compared its fingerprint by voice."""
    if not is_same_fingerprint(said, card):
        raise CommandError(
            f"Ask {card.code} by voice for its fingerprint, then run this again with\n"
            f'  --fingerprint "{fingerprint(card)}"\nonly if both are the same.'
        )
    return card


def _shown(node: Node) -> dict[str, Any]:
    named = {"code": node.code, "kind": node.kind, "name_en": node.name_en, "name_ru": node.name_ru}
    return {
        **named,
        "is_self": node.is_self,
        "known_at": node.known_at.isoformat(),
        "left_at": node.left_at.isoformat() if node.left_at else None,
        "keys": [_key_shown(one) for one in node.keys.order_by("purpose", "since")],
    }


def _key_shown(key: Any) -> dict[str, Any]:
    held = {"purpose": key.purpose, "public": key.public, "since": key.since.isoformat()}
    return {**held, "until": key.until.isoformat() if key.until else None}


def _object_in(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise CommandError(f"{file} cannot be read as a card: {fault}") from fault
