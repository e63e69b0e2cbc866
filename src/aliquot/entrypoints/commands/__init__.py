"""The `aliquot` command line: our commands first, Django's own beneath them."""

import importlib
import importlib.util
import os
import pkgutil
import sys
from contextlib import suppress
from pathlib import Path

from aliquot.foundation.secret_files import secret_of

WITHOUT_DATABASE = {
    "calc",
    "study",
    "decode",
    "eqa",
    "qc",
    "simulate",
    "help",
    "--help",
    "--version",
    "makemessages",
    "compilemessages",
}
PARTS_WITHOUT_DATABASE = {("handover", "key"), ("handover", "verify"), ("handover", "view")}


def main(arguments: list[str] | None = None) -> None:
    """Run one command of ours, or of Django's when we have none by that name."""
    argv = list(sys.argv if arguments is None else ["aliquot", *arguments])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aliquot.config.settings")
    name = argv[1] if len(argv) > 1 else "help"
    if name in {"help", "--help", "-h"}:
        _print_help()
        return
    if name not in WITHOUT_DATABASE and tuple(argv[1:3]) not in PARTS_WITHOUT_DATABASE:
        _compile_translations()
        open_database()
    _run(name, argv)


def open_database() -> None:
    """Find or start the database server and leave its addresses where the settings read them."""
    if "ALIQUOT_APP_URL" in os.environ and "ALIQUOT_OWNER_URL" in os.environ:
        return
    from aliquot.foundation.postgres import PostgresUnavailable, connect_urls

    home = Path(os.environ.setdefault("ALIQUOT_HOME", str(Path(".aliquot").resolve())))
    try:
        urls = connect_urls(home, os.environ)
    except PostgresUnavailable as fault:
        raise SystemExit(f"aliquot: {fault}") from fault
    os.environ["ALIQUOT_APP_URL"] = urls.app_url
    os.environ["ALIQUOT_OWNER_URL"] = urls.owner_url
    _keep_secret_key(home)


def _compile_translations() -> None:
    from aliquot.foundation.translations import compile_catalogues

    with suppress(PermissionError):  # an installed package may be read-only; then they came compiled
        compile_catalogues()


def _keep_secret_key(home: Path) -> None:
    if os.environ.get("ALIQUOT_SECRET_KEY") or os.environ.get("ALIQUOT_SECRET_KEY_FILE"):
        return
    from django.core.management.utils import get_random_secret_key

    secret_of(home / "secrets" / "django", get_random_secret_key)


def _run(name: str, argv: list[str]) -> None:
    import django
    from django.core.management import execute_from_command_line

    if importlib.util.find_spec(f"{__name__}.{name.replace('-', '_')}") is None:
        execute_from_command_line(argv)
        return
    django.setup()
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    module.Command().run_from_argv(argv)


def _print_help() -> None:
    print("usage: aliquot COMMAND [options]\n\nCommands:")
    for one in pkgutil.iter_modules(__path__):
        summary = importlib.util.find_spec(f"{__name__}.{one.name}")
        first = (
            Path(summary.origin).read_text(encoding="utf-8").splitlines()[0]
            if summary and summary.origin
            else ""
        )
        print(f"  {one.name.replace('_', '-'):<12} {first.strip(chr(34)).removesuffix('.')}")
    print("\nDjango's own commands work too: aliquot check, aliquot dbshell, aliquot shell.")
