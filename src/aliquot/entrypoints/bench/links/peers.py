"""The other libraries: an environment of their own, made on demand; their figures, or why there are none."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aliquot.entrypoints.bench.links.captures import FEEDS, Capture, Family, Row

PROGRAM = Path(__file__).with_name("peer_program.py")
PEERS: Mapping[str, Family] = {"python-astm": "astm", "senaite.astm": "astm", "python-hl7": "hl7"}
PINNED = {"python-astm": "astm==0.5.0", "senaite.astm": "senaite.astm==1.0.0", "python-hl7": "hl7==0.4.5"}
IMPORTED = {"python-astm": "astm", "senaite.astm": "senaite.astm.protocol", "python-hl7": "hl7.mllp"}
# astm 0.5 looks for Iterable where it was before Python 3.10, even to be built
OLD_NAMES = "import collections, collections.abc as new\ncollections.Iterable = new.Iterable\n"
INSTALL_SECONDS = 120
DECODE_SECONDS = 300
WORDS = 300  # of an installer's complaint


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a library read in each feed, and streams a second."""

    rows: dict[str, dict[str, list[Row]]]
    streams_per_second: float


@dataclass(slots=True)
class Peers:
    """The environment in `home`; `absent` says why a library is not there."""

    home: Path
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    def has(self, peer: str) -> bool:
        """Whether it can be measured here."""
        return peer not in self.absent

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the environment where there is none and install what it lacks; never raises."""
        try:
            self._make()
        except (OSError, subprocess.SubprocessError) as fault:
            self.leave_out(f"no environment could be made: {fault}")
            return
        for peer in PEERS:
            if not self._answers(peer):
                say(f"installing {PINNED[peer]} ...")
                words = self._install(peer)
                if not self._answers(peer):
                    self.absent[peer] = words or "it was installed and cannot be imported"

    def leave_out(self, reason: str) -> None:
        """Measure none of them."""
        self.absent = dict.fromkeys(PEERS, reason)

    def versions(self) -> dict[str, str]:
        """What is measured against, or why it is not."""
        return {peer: self.absent.get(peer, PINNED[peer]) for peer in PEERS}

    def decode(
        self, peer: str, captures: Sequence[Capture], rate_on: Sequence[str], seconds: float
    ) -> Decoded:
        """Run the library over these captures in every feed, then for so many seconds on those named."""
        given = {
            "captures": {
                one.name: {feed: [piece.decode("latin-1") for piece in one.pieces(feed)] for feed in FEEDS}
                for one in captures
            },
            "rate_on": list(rate_on),
            "seconds": seconds,
        }
        ended = subprocess.run(  # noqa: S603 - our own program in the libraries' environment
            [self.python, PROGRAM, peer, "decode"],
            input=json.dumps(given),
            capture_output=True,
            check=True,
            text=True,
            timeout=DECODE_SECONDS,
        )
        found: dict[str, Any] = json.loads(ended.stdout)
        rows = {
            feed: {name: [tuple(row) for row in one] for name, one in found["rows"].get(feed, {}).items()}
            for feed in FEEDS
        }
        return Decoded(rows, found["messages_per_second"])

    def serve_call(self, peer: str) -> list[str | Path]:
        """The command, but for the port, that lets the library's server listen."""
        return [self.python, PROGRAM, peer, "serve"]

    def _make(self) -> None:
        if self.python.exists():
            return
        uv = _uv()
        call = [uv, "venv", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        subprocess.run([*call, self.home], check=True, capture_output=True, timeout=INSTALL_SECONDS)  # noqa: S603 - fixed words

    def _answers(self, peer: str) -> bool:
        code = f"{OLD_NAMES}import {IMPORTED[peer]}"
        return subprocess.run([self.python, "-c", code], capture_output=True, check=False).returncode == 0  # noqa: S603 - fixed words

    def _install(self, peer: str) -> str:
        """Install one; the last words of the installer when it failed."""
        shim = self.home / "old_names"
        shim.mkdir(exist_ok=True)
        (shim / "sitecustomize.py").write_text(OLD_NAMES, encoding="utf-8")
        uv = _uv()
        call: list[str | Path] = (
            [uv, "pip", "install", "--quiet", "--python", self.python]
            if uv
            else [self.python, "-m", "pip", "install", "--quiet"]
        )
        try:
            ended = subprocess.run(  # noqa: S603 - fixed words
                [*call, PINNED[peer]],
                env={**os.environ, "PYTHONPATH": str(shim)},
                capture_output=True,
                check=False,
                text=True,
                timeout=INSTALL_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as fault:
            return f"not installed: {fault}"
        return f"not installed: {ended.stderr.strip()[-WORDS:]}" if ended.returncode else ""


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")
