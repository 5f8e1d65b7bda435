"""Runs the project's own compiled SQL on small tables in memory, so that a test of the numbers takes a second.

dbt compiles every model once; each test then fills the raw tables of the system flat_file and runs the models in
dependency order in a fresh in-memory DuckDB. The SQL is what `dbt build` runs, without its start-up time.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from warehouse.dbt import run_dbt
from warehouse.project import RawTable, dbt_variables, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

SALT = b"a salt of the tests"
# ids that name nobody are not hashed, for staging to see; these are the ones that tests write
NOBODY = ("null", "#n/a", "none", "nan", "n/a", "-")

# The raw table that grows, and what ends the name of the view of its files that a run reads (macros/layers/growth.sql).
GROWS, ARRIVED = "web_events", "__arrived"

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class CompiledProject:
    """The models of one workspace, compiled, in dependency order, and its dbt tests: queries that find what is wrong.

    `parents` are what a model or a test reads.
    """

    models: tuple[tuple[str, str, str], ...]
    parents: Mapping[str, frozenset[str]]
    seeds: tuple[tuple[str, str, Path], ...]
    tests: Mapping[str, str]
    # Which rows of a model that grows a batch replaces: a condition, true in SQL or not; by relation.
    replaced: Mapping[str, str] = field(default_factory=dict)

    def upstream_of(self, *names: str) -> "CompiledProject":
        """The part of the project that some models need, they and their tests included; named as `schema.table`."""
        needed: set[str] = set()
        for relation, _, _ in reversed(self.models):
            if relation in names or relation in needed:
                needed |= {relation, *self.parents[relation]}
        assert set(names) <= needed, f"no model {set(names) - needed}"
        return replace(
            self,
            models=tuple(model for model in self.models if model[0] in needed),
            tests={name: sql for name, sql in self.tests.items() if self.parents[name] <= needed},
        )

    def run(self, raw_lake: Path | None = None, **tables: Rows) -> duckdb.DuckDBPyConnection:
        """Fills raw tables of flat_file and runs all models.

        Args:
            raw_lake: a folder that files were landed in; its tables are read from there, as in a build.
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
            batches = raw_lake / "flat_file" / name if raw_lake else None
            if batches and batches.is_dir():
                _create_raw_view(connection, name, table.columns + table.domain_columns, batches)
            else:
                create_raw_table(connection, table, tables.get(name, ()))
            if name == GROWS:
                connection.execute(f"create view raw_flat_file.{name}{ARRIVED} as from raw_flat_file.{name}")
        for relation, materialized, sql in self.models:
            connection.execute(f"create {materialized} {relation} as {sql}")
        connection.execute("set schema = 'working.marts'")
        return connection


class Workbench:
    """A database in which a project is run again and again on companies that fill the same raw tables.

    Views stand, and tables that depend on none of the raw tables named are made only once: a run takes a fraction of
    the time.
    """

    def __init__(self, project: CompiledProject, entities: Iterable[str], **fixed: Rows) -> None:
        """Makes everything once.

        Args:
            project: the models.
            entities: raw tables that differ from run to run.
            fixed: rows of raw tables that stay.
        """
        self.connection = project.run(**fixed)
        self._entities = tuple(entities)
        assert not set(fixed) & set(self._entities)
        changing = {f"staging.stg_flat_file__{entity}" for entity in self._entities}
        for relation, _, _ in project.models:
            if project.parents[relation] & changing:
                changing.add(relation)
        self._tables = [
            (relation, sql)
            for relation, materialized, sql in project.models
            if materialized == "table" and relation in changing
        ]

    def run(self, tables: Mapping[str, Rows]) -> duckdb.DuckDBPyConnection:
        """Replaces the rows of all raw tables named at the start, and runs the models that depend on them."""
        assert set(tables) <= set(self._entities)
        for entity in self._entities:
            self.connection.execute(f"delete from working.raw_flat_file.{entity}")
            insert_rows(self.connection, raw_tables("flat_file")[entity], tables.get(entity, ()))
        for relation, sql in self._tables:
            self.connection.execute(f"create or replace table {relation} as {sql}")
        return self.connection


def landed(table: RawTable, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as `warehouse load` would land it: addresses hashed, their domains beside them."""
    changed = dict(row)
    for name, rule in table.personal.items():
        person = str(row.get(name) or "").strip().lower()
        if rule == "hash" and person and person not in NOBODY:
            changed[name] = hmac.new(SALT, person.encode(), hashlib.sha256).hexdigest()
            changed[f"{name}_domain"] = person.rpartition("@")[2] if "@" in person else None
    return changed


def create_raw_table(connection: duckdb.DuckDBPyConnection, table: RawTable, rows: Rows) -> None:
    """A table of flat_file as `warehouse load` would fill it."""
    definitions = ", ".join(f"{column} varchar" for column in table.columns + table.domain_columns)
    connection.execute(
        f"create table raw_flat_file.{table.name} ({definitions},"
        " _batch_id varchar, _source_file varchar, _row_number bigint, _loaded_at timestamp)"
    )
    insert_rows(connection, table, rows)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: RawTable, rows: Rows) -> None:
    """Rows as text, all of a table in one statement."""
    columns = table.columns + table.domain_columns
    values = []
    for number, given in enumerate(rows, start=2):
        unknown = {column for column in given if not column.startswith("_")} - set(columns)
        assert not unknown, f"{table.name} has no column {unknown}"
        row = landed(table, given)
        values += [None if row.get(column) is None else str(row[column]) for column in columns]
        values += [
            row.get("_batch_id", "1"),
            row.get("_source_file", f"{table.name}.csv"),
            row.get("_row_number", number),
            row.get("_loaded_at"),
        ]
    if values:
        one_row = f"({', '.join('?' * (len(columns) + 4))})"
        connection.execute(
            f"insert into working.raw_flat_file.{table.name} values {', '.join([one_row] * len(rows))}",
            values,
        )


def _create_raw_view(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], batches: Path) -> None:
    """What the macro raw_view_sql makes in a build, of files that were landed."""
    landed = f"read_parquet('{batches}/*.parquet', union_by_name = true)"
    present = {row[0].lower() for row in connection.execute(f"describe from {landed}").fetchall()}
    absent = "".join(f", cast(null as varchar) as {column}" for column in columns if column not in present)
    connection.execute(f"create view raw_flat_file.{name} as select *{absent} from {landed}")


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
        "variables": {
            "source_timezones": {"flat_file": "Europe/Warsaw"},
            "internal_email_domains": ["ours.example"],
        },
    }
    workspace = Workspace("golden", WorkspaceSettings(**{**defaults, **settings}), folder)
    assert run_dbt(workspace, ["--quiet", "compile"]) == 0, "dbt compile failed"
    manifest = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    tests = {key: node for key, node in nodes.items() if node["resource_type"] == "test"}
    ordered: list[str] = []
    while len(ordered) < len(models):
        ready = [
            key
            for key, node in models.items()
            if key not in ordered and all(p in ordered or p not in models for p in node["depends_on"]["nodes"])
        ]
        assert ready, "the models depend on each other in a circle"
        ordered += sorted(ready)
    relations = {key: f"{node['schema']}.{node['alias']}" for key, node in models.items()}
    return CompiledProject(
        models=tuple(
            (
                relations[key],
                "view" if models[key]["config"]["materialized"] == "view" else "table",
                models[key]["compiled_code"],
            )
            for key in ordered
        ),
        parents={
            relations.get(key, node["name"]): frozenset(
                relations[p] for p in node["depends_on"]["nodes"] if p in relations
            )
            for key, node in {**models, **tests}.items()
        },
        seeds=tuple(
            (node["schema"], node["alias"], Path(node["root_path"]) / node["original_file_path"])
            for node in nodes.values()
            if node["resource_type"] == "seed"
        ),
        tests={node["name"]: node["compiled_code"] for node in tests.values()},
        replaced={
            relations[key]: _replaced_rows(node["config"])
            for key, node in models.items()
            if node["config"]["materialized"] == "incremental"
        },
    )


def _replaced_rows(config: Mapping[str, Any]) -> str:
    """The rows that dbt deletes before it inserts those of a batch, which are in `new_rows`."""
    if config["incremental_strategy"] == "append":
        return "false"
    if config["incremental_strategy"] == "delete+insert":
        return f"{config['unique_key']} in (select {config['unique_key']} from new_rows)"
    replaces = config["meta"]["replaces"]
    found = f"{replaces['column']} in (select {replaces['key']} from intermediate.{replaces['model']})"
    return f"{found} or {replaces['or']}" if "or" in replaces else found


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
