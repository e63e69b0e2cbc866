import subprocess
from pathlib import Path

import pytest

from tests.chromium import LAUNCH_FLAGS, chromium_path


@pytest.mark.journey
def test_the_browser_that_was_found_draws_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<meta charset=utf-8><p id=a><script>a.textContent = 'проб' + 'ирка'</script>", encoding="utf-8"
    )
    command = [
        chromium_path(),
        *LAUNCH_FLAGS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        page.as_uri(),
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert '<p id="a">пробирка</p>' in said


def test_a_named_browser_that_does_not_start_is_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALIQUOT_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(SystemExit, match="ALIQUOT_CHROMIUM"):
        chromium_path()
