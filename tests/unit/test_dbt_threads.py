"""Large data are built one node at a time, so that each has all memory (warehouse.dbt)."""

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console
from warehouse import dbt
from warehouse.workspace import Workspace, open_workspace


@pytest.mark.parametrize(("megabytes", "threads"), [(0, []), (200, []), (201, ["1"])])
def test_only_large_data_are_built_one_node_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, megabytes: int, threads: list[str]
) -> None:
    workspace = Workspace("some", open_workspace("demo").settings, tmp_path / "some")
    for name, size in {"a": 1_000_000 * (megabytes // 2), "b": 1_000_000 * (megabytes - megabytes // 2)}.items():
        file = workspace.raw_lake / name / "rows.parquet"
        file.parent.mkdir(parents=True)
        with file.open("wb") as written:
            written.truncate(size)  # takes no room on the disk
    said = tmp_path / "said.json"
    program = "import json, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:]))"
    monkeypatch.setattr(dbt, "DBT", (sys.executable, "-c", program, str(said)))
    dbt.build_with_progress(workspace, ["--full-refresh"], Console(quiet=True))
    arguments = json.loads(said.read_text())
    assert [value for name, value in pairwise(arguments) if name == "--threads"] == threads
    assert {"build", "--full-refresh"} <= set(arguments)
