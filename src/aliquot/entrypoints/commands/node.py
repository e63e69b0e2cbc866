"""Name this node, show who it is, exchange cards with other nodes."""

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
from aliquot.oversight.federation.actions import introduce_node, name_node, renew_signing_key
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries import own_card
from aliquot.oversight.federation.rules.nodes import (
    Unusable,
    card_values,
    fingerprint,
    is_same_fingerprint,
    read_card,
)

BY = system_actor("node")


class Command(BaseCommand):
    """`aliquot node name|show|key|card|know`."""

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

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with acting(BY, reason="aliquot node"):
                getattr(self, f"_{options['what']}")(options)
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
        card = read_card(_object_in(options["file"]))
        if not is_same_fingerprint(options["fingerprint"], card):
            raise CommandError(
                f"Ask {card.code} by voice for its fingerprint, then run this again with\n"
                f'  --fingerprint "{fingerprint(card)}"\nonly if both are the same.'
            )
        introduce_node(card, by=BY, at=timezone.now())
        self.stdout.write(f"{card.code} ({card.kind}) is known here.")


def _naming(parser: ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="small Latin letters, such as tula")
    parser.add_argument("--en", required=True, metavar="NAME", help="the name in English")
    parser.add_argument("--ru", required=True, metavar="NAME", help="the name in Russian")


def _knowing(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the other node's card")
    parser.add_argument("--fingerprint", default="", help="of the card, as its owner says it")


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
