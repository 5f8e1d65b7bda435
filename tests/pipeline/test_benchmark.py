"""`warehouse benchmark` at the smallest scale: it runs, compares like with like, and writes what it promises."""

import json
import os
import subprocess

import pytest
from command_line import WAREHOUSE

KEYS = {
    "full_build_over_floor", "peak_memory_gb", "growth_exponent", "day_on_365_over_day_on_30", "day_over_full_build",
    "polars_over_ours", "pandas_over_ours", "dbt_ms_per_node", "board_p95_ms", "events",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("benchmark")
    process = subprocess.run(
        [
            str(WAREHOUSE), "benchmark", "--events", "20000", "--days", "3,8", "--output", str(folder),
            "--folder", str(folder / "work"),
        ],
        env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    assert not (folder / "work").exists()
    assert "# Benchmark" in (folder / "results.md").read_text(encoding="utf-8")
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_the_results_have_the_keys(results: dict) -> None:
    assert set(results) >= KEYS
    assert all(isinstance(results[key], int | float) for key in KEYS)


def test_all_count_the_same_sessions(results: dict) -> None:
    for size in results["sizes"]:
        assert size["events"] > 1000
        assert size["floor"]["equals_ours"]
        assert size["polars"]["equals_ours"]
        assert size["pandas"]["equals_ours"]
        assert size["polars"]["funnel"] == size["pandas"]["funnel"]


def test_one_more_day_gives_what_a_full_refresh_gives(results: dict) -> None:
    assert [size["days"] for size in results["sizes"]] == [3, 8]
    for size in results["sizes"]:
        assert size["day"]["events"] > 0
        assert size["day"]["equals_full_refresh"]
