"""`aliquot bench`: a small measurement runs to its end, and its counts agree. Nothing is timed here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.results.suite import ResultsWanted, require_lines
from tests.conftest import TEST_HOME
from tests.processes import MAIN, ROOT

SMALL = ["--results", "500", "--sample", "40", "--connections", "8", "--steady", "1", "--requests", "3"]


def bench(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    given = {"ALIQUOT_HOME": str(TEST_HOME), "PYTHONPATH": str(ROOT / "src"), **environ}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALIQUOT_")}
    return subprocess.run(
        [sys.executable, "-c", MAIN, "bench", *arguments],
        env={**clean, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.journey
def test_a_small_measurement_with_history_agrees_with_itself(django_db_setup: None, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    ended = bench("pipeline", *SMALL, "--history", "3000", "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(out.read_text())
    assert json.loads(ended.stdout) == found
    for part in ("pipeline", "steady"):
        counts, results = found[part]["counts"], found[part]["results"]
        assert counts["readings_sent"] == counts["filed"] == counts["results"] == results
        assert counts["released"] + counts["held"] == results
        assert counts["messages_acknowledged"] == counts["messages"] == counts["messages_filed"]
        assert counts["twice"] == 0
        assert counts["released"] > results * 0.9
        assert found[part]["first_byte_to_released"]["p50_ms"] > 0
    assert found["pipeline"]["results"] >= 500
    assert found["history"]["results"] >= 3000
    assert found["audit"]["whole"] is True
    assert found["audit"]["rows"] > 0
    assert found["row_by_row"]["results"] >= 40
    assert found["pages"]["500_tubes_accepted"]["rounds"] > 0
    assert found["machine"]["fsyncs_per_second"] > 0


@pytest.mark.journey
def test_control_in_the_path_and_over_a_year_is_measured(django_db_setup: None, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    small = [
        "--results",
        "400",
        "--connections",
        "8",
        "--controls",
        "900",
        "--year",
        "9000",
        "--requests",
        "2",
    ]
    ended = bench("quality", *small, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(out.read_text())
    path, year = found["path"], found["year"]
    assert [len(path[kind]) for kind in ("without", "with")] == [2, 2]
    assert path["share_lost_by_processor_time"] < 1
    assert all(run["share_released"] > 0.9 for kind in ("without", "with") for run in path[kind])
    assert year["controls"] >= 900
    assert year["points"] * 50 >= 9000
    assert {"board", "chart_year", "monitors", "monitor_year"} <= set(year["pages"])
    assert {"indicators", "indicator_time", "comparability", "binder"} <= set(year["pages"])
    assert year["figures"] > 365
    assert year["day_counted"]["max_ms"] > 0
    assert year["worst_p95_ms"] == max(one["p95_ms"] for one in year["pages"].values())


RESULTS = [
    "--results",
    "600",
    "--history",
    "2600",
    "--backtest",
    "2000",
    "--rules",
    "180",
    "--connections",
    "16",
]
PACED = ["--pace", "100", "--seconds", "4", "--requests", "2"]


@pytest.mark.journey
def test_results_are_measured_phase_by_phase(django_db_setup: None) -> None:
    ended = bench("results", *RESULTS, *PACED)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    assert found["rules"]["active"] == 180
    assert found["rules"]["delta"] > 1
    assert found["rules"]["indices"] > 10
    ours, bare = found["throughput"]["aliquot"], found["throughput"]["bare"]
    assert ours["counts"]["released"] > ours["results"] * 0.9
    assert ours["counts"]["filed"] > ours["results"]  # the indices of the tubes came beside
    assert bare["complete"]
    assert bare["results"] == ours["results"]
    # so few results may take the bare pipeline less than one tick of the processor's clock
    assert 0 <= found["throughput"]["share_of_bare_by_processor_time"] < 1
    assert found["throughput"]["with_earlier_value"] > 0
    assert found["latency"]["last_byte_to_released"]["p99_ms"] > 0
    assert found["latency"]["host_queries"]["queries"] == 10
    assert found["latency"]["host_queries"]["tests_each"] > 1
    assert found["latency"]["pages"]["requests"] == 2
    assert found["backtest"]["results"] >= 2000
    assert found["memory"]["second"]["results"] > found["memory"]["first"]["results"]
    assert found["memory"]["first"]["peak_mb"]["worker 1"] > 10
    assert found["audit"]["whole"] is True


@pytest.mark.journey
def test_one_phase_alone(django_db_setup: None) -> None:
    ended = bench("results", *RESULTS, "--only", "backtest")
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    assert "backtest" in found
    assert not {"throughput", "latency", "memory"} & set(found)


def test_it_refuses_a_database_that_is_in_use(django_db_setup: None) -> None:
    from django.conf import settings

    def address(alias: str) -> str:
        one = settings.DATABASES[alias]
        return f"postgresql://{one['USER']}:{one['PASSWORD']}@{one['HOST']}:{one['PORT']}/{one['NAME']}"

    ended = bench(
        "pipeline", *SMALL, "--here", ALIQUOT_OWNER_URL=address("owner"), ALIQUOT_APP_URL=address("default")
    )
    assert ended.returncode == 1
    assert "holds tables already" in ended.stderr


@pytest.mark.parametrize(("lines", "is_enough"), [(1, False), (8, False), (9, True), (50, True)])
def test_the_least_lines_of_the_latency_phase_are_asked_for(lines: int, *, is_enough: bool) -> None:
    wanted = ResultsWanted(phases=("latency",), connections=lines)
    if is_enough:
        require_lines(wanted)
    else:
        with pytest.raises(MeasurementError, match=f"--connections {lines} .* at least --connections 9"):
            require_lines(wanted)
    require_lines(ResultsWanted(phases=("throughput",), connections=lines))
