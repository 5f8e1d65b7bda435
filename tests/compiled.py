"""Runs the project's own compiled SQL on small tables in memory, so that a test of the numbers takes a second.

dbt compiles every model once; each test then fills the raw tables of the system flat_file and runs the models in
dependency order in a fresh in-memory DuckDB. The SQL is what `dbt build` runs, without its start-up time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from warehouse.dbt import run_dbt
from warehouse.project import dbt_variables, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class CompiledProject:
    """The models of one workspace, compiled, in dependency order."""

    models: tuple[tuple[str, str, str], ...]
    seeds: tuple[tuple[str, str, Path], ...]
    tests: Mapping[str, str]

    def run(self, **tables: Rows) -> duckdb.DuckDBPyConnection:
        """Fills raw tables of flat_file and runs all models.

        Args:
            tables: rows by entity name; values are given as text would be, None is empty. Entities left out are empty.

        Returns:
            A connection whose default schema is the marts.
        """
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as working")
        connection.execute("use working")
        for schema in ("raw_flat_file", "reference", "staging", "conformed", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        for schema, name, path in self.seeds:
            connection.execute(f"create table {schema}.{name} as from read_csv('{path}', all_varchar = true)")
        unknown = set(tables) - set(raw_tables("flat_file"))
        assert not unknown, f"no raw table {unknown}"
        for name, table in raw_tables("flat_file").items():
            _create_raw_table(connection, name, table.columns, tables.get(name, ()))
        for relation, materialized, sql in self.models:
            connection.execute(f"create {materialized} {relation} as {sql}")
        connection.execute("set schema = 'working.marts'")
        return connection


def _create_raw_table(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Rows) -> None:
    definitions = ", ".join(f"{column} varchar" for column in columns)
    connection.execute(
        f"create table raw_flat_file.{name} ({definitions},"
        " _batch_id varchar, _source_file varchar, _row_number bigint, _loaded_at timestamp)"
    )
    for number, row in enumerate(rows, start=2):
        unknown = {column for column in row if not column.startswith("_")} - set(columns)
        assert not unknown, f"{name} has no column {unknown}"
        values = [row.get(column) for column in columns]
        connection.execute(
            f"insert into raw_flat_file.{name} values ({', '.join('?' * (len(columns) + 4))})",
            [
                *(None if value is None else str(value) for value in values),
                row.get("_batch_id", "1"),
                row.get("_source_file", f"{name}.csv"),
                row.get("_row_number", number),
                row.get("_loaded_at"),
            ],
        )


def compile_project(folder: Path, **settings: Any) -> CompiledProject:
    """Compiles the project for a company with flat files; settings replace those of the workspace.

    Args:
        folder: where dbt may write.
        settings: fields of WorkspaceSettings.
    """
    defaults = {
        "systems": {domain: ["flat_file"] for domain in dbt_variables()["domains"]},
        "base_currency": "PLN",
        "reporting_timezone": "Europe/Warsaw",
        "variables": {"source_timezones": {"flat_file": "Europe/Warsaw"}},
    }
    workspace = Workspace("golden", WorkspaceSettings(**{**defaults, **settings}), folder)
    assert run_dbt(workspace, ["--quiet", "compile"]) == 0, "dbt compile failed"
    manifest = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    ordered: list[str] = []
    while len(ordered) < len(models):
        ready = [
            key
            for key, node in models.items()
            if key not in ordered and all(p in ordered or p not in models for p in node["depends_on"]["nodes"])
        ]
        assert ready, "the models depend on each other in a circle"
        ordered += sorted(ready)
    return CompiledProject(
        models=tuple(
            (
                f"{models[key]['schema']}.{models[key]['alias']}",
                "view" if models[key]["config"]["materialized"] == "view" else "table",
                models[key]["compiled_code"],
            )
            for key in ordered
        ),
        seeds=tuple(
            (node["schema"], node["alias"], Path(node["root_path"]) / node["original_file_path"])
            for node in nodes.values()
            if node["resource_type"] == "seed"
        ),
        tests={node["name"]: node["compiled_code"] for node in nodes.values() if node["resource_type"] == "test"},
    )


def records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def board(connection: duckdb.DuckDBPyConnection, metric: str) -> dict[str, Any]:
    """Values of one metric of the board by month, as {'2025-01': value}."""
    rows = connection.execute(
        "select strftime(month_start, '%Y-%m'), value from kpi_board where metric = ? order by 1", [metric]
    ).fetchall()
    values = dict(rows)
    return {month: pytest.approx(value, abs=1e-9) if value is not None else None for month, value in values.items()}
