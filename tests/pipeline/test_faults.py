"""Two runs at once, killed runs, and working databases that are damaged: nothing to clean up by hand, ever."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from handmade import build, leftovers, new_company, seen_total
from small_disk import mounted, remount
from small_project import ORDERS, SmallProject
from warehouse import pipeline, runs, working
from warehouse.errors import WarehouseError
from warehouse.publication import publications, publish
from warehouse.runs import exclusive, read_runs
from warehouse.status import status_facts, status_lines
from warehouse.workspace import Workspace

# Holds the workspace, with a program that it started, until something comes in.
HOLDER = """
import sys
from pathlib import Path
from warehouse import child
from warehouse.runs import exclusive
from warehouse.workspace import Workspace, WorkspaceSettings
settings = WorkspaceSettings(systems={}, base_currency="EUR", reporting_timezone="UTC")
with exclusive(Workspace("acme", settings, Path(sys.argv[1])), "build") as run:
    run.stage("dbt")
    started = child.start([sys.executable, "-c", sys.argv[2]])
    print(started.pid, flush=True)
    input()
    started.kill()
    started.wait()
"""
SLEEP = "import time; time.sleep(600)"
# A system that does not kill a child with its parent.
SLEEP_ON = "import ctypes, time; ctypes.CDLL(None).prctl(1, 0); print(flush=True); time.sleep(600)"
# Publishes, for each number that comes in, in a process that kills itself at the step of that number that writes to the
# disk. It is forked from one that has imported everything and opened nothing.
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from warehouse.publication import publish
from warehouse.workspace import Workspace, WorkspaceSettings
def counted(function):
    def wrapped(*arguments, **options):
        global step
        step -= 1
        if step == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return wrapped
settings = WorkspaceSettings(systems={}, base_currency="EUR", reporting_timezone="UTC", kept_publications=2)
for line in sys.stdin:
    step = int(line)
    process = os.fork()
    if process == 0:
        for name in ("mkdir", "chmod", "rename", "replace", "symlink", "fsync", "unlink", "rmdir"):
            setattr(os, name, counted(getattr(os, name)))
        publish(Workspace("acme", settings, Path(sys.argv[1])))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    """A workspace that has published the total 100, and has it built and audited still."""
    workspace = new_company(tmp_path / "acme", kept_publications=2)
    publish(workspace)
    return workspace


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 MB."""
    with mounted(tmp_path / "disk", megabytes=64) as folder:
        yield folder


class Holder:
    """Another process that holds the workspace, and a program that it started."""

    def __init__(self, company: Workspace, program: str = SLEEP) -> None:
        command = [sys.executable, "-c", HOLDER, str(company.folder), program]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.child = int(self.process.stdout.readline())
        if program == SLEEP_ON:
            assert self.process.stdout.readline() == "\n"

    def end(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def wait_until(is_so: Callable[[], Any], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


# two at once


def test_the_second_is_told_who_holds_the_workspace(company: Workspace) -> None:
    holder = Holder(company)
    with pytest.raises(WarehouseError) as refused, exclusive(company, "publish"):
        pass
    message = str(refused.value)
    assert f"`warehouse build` (PID {holder.process.pid}), since " in message
    assert re.search(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, at stage 'dbt'", message)
    shown = "\n".join(status_lines(status_facts(company)))
    assert f"running      build (PID {holder.process.pid})" in shown and "at stage 'dbt'" in shown
    holder.end()
    holder.process.wait()


def test_the_second_waits_as_long_as_it_is_told(company: Workspace) -> None:
    holder = Holder(company)
    started = time.monotonic()
    with pytest.raises(WarehouseError, match="did not end within 1 seconds"):
        pipeline.publish_audited(company, wait=1)
    assert time.monotonic() - started >= 1
    threading.Timer(1, holder.end).start()
    assert pipeline.publish_audited(company, wait=60).build_id.startswith("000002-")
    holder.process.wait()


# killed


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next run waits for the child to end")
@pytest.mark.parametrize("kill", [Holder.kill, lambda holder: os.killpg(holder.process.pid, signal.SIGKILL)])
def test_what_a_killed_run_started_is_gone_too(company: Workspace, kill: Callable[[Holder], None]) -> None:
    holder = Holder(company)
    assert is_alive(holder.child)
    kill(holder)
    wait_until(lambda: not is_alive(holder.child))
    wait_until(lambda: status_facts(company)["last_failure"])
    assert status_facts(company)["last_failure"]["outcome"] == "killed"
    with exclusive(company):
        assert [run.outcome for run in read_runs(company)] == ["killed", "running"]
    shown = "\n".join(status_lines(status_facts(company)))
    assert "last failure build, killed at stage 'dbt'" in shown


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux not to kill the child")
def test_where_it_lives_on_the_next_run_waits_for_it(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Holder(company, SLEEP_ON)
    holder.kill()
    assert is_alive(holder.child)
    monkeypatch.setattr(runs, "ENDING_SECONDS", 1)
    with (
        pytest.raises(WarehouseError, match=r"what `warehouse build` \(PID \d+, killed\) had started"),
        exclusive(company),
    ):
        pass
    monkeypatch.setattr(runs, "ENDING_SECONDS", 30)
    threading.Timer(1, lambda: os.kill(holder.child, signal.SIGKILL)).start()
    with exclusive(company):
        assert not is_alive(holder.child)


def test_a_publish_killed_at_any_step_leaves_a_whole_publication(company: Workspace) -> None:
    total, step, outcomes, ended = 100, 0, set(), -signal.SIGKILL
    command = [sys.executable, "-c", KILLED_AT, str(company.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as publisher:
        while ended == -signal.SIGKILL:
            step += 1
            build(company, total + 10)
            print(step, file=publisher.stdin, flush=True)
            ended = int(publisher.stdout.readline())
            seen = seen_total(company)
            assert seen in (total, total + 10)
            outcomes.add(seen - total)
            publish(company)
            total += 10
            assert seen_total(company) == total
            assert leftovers(company) == []
            assert len(publications(company)) == 2
        publisher.stdin.close()
    assert ended == 0
    # it was killed before and after the new one became current
    assert step > 20 and outcomes == {0, 10}


def test_what_a_killed_run_spilled_is_removed(company: Workspace) -> None:
    spilled = company.folder / "tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    spilled.parent.mkdir(exist_ok=True)
    spilled.write_bytes(bytes(1000))
    with exclusive(company):
        assert not spilled.exists()


# the record


def test_a_run_stopped_from_the_keyboard_says_so(company: Workspace) -> None:
    with pytest.raises(KeyboardInterrupt), exclusive(company, "build") as run:
        run.stage("dbt")
        raise KeyboardInterrupt
    failure = status_facts(company)["last_failure"]
    assert (failure["outcome"], failure["stage"]) == ("failed", "dbt") and "from the keyboard" in failure["error"]


def test_a_failure_stays_on_the_screen_until_it_is_overcome(company: Workspace) -> None:
    with pytest.raises(WarehouseError), exclusive(company, "build") as run:
        run.stage("audit")
        raise WarehouseError("The audit failed; the publication is unchanged.\n  fct_orders.outsized: order 7")
    with exclusive(company, "load"):
        pass
    shown = "\n".join(status_lines(status_facts(company)))
    assert "last run     load, succeeded" in shown
    assert "last failure build, failed" in shown and "fct_orders.outsized: order 7" in shown
    assert "has succeeded since" not in shown
    with exclusive(company, "build"):
        pass
    assert "a build has succeeded since" in "\n".join(status_lines(status_facts(company)))
    assert len(shown.splitlines()) < 25


def test_a_failure_without_words_is_one(company: Workspace) -> None:
    with pytest.raises(WarehouseError), exclusive(company, "build"):
        raise WarehouseError("")
    assert status_facts(company)["last_failure"]["outcome"] == "failed"


def test_an_erasure_takes_away_what_failed_runs_said_of_rows(company: Workspace) -> None:
    with pytest.raises(WarehouseError), exclusive(company, "build"):
        raise WarehouseError("test not_null_x: Got 1 result\n    row: contact_id flat_file:C1")
    record = company.folder / "runs.json"
    assert "C1" in record.read_text(encoding="utf-8")
    with exclusive(company, "erase") as run:
        run.forget_reasons()
    assert "C1" not in record.read_text(encoding="utf-8")
    assert status_facts(company)["last_failure"]["outcome"] == "failed"


@pytest.mark.parametrize("content", ["", "{", '[{"number": 1}]', "\0\0\0"])
def test_a_damaged_record_stops_nothing(company: Workspace, content: str) -> None:
    (company.folder / "runs.json").write_text(content)
    (company.folder / "audited.json").write_text(content)
    assert status_facts(company)["last_run"] is None
    with pytest.raises(WarehouseError, match="has not passed its audit"):
        pipeline.publish_audited(company)
    build(company, 200)
    pipeline.publish_audited(company)
    assert seen_total(company) == 200


def test_no_more_runs_are_recorded_than_needed(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT_RUNS", 3)
    for _ in range(5):
        with exclusive(company):
            pass
    assert [run.number for run in read_runs(company)] == [3, 4, 5]


# damaged working databases


def overwrite(path: Path, start: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"a text"),
        lambda path: path.write_bytes(noise(100_000)),
        lambda path: path.write_bytes(path.read_bytes()[:20_000]),
        lambda path: overwrite(path, 4096, noise(8192)),
        lambda path: overwrite(path, 12_288, noise(path.stat().st_size - 12_288)),
        lambda path: path.with_name("working.duckdb.wal").write_bytes(noise(5000)),
    ],
    ids=["empty", "a text", "noise", "cut off", "headers", "blocks", "log"],
)
def test_a_damaged_working_database_is_set_aside(company: Workspace, damage: Callable[[Path], None]) -> None:
    damage(company.working_database)
    aside = working.set_aside_if_damaged(company)
    if aside is not None:
        assert aside.exists() and not company.working_database.exists()
    # whether DuckDB could make sense of it or not, the next build works
    assert working.set_aside_if_damaged(company) is None
    build(company, 200)
    pipeline.publish_audited(company)
    assert seen_total(company) == 200


def test_a_sound_one_stays(company: Workspace) -> None:
    before = company.working_database.read_bytes()
    assert working.set_aside_if_damaged(company) is None
    assert len(company.working_database.read_bytes()) == len(before)
    with duckdb.connect(str(company.working_database), read_only=True) as connection:
        assert connection.execute("from marts.kpi_totals").fetchall() == [(100,)]


def test_damage_found_while_publishing_is_set_aside_too(company: Workspace) -> None:
    with duckdb.connect(str(company.working_database)) as connection:
        connection.execute("create table marts.fct_large as select hash(id) as key from range(500000) as t(id)")
    build(company, 200)
    size = company.working_database.stat().st_size
    overwrite(company.working_database, size // 2, noise(size // 4))
    with pytest.raises(WarehouseError, match=r"is damaged and was set aside as .*working.damaged.duckdb"):
        pipeline.publish_audited(company)
    assert seen_total(company) == 100
    assert "is damaged" in status_facts(company)["last_failure"]["error"]
    assert not company.working_database.exists()
    build(company, 300)
    pipeline.publish_audited(company)
    assert seen_total(company) == 300


def test_one_that_a_program_has_open_is_not_taken_for_damaged(company: Workspace) -> None:
    program = f"import duckdb; c = duckdb.connect({str(company.working_database)!r}); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(WarehouseError, match=rf"in use by .*\(PID {other.pid}\)"):
            working.set_aside_if_damaged(company)
        with pytest.raises(WarehouseError, match="in use by another program"):
            publish(company)
        other.kill()
    assert company.working_database.exists()


# whole builds, of the small project


def test_a_build_sets_a_damaged_working_database_aside_and_goes_on(tmp_path: Path) -> None:
    small = SmallProject.copied_to(tmp_path)
    small.load(1, amount=7)
    (small.folder / "working.duckdb").write_bytes(noise(50_000))
    said = small.succeed("build")
    assert "it was set aside as" in said and (small.folder / "working.damaged.duckdb").stat().st_size == 50_000
    assert small.manifest()["tables"]["fct_orders"]["rows"] == ORDERS


def test_a_failed_test_names_rows_and_says_what_to_do(tmp_path: Path) -> None:
    small = SmallProject.copied_to(tmp_path)
    small.load(1, amount=7)
    model = small.project / "models" / "marts" / "reconciliation.sql"
    model.write_text(model.read_text(encoding="utf-8").replace("0 as rejected_rows", "3 as rejected_rows"))
    tests = small.project / "models" / "marts" / "tests_of_reconciliation.yml"
    tests.write_text("""
models:
  - name: reconciliation
    columns:
      - name: rejected_rows
        data_tests: [accepted_values: {arguments: {values: [0]}, description: Take the wrong load back.}]
""")
    refused = small.run("build")
    assert refused.returncode == 1
    named = (
        r"test accepted_values_reconciliation_\w+: Got 1 result.*\n +Take the wrong load back.\n +row: value_field 3"
    )
    assert re.search(named, refused.stdout), refused.stdout


def test_a_build_on_a_full_disk_says_so_and_the_next_one_works(small_disk: Path, tmp_path: Path) -> None:
    small = SmallProject.copied_to(tmp_path, small_disk)
    small.load(1, amount=7)
    small.succeed("build")
    small.load(2, amount=11)
    before = small.manifest()
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        while shutil.disk_usage(small_disk).free > 300_000:
            file.write(bytes(100_000))
            file.flush()
    refused = small.run("build")
    assert refused.returncode == 1
    assert re.search(r"The disk that holds .* is full \(.* MB free\)", refused.stdout), refused.stdout
    assert small.manifest() == before
    ballast.unlink()
    small.succeed("build")
    ((load, amount),) = (
        duckdb.connect(str(small.folder / "warehouse.duckdb"), read_only=True)
        .execute("select load_number, amount from kpi_totals")
        .fetchall()
    )
    assert (load, amount) == (2, 11 * ORDERS)


def test_a_build_in_a_read_only_folder_says_so(small_disk: Path, tmp_path: Path) -> None:
    small = SmallProject.copied_to(tmp_path, small_disk)
    small.load(1, amount=7)
    remount(small_disk, "ro")
    refused = small.run("build")
    assert refused.returncode == 1
    assert f"Cannot write to {small.folder}" in refused.stdout and "Traceback" not in refused.stdout
    remount(small_disk, "rw")
