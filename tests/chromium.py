"""The browser of the journeys: found on the system, else installed, else named to the person who must install it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LAUNCH_FLAGS = (
    "--headless",
    "--no-sandbox",  # as root Chromium starts no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REMEDY = "No Chromium starts here. Install it (Debian: apt-get install chromium) or set ALIQUOT_CHROMIUM to its path."


def chromium_path() -> str:
    """Return the path of a Chromium that starts, installing one when there is none. Raises SystemExit with a remedy."""
    given = os.environ.get("ALIQUOT_CHROMIUM")
    for found in [lambda: given] if given else [_on_path, _from_debian, _from_playwright]:
        path = found()
        if path and _starts(path):
            return path
    raise SystemExit(REMEDY)


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _from_debian() -> str | None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-qy", "--no-install-recommends", "chromium"]
    if subprocess.run(install, check=False, env=quietly).returncode:
        subprocess.run([apt, "update", "-q"], check=False, env=quietly)
        subprocess.run(install, check=False, env=quietly)
    return _on_path()


def _from_playwright() -> str | None:
    path = _playwright_path()
    if path and not Path(path).exists():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return path


def _playwright_path() -> str | None:
    from playwright.sync_api import sync_playwright  # only when nothing else is there

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    try:
        return (
            subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60).returncode == 0
        )
    except OSError:
        return False


if __name__ == "__main__":
    print(chromium_path())  # noqa: T201  what the person who types make test sees
