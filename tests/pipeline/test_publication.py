"""The publication: old clients can open it, readers are never disturbed, and it is the same every time."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

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
    assert kept[-1].samefile(demo_to_work_on.publication)


def test_a_second_run_is_told_to_wait(demo_to_work_on: CommandLine) -> None:
    with FileLock(demo_to_work_on.publication.parent / "lock"):
        refused = demo_to_work_on.run("publish")
    assert refused.returncode == 1
    assert "Another run is working on the workspace 'demo'" in refused.stderr


def test_a_program_that_has_the_working_database_open_is_named(demo_to_work_on: CommandLine) -> None:
    before = demo_to_work_on.publication.read_bytes()
    working = demo_to_work_on.publication.with_name("working.duckdb")
    program = f"import duckdb, time; c = duckdb.connect({str(working)!r}); print('open', flush=True); time.sleep(120)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        refused = demo_to_work_on.run("build")
        other.kill()
    assert refused.returncode == 1
    assert "The working database is in use by" in refused.stderr and f"(PID {other.pid})" in refused.stderr
    assert len(refused.stderr) < 500
    assert demo_to_work_on.publication.read_bytes() == before


def test_two_builds_publish_the_same_numbers(demo: CommandLine, demo_to_work_on: CommandLine) -> None:
    def digests(publication: Path) -> dict[str, str]:
        found = {}
        with duckdb.connect(str(publication), read_only=True) as connection:
            for (table,) in connection.execute("show tables").fetchall():
                rows = connection.execute(f"select row::varchar from {table} as row order by 1").fetchall()
                found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found

    demo_to_work_on.succeed("build")
    assert digests(demo_to_work_on.publication) == digests(demo.publication)
