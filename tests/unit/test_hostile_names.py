"""Names that users give, of systems, tables, columns, files and folders, are names: no SQL, no templates, no paths."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from rich.console import Console
from scratch import rows_of
from warehouse import publication
from warehouse.audit import audit_raw
from warehouse.errors import WarehouseError
from warehouse.load.batches import land
from warehouse.load.files import table_named
from warehouse.load.run import load_files
from warehouse.metric_card import MetricBook
from warehouse.new_system.draft import check_name, draft_system
from warehouse.project import PROJECT_ROOT, known_systems, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings, open_workspace

HOSTILE = (
    "../x", "..", "/etc/passwd", "flat_file/../flat_file", 'x"; drop table orders; --', "x'; drop table orders; --",
    "{{ env_var('HOME') }}", "$(touch x)", "a\0b", "a\nb", "заказы", "注文", "o\u0301rders", "\u202eflat_file", "%00",
    "",
)  # fmt: skip
COLUMNS = [name for name in HOSTILE if name and "\0" not in name and "\n" not in name]


def workspace_in(folder: Path) -> Workspace:
    settings = WorkspaceSettings(systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="UTC")
    return Workspace("acme", settings, folder)


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "use",
    [open_workspace, raw_tables, check_name, lambda name: table_named("flat_file", "x.csv", name or "x")],
    ids=["workspace", "system", "new system", "table"],
)
def test_what_is_no_name_is_refused(name: str, use: Callable[[str], object]) -> None:
    with pytest.raises(WarehouseError) as refused:
        use(name)
    assert len(str(refused.value)) < 1000


def hostile_csv(folder: Path, name: str) -> Path:
    """Orders with columns of hostile names beside the ones that are read, and hostile values in all."""
    header = ["order_id", "ordered_at", "account_id", *COLUMNS]
    rows = [[f"o{i}", "2026-01-31", value, *COLUMNS] for i, value in enumerate(COLUMNS)]
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [header, *rows])
    file = folder / name
    file.write_text(text + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "name",
    [
        "it's; drop table x --.csv",
        'a"b.csv',
        "a;b$(touch y).csv",
        "заказы 注文.csv",
        "a\nb.csv",
        "{{ x }}.csv",
    ],
)
def test_files_and_columns_of_hostile_names_are_landed_as_they_are(tmp_path: Path, name: str) -> None:
    workspace = workspace_in(tmp_path / 'it\'s a "folder"')
    file = hostile_csv(tmp_path, name)
    before = files_under(tmp_path)
    batch = land(workspace, raw_tables("flat_file")["orders"], file, {})
    scan = "read_parquet('" + str(batch.path).replace("'", "''") + "')"
    rows = rows_of(f"select _source_file, account_id from {scan} order by _row_number")
    assert rows == [(name, value) for value in COLUMNS]
    landed = [row[0] for row in rows_of(f"describe from {scan}")]
    assert set(COLUMNS) <= set(landed)
    # and the audit, which looks at every column, reads them
    assert {result.name for result in audit_raw(workspace)}
    # nothing anywhere but in the folder of the workspace
    assert {path for path in files_under(tmp_path) - before if not path.startswith("it's a")} == set()


def test_renames_lead_to_columns_of_the_contract_only(tmp_path: Path) -> None:
    workspace, file = workspace_in(tmp_path / "data"), hostile_csv(tmp_path, "orders.csv")
    for target in HOSTILE:
        with pytest.raises(WarehouseError, match=r"no column|exist twice"):
            land(workspace, raw_tables("flat_file")["orders"], file, {"account_id": target})
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_system_is_loaded_only_if_the_workspace_has_it(tmp_path: Path) -> None:
    for system in HOSTILE:
        with pytest.raises(WarehouseError):
            load_files(
                Console(), workspace_in(tmp_path / "d"), system, [str(hostile_csv(tmp_path, "o.csv"))], None, {}, False
            )
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_draft_holds_no_hostile_name(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "models" / "staging").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "dbt_project.yml", project)
    file = hostile_csv(tmp_path, "orders.csv")
    draft = draft_system("acme_shop", [str(file)], project=project)
    assert draft.folder == project / "models" / "staging" / "acme_shop"
    sources = yaml.safe_load((draft.folder / "_acme_shop__sources.yml").read_text(encoding="utf-8"))
    declared = {column["name"] for column in sources["sources"][0]["tables"][0]["columns"]}
    assert declared.isdisjoint({name for name in COLUMNS if set(name) & set("\"'{}`\\")})
    for path in draft.folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "env_var" not in text and "drop table" not in text.replace("-- ", ""), path


def test_settings_that_become_sql_hold_no_quotes() -> None:
    for variables in (
        {"internal_email_domains": ["x') or 1=1 --'"]},
        {"source_timezones": {"flat_file": "UTC'; drop table x; --"}},
        {"timestamp_formats": ["%Y'"]},
        {"own_host": "a\0b"},
    ):
        with pytest.raises(ValueError, match="single quote"):
            WorkspaceSettings(systems={}, base_currency="EUR", reporting_timezone="UTC", variables=variables)
    for field, value in (("base_currency", "E'R"), ("reporting_timezone", "UTC'"), ("systems", {"crm": ["../x"]})):
        settings = {"systems": {}, "base_currency": "EUR", "reporting_timezone": "UTC", field: value}
        with pytest.raises(ValueError, match=field):
            WorkspaceSettings(**settings)


@pytest.fixture
def published(tmp_path: Path) -> Workspace:
    workspace = workspace_in(tmp_path / "it's published")
    workspace.folder.mkdir()
    with duckdb.connect(str(workspace.publication)) as connection:
        connection.execute("create table orders as select 1 as x")
        connection.execute("create table kpi_board (metric varchar)")
    return workspace


@pytest.mark.parametrize(
    "query",
    [
        "select 1; drop table orders",
        "drop table orders",
        "insert into orders values (2)",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('../../private')",
        "from '{folder}/salt'",
        "copy orders to '{folder}/stolen.csv'",
        "attach '{folder}/other.duckdb'",
        "install httpfs",
        "load '{folder}/x.duckdb_extension'",
        "set enable_external_access = true",
        "export database '{folder}/x'",
        "select getenv('HOME')",
        "select 1 \0; drop table orders",
    ],
)
def test_a_query_reads_the_publication_and_nothing_else(published: Workspace, query: str) -> None:
    (published.folder / "salt").write_text("secret")
    before = published.publication.read_bytes()
    with pytest.raises(WarehouseError) as refused:
        publication.query(published, query.format(folder=published.folder))
    assert "secret" not in str(refused.value)
    assert published.publication.read_bytes() == before
    assert {path.name for path in published.folder.iterdir()} == {"salt", "warehouse.duckdb"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_metric_is_looked_up_by_its_name(name: str) -> None:
    book = MetricBook.__new__(MetricBook)
    book._metrics = {"revenue": {}}
    with pytest.raises(WarehouseError, match="There is no metric"):
        book.metric(name)


def test_known_systems_are_names() -> None:
    assert json.dumps(sorted(known_systems())) == json.dumps(sorted(map(os.path.basename, known_systems())))
