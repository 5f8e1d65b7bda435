"""A company whose working database is written by hand, in no time: for tests of publishing and of faults."""

from pathlib import Path

import duckdb
from warehouse.working import Audited, fingerprint, marts_of_last_build, record_audit
from warehouse.workspace import Workspace, WorkspaceSettings

CODE = {"version": "0.1.0", "commit": None, "is_changed": False}
CHECKS = [{"name": "kpi_totals.is_positive", "severity": "block", "passed": True}]


def new_company(folder: Path, kept_publications: int = 3) -> Workspace:
    """A workspace whose working database passed its audit: its total is 100."""
    settings = WorkspaceSettings(
        systems={}, base_currency="EUR", reporting_timezone="UTC", kept_publications=kept_publications
    )
    workspace = Workspace("acme", settings, folder.resolve())
    workspace.folder.mkdir()
    build(workspace, 100)
    return workspace


def build(workspace: Workspace, total: int, order: str = "asc") -> None:
    """Writes a working database in which everything adds up to a total, and has it pass its audit."""
    tables = {
        "kpi_totals": f"select {total} as total",
        "fct_orders": f"select id, {total} // 10 as amount from range(10) as t(id) order by id {order}",
        "publication_info": "select date '2026-01-31' as as_of_on, 'EUR' as base_currency",
        "rejected_rows": "select 'shop' as system_name, 'orders' as table_name, 'repeated_key' as reason, id"
        f" from range(2) as t(id) order by id {order}",
    }
    with duckdb.connect(str(workspace.working_database)) as connection:
        connection.execute("create schema if not exists marts")
        for name, query in tables.items():
            connection.execute(f"create or replace table marts.{name} as {query}")
    pass_audit(workspace)


def pass_audit(workspace: Workspace) -> None:
    """Records that the working database passed its audit."""
    record_audit(workspace, Audited(fingerprint(workspace), CODE, marts_of_last_build(workspace), CHECKS))


def seen_total(workspace: Workspace) -> int:
    """What a reader sees at the fixed path; its facts have to agree with its total."""
    with duckdb.connect(str(workspace.publication.resolve()), read_only=True) as reader:
        ((total,),) = reader.execute("select total from kpi_totals").fetchall()
        assert reader.execute("select sum(amount) from fct_orders").fetchall() == [(total,)]
    return total


def leftovers(workspace: Workspace) -> list[str]:
    """What is half-written or half-removed."""
    found = [*workspace.folder.glob(".*"), *workspace.publications.glob(".*")]
    return [path.name for path in found]
