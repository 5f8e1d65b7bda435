"""Publishing a database made by hand: layout, manifest, going back, retention, clocks, and disks that fail."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from handmade import CHECKS, CODE, build, leftovers, new_company, pass_audit, seen_total
from small_disk import mounted, remount
from warehouse import faults, pipeline, publication, working
from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT
from warehouse.publication import current_publication, open_publication, publications, publish
from warehouse.status import status_facts, status_lines
from warehouse.workspace import Workspace


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    """A workspace whose working database passed its audit: its total is 100."""
    return new_company(tmp_path / "acme")


def test_one_folder_holds_the_database_its_tables_as_parquet_and_the_manifest(company: Workspace) -> None:
    published = publish(company)
    names = ("fct_orders", "kpi_totals", "publication_info", "rejected_rows")
    files = {str(path.relative_to(published.folder)) for path in published.folder.rglob("*") if path.is_file()}
    assert files == {"warehouse.duckdb", "manifest.json", *(f"parquet/{name}.parquet" for name in names)}
    manifest = json.loads((company.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["build"]["id"] == f"000001-{manifest['content'][:12]}" == published.folder.name
    assert manifest["build"]["sequence"] == 1 and manifest["build"]["follows"] is None
    assert manifest["as_of_on"] == "2026-01-31" and manifest["base_currency"] == "EUR"
    assert manifest["checks"] == CHECKS
    assert manifest["rejected"] == [
        {"system_name": "shop", "table_name": "orders", "reason": "repeated_key", "rows": 2}
    ]
    assert manifest["code"] == CODE
    assert {name: table["rows"] for name, table in manifest["tables"].items()} == dict(
        zip(names, (10, 1, 1, 2), strict=True)
    )
    for entry in [manifest["database"], *manifest["tables"].values()]:
        content = (company.folder / "current" / entry["file"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert company.publication.readlink() == Path("current/warehouse.duckdb")


def test_parquet_says_the_same_as_the_database(company: Workspace) -> None:
    publish(company)
    with duckdb.connect() as reader:
        reader.execute(f"attach '{company.publication}' as published (read_only)")
        for (name,) in reader.execute(
            "select table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall():
            both = (f"published.main.{name}", f"'{company.folder}/parquet/{name}.parquet'")
            one, other = (reader.execute(f"from {table}").fetchall() for table in both)
            assert one == other != []


def test_the_same_rows_in_another_order_are_the_same_bytes(company: Workspace) -> None:
    first = publish(company)
    build(company, 100, order="desc")
    second = publish(company)
    assert second.build_id == f"000002-{first.build_id[7:]}"
    for table in first.manifest["tables"].values():
        assert (first.folder / table["file"]).read_bytes() == (second.folder / table["file"]).read_bytes()
    own = ("build", "database")
    assert {k: v for k, v in first.manifest.items() if k not in own} == {
        k: v for k, v in second.manifest.items() if k not in own
    }
    build(company, 110)
    assert publish(company).manifest["content"] != first.manifest["content"]


def test_a_large_table_is_the_same_bytes_too(company: Workspace) -> None:
    rows = "select hash(id) as key, id % 7 as kind, 'order ' || id as name from range(400000) as t(id)"
    digests = set()
    for order in ("id", "id desc"):
        with duckdb.connect(str(company.working_database)) as connection:
            connection.execute(f"create or replace table marts.fct_large as {rows} order by {order}")
        pass_audit(company)
        digests.add(publish(company).manifest["tables"]["fct_large"]["sha256"])
    assert len(digests) == 1


def test_what_changed_after_its_audit_is_not_published_whatever_the_clock_says(company: Workspace) -> None:
    publish(company)
    before = company.working_database.stat()
    with duckdb.connect(str(company.working_database)) as connection:
        connection.execute("update marts.kpi_totals set total = 999")
    os.utime(company.working_database, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert company.working_database.stat().st_mtime_ns == before.st_mtime_ns
    with pytest.raises(WarehouseError, match="has not passed its audit"):
        pipeline.publish_audited(company)
    assert not pipeline.is_audited(company)
    assert seen_total(company) == 100


def test_the_table_of_a_deleted_model_is_not_published(company: Workspace) -> None:
    node = {"resource_type": "model", "schema": "marts"}
    names = ("fct_orders", "kpi_totals", "publication_info", "rejected_rows")
    company.target.mkdir()
    (company.target / "manifest.json").write_text(json.dumps({"nodes": {n: {**node, "alias": n} for n in names}}))
    with duckdb.connect(str(company.working_database)) as connection:
        connection.execute("create table marts.kpi_of_last_year as select 1 as wrong")
    pass_audit(company)
    assert set(publish(company).row_counts) == set(names)


def test_a_publication_cannot_be_written_by_a_tool_that_opens_it(company: Workspace) -> None:
    published = publish(company)
    modes = {path.stat().st_mode & 0o777 for path in published.folder.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_one_process_can_have_the_old_and_the_new_one_open(company: Workspace) -> None:
    publish(company)
    with open_publication(company) as old:
        build(company, 200)
        publish(company)
        with open_publication(company) as new:
            assert new.execute("from kpi_totals").fetchall() == [(200,)]
            assert old.execute("from kpi_totals").fetchall() == [(100,)]


def test_a_publication_that_goes_while_it_is_opened_is_opened_anew(
    company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = publish(company).folder
    connect = duckdb.connect

    def slow_connect(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        if options.get("read_only") and old.exists():
            monkeypatch.undo()
            build(company, 200)
            publish(company)
            shutil.rmtree(old)
        return connect(*arguments, **options)

    monkeypatch.setattr(publication.duckdb, "connect", slow_connect)
    with open_publication(company) as reader:
        assert reader.execute("from kpi_totals").fetchall() == [(200,)]


# going back


@pytest.fixture
def three(company: Workspace) -> Workspace:
    """Three publications, with the totals 100, 200 and 300."""
    publish(company)
    for total in (200, 300):
        build(company, total)
        publish(company)
    return company


def test_rollback_goes_one_back_each_time_and_forward_by_name(three: Workspace) -> None:
    latest = current_publication(three).build_id
    assert pipeline.rollback(three).build_id.startswith("000002-") and seen_total(three) == 200
    pipeline.rollback(three)
    assert seen_total(three) == 100
    with pytest.raises(WarehouseError, match="no earlier publication"):
        pipeline.rollback(three)
    pipeline.rollback(three, latest)
    assert seen_total(three) == 300
    pipeline.rollback(three, "2")
    assert seen_total(three) == 200
    pipeline.rollback(three, "000001")
    assert seen_total(three) == 100
    # what comes next is newer than all there were, not than the one gone back to
    build(three, 400)
    assert publish(three).build_id.startswith("000004-") and seen_total(three) == 400


def test_rollback_takes_nothing_but_a_publication(three: Workspace) -> None:
    for build_id in ("9", "", "00000", "../publications", "/etc"):
        with pytest.raises(WarehouseError, match="Kept: 000001-"):
            pipeline.rollback(three, build_id)
    assert seen_total(three) == 300


def test_rollback_refuses_a_publication_that_was_changed(three: Workspace) -> None:
    changed = publications(three)[1].folder / "parquet" / "kpi_totals.parquet"
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    with pytest.raises(WarehouseError, match=r"not as it was published: parquet/kpi_totals.parquet"):
        pipeline.rollback(three)
    assert seen_total(three) == 300


# retention


def test_no_more_are_kept_than_the_workspace_says(three: Workspace) -> None:
    build(three, 400)
    publish(three)
    assert [found.build_id[:6] for found in publications(three)] == ["000002", "000003", "000004"]
    assert leftovers(three) == []


def test_the_current_publication_is_kept_however_old(three: Workspace) -> None:
    pipeline.rollback(three, "1")
    publication.retire(replace(three, settings=three.settings.model_copy(update={"kept_publications": 1})))
    assert [found.build_id[:6] for found in publications(three)] == ["000001", "000003"]
    assert seen_total(three) == 100


@pytest.mark.skipif(
    sys.platform != "linux", reason="asks Linux who has a file open; elsewhere the reader keeps the file"
)
def test_a_publication_that_is_being_read_is_kept(three: Workspace) -> None:
    oldest = publications(three)[0].folder / "warehouse.duckdb"
    with reading(oldest):
        build(three, 400)
        publish(three)
        assert oldest.exists()
    build(three, 500)
    publish(three)
    assert not oldest.exists()
    assert [found.build_id[:6] for found in publications(three)] == ["000003", "000004", "000005"]


def reading(database: Path) -> subprocess.Popen[bytes]:
    """Another process that has a database open until the end of the `with`."""
    program = (
        f"import duckdb, sys; c = duckdb.connect({str(database)!r}, read_only=True); print(1, flush=True); input()"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def test_files_of_the_layout_before_are_replaced_and_retired(company: Workspace) -> None:
    company.publications.mkdir()
    company.publication.write_bytes(b"as before")
    for number in (1, 2, 3):
        (company.publications / f"00000{number}.duckdb").write_bytes(b"as before")
    assert publish(company).build_id.startswith("000004-")
    assert seen_total(company) == 100
    kept = sorted(path.name[:6] for path in company.publications.iterdir())
    assert kept == ["000002", "000003", "000004"]


def test_a_copy_that_took_folders_for_links_is_published_to_again(three: Workspace, tmp_path: Path) -> None:
    copy = replace(three, folder=tmp_path / "copy")
    shutil.copytree(three.folder, copy.folder, symlinks=False)
    assert current_publication(copy).build_id[:6] == "000003" and seen_total(copy) == 300
    assert [fact["build_id"][:6] for fact in status_facts(copy)["others"]] == ["000002", "000001"]
    pipeline.rollback(copy)
    assert seen_total(copy) == 200
    build(copy, 400)
    publish(copy)
    assert seen_total(copy) == 400
    assert copy.publication.is_symlink() and leftovers(copy) == []


# clocks


def test_a_clock_set_back_makes_nothing_older(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "now", lambda: "1999-12-31T23:59:59Z")
    build(three, 400)
    publish(three)
    monkeypatch.setattr(publication, "now", lambda: "2099-12-31T23:59:59Z")
    build(three, 500)
    publish(three)
    assert seen_total(three) == 500
    assert [found.build_id[:6] for found in publications(three)] == ["000003", "000004", "000005"]
    shown = "\n".join(status_lines(status_facts(three)))
    assert "which this machine's clock has not reached" in shown
    pipeline.rollback(three)
    assert seen_total(three) == 400


# faults at every step


def failing_at(step: int, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None]) -> Callable[[], int]:
    """Makes the n-th step that writes to the disk fail. Returns a function that says how many there were."""
    done = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                fail()
            return function(*arguments, **options)

        return wrapped

    for name in ("mkdir", "rename", "replace", "symlink", "fsync"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    return lambda: done


def test_a_disk_that_fails_at_any_step_leaves_a_whole_publication(
    company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    publish(company)
    total, step, failures = 100, 0, 0
    while True:
        step += 1
        build(company, total + 10)
        with monkeypatch.context() as patch:
            steps = failing_at(step, patch, fail)
            try:
                publish(company)
            except OSError:
                failures += 1
        assert seen_total(company) in (total, total + 10)
        assert [name for name in leftovers(company) if not name.endswith(".old")] == []
        if steps() < step:
            break
        publish(company)
        total += 10
        assert seen_total(company) == total
        assert leftovers(company) == []
    assert failures > 10


def test_the_version_of_the_code_is_that_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    version = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["version"]
    assert working.code_version()["version"] == version
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@shop.example")
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tmp_path, text=True).strip()
    monkeypatch.setattr(working, "PROJECT_ROOT", tmp_path.resolve())
    assert working.code_version() == {"version": version, "commit": head, "is_changed": False}
    # a project unpacked inside somebody's checkout
    (tmp_path / "project").mkdir()
    monkeypatch.setattr(working, "PROJECT_ROOT", tmp_path.resolve() / "project")
    assert working.code_version() == {"version": version, "commit": None, "is_changed": False}


def test_only_what_is_wrong_with_the_folder_is_said_of_it(tmp_path: Path) -> None:
    said = {
        f"[Errno 13] Permission denied: '{tmp_path}/lock'": f"Cannot write to {tmp_path}. Make it writable",
        f"[Errno 30] Read-only file system: '{tmp_path}/tmp'": f"Cannot write to {tmp_path}. Make it writable",
        "[Errno 13] Permission denied: '/home/ann/orders.csv'": None,
        "IO Error: Could not write file: No space left on device": f"The disk that holds {tmp_path} is full",
        "Out of Memory Error: failed to allocate data of size 1 GiB": "The memory did not suffice",
        "Binder Error: no column of this name": None,
    }
    for text, expected in said.items():
        found = faults.advice(tmp_path, text)
        assert found is None if expected is None else found.startswith(expected)
    full = "CHECKPOINT failed, the database has been invalidated: No space left on device"
    assert faults.is_damaged("IO Error: Corrupt database file: computed checksum 1") and not faults.is_damaged(full)


def test_a_full_disk_is_said_in_words_and_recorded(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(company)
    build(company, 200)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publication.durable, "sync_tree", full)
    with pytest.raises(
        WarehouseError, match=r"The disk that holds .* is full \(.* MB free\).*What is published is whole"
    ):
        pipeline.publish_audited(company)
    monkeypatch.undo()
    failure = status_facts(company)["last_failure"]
    assert (failure["command"], failure["stage"], failure["outcome"]) == ("publish", "publish", "failed")
    assert "is full" in failure["error"]
    assert leftovers(company) == []
    pipeline.publish_audited(company)
    assert status_facts(company)["succeeded_since"] == "publish"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 4 MB."""
    with mounted(tmp_path / "disk", megabytes=4) as folder:
        yield folder


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    company = new_company(small_disk / "acme")
    publish(company)
    build(company, 200)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 200_000))
    with pytest.raises(WarehouseError, match=r"is full \(0 MB free\)"):
        pipeline.publish_audited(company)
    assert seen_total(company) == 100
    assert leftovers(company) == []
    ballast.unlink()
    pipeline.publish_audited(company)
    assert seen_total(company) == 200


def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    company = new_company(small_disk / "acme")
    pipeline.publish_audited(company)
    remount(small_disk, "ro")
    with pytest.raises(WarehouseError, match="Make it writable, or set WAREHOUSE_DATA"):
        pipeline.publish_audited(company)
    # who reads, reads
    assert publication.query(company, "select total from kpi_totals") == (["total"], [(100,)])
    assert status_facts(company)["publication"]["rows"] == 14
    remount(small_disk, "rw")
    pipeline.publish_audited(company)
