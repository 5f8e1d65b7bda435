"""The publication: old clients can open it, readers are never disturbed, and it is the same every time."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import CommandLine
from filelock import FileLock

OLD_CLIENT = "duckdb==1.1.3"


@pytest.fixture(scope="module")
def old_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the oldest DuckDB client that a publication promises to serve."""
    folder = tmp_path_factory.mktemp("old_client")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), OLD_CLIENT]
    if subprocess.run(install, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"{OLD_CLIENT} cannot be installed here: no package index, or no wheel for this Python")
    return folder


def test_duckdb_1_1_can_read_it(demo: CommandLine, old_client: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(old_client)!r})\n"
        "import duckdb, json\n"
        f"connection = duckdb.connect({str(demo.publication)!r}, read_only=True)\n"
        "tables = [row[0] for row in connection.execute('show tables').fetchall()]\n"
        "counts = {table: connection.execute(f'select count(*) from {table}').fetchone()[0] for table in tables}\n"
        "print(json.dumps([duckdb.__version__, counts]))\n"
    )
    version, counts = json.loads(subprocess.check_output([sys.executable, "-c", program], text=True))
    assert version == "1.1.3"
    assert counts == json.loads(demo.succeed("info", "--json"))["row_counts"]
    assert counts["kpi_board"] > 200


def test_only_marts_are_published(demo: CommandLine) -> None:
    tables = demo.rows("select table_schema, table_name from information_schema.tables")
    assert {row["table_schema"] for row in tables} == {"main"}
    prefixes = {row["table_name"].split("_")[0] for row in tables}
    assert prefixes == {"dim", "fct", "kpi", "metric", "publication", "reconciliation", "rejected"}


def test_a_reader_keeps_the_publication_it_opened(demo_to_work_on: CommandLine) -> None:
    query = "select md5(string_agg(board::varchar, '|' order by month_start, metric)) from kpi_board as board"
    with duckdb.connect(str(demo_to_work_on.publication), read_only=True) as reader:
        before = reader.execute(query).fetchone()
        inode = demo_to_work_on.publication.stat().st_ino
        demo_to_work_on.succeed("publish")
        assert demo_to_work_on.publication.stat().st_ino != inode
        assert reader.execute(query).fetchone() == before


def test_old_publications_are_kept_up_to_five(demo_to_work_on: CommandLine) -> None:
    for _ in range(6):
        demo_to_work_on.succeed("publish")
    kept = sorted((demo_to_work_on.publication.parent / "publications").iterdir())
    assert len(kept) == 5
    assert (kept[-1] / "warehouse.duckdb").samefile(demo_to_work_on.publication)


def test_status_fits_a_screen_and_rollback_goes_back(demo_to_work_on: CommandLine) -> None:
    demo_to_work_on.succeed("publish")
    latest, before = status(demo_to_work_on)["publication"], status(demo_to_work_on)["others"][0]
    assert latest["sequence"] == before["sequence"] + 1
    shown = demo_to_work_on.succeed("status").splitlines()
    assert len(shown) <= 24
    assert f"  published    {latest['build_id']}, " in shown[1] and "as of        2026-09-18" in shown[2]
    assert any(line.startswith(f"  earlier      {before['build_id']}, ") for line in shown)
    assert before["build_id"] in demo_to_work_on.succeed("rollback")
    assert status(demo_to_work_on)["publication"]["build_id"] == before["build_id"]
    assert demo_to_work_on.value("select count(*) from kpi_board") > 200
    refused = demo_to_work_on.run("rollback", "999999")
    assert refused.returncode == 1 and f"Kept: {before['build_id'][:3]}" in refused.stderr
    demo_to_work_on.succeed("rollback", latest["build_id"])
    assert status(demo_to_work_on)["publication"] == latest


def test_a_second_run_is_told_to_wait(demo_to_work_on: CommandLine) -> None:
    with FileLock(demo_to_work_on.publication.parent / "lock"):
        refused = demo_to_work_on.run("publish")
    assert refused.returncode == 1
    assert "Another run is working on the workspace 'demo'" in refused.stderr


def test_a_build_with_nothing_new_writes_a_report_site_that_is_lost_and_nothing_else(
    demo_to_work_on: CommandLine,
) -> None:
    folder = demo_to_work_on.publication.parent
    shutil.rmtree(folder / "site")
    before = demo_to_work_on.publication.resolve()
    assert "Nothing has changed since the build of" in demo_to_work_on.succeed("build", "--no-report")
    assert not (folder / "site").exists()
    said = demo_to_work_on.succeed("build")
    assert "Nothing has changed since the build of" in said and "pages in four languages" in said
    assert (folder / "site" / "index.html").is_file()
    assert "pages in four languages" not in demo_to_work_on.succeed("build")
    assert demo_to_work_on.publication.resolve() == before
    assert "build, succeeded after" in demo_to_work_on.succeed("status").split("last run")[1].splitlines()[0]


def test_a_program_that_has_the_working_database_open_is_named(demo_to_work_on: CommandLine) -> None:
    before = demo_to_work_on.publication.read_bytes()
    working = demo_to_work_on.publication.with_name("working.duckdb")
    program = f"import duckdb, time; c = duckdb.connect({str(working)!r}); print('open', flush=True); time.sleep(120)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        refused = demo_to_work_on.run("build", "--force")
        other.kill()
    assert refused.returncode == 1
    assert "The working database is in use by" in refused.stderr and f"(PID {other.pid})" in refused.stderr
    assert len(refused.stderr) < 500
    assert demo_to_work_on.publication.read_bytes() == before


def test_two_builds_publish_the_same_bytes_also_after_one_was_killed(
    demo: CommandLine, demo_to_work_on: CommandLine
) -> None:
    """The manifests differ in what is a build's own: its number and time, and DuckDB's way to lay out a file."""
    killed = demo_to_work_on.start("build", "--force")
    # well into dbt: half of the demo's models are written by then
    wait_until(lambda: status(demo_to_work_on)["running"] and status(demo_to_work_on)["running"]["stage"] == "dbt")
    time.sleep(20)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert status(demo_to_work_on)["last_failure"]["outcome"] == "killed"
    demo_to_work_on.succeed("build")
    one, other = (
        json.loads((company.publication.parent / "manifest.json").read_text(encoding="utf-8"))
        for company in (demo, demo_to_work_on)
    )
    assert len(one["tables"]) > 90
    assert one["tables"] == other["tables"]
    assert {key for key in one if one[key] != other[key]} <= {"build", "database"}


def status(company: CommandLine) -> dict[str, Any]:
    return json.loads(company.succeed("status", "--json"))


def wait_until(is_so: Callable[[], Any]) -> None:
    until = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.2)
