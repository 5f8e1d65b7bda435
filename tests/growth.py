"""Builds a small company batch by batch with the project's compiled SQL, as dbt does, and in one go."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from compiled import CompiledProject, Rows, create_raw_table, insert_rows
from warehouse.project import raw_tables

# What grows, and what is built on it by rows.
MARTS = ("fct_web_events", "fct_sessions", "fct_carts", "fct_touchpoints")
# The same for what screening made of the rows: but for the numbers that it gave them.
SCREENED = "conformed.screened_web_events"
NUMBERS = ("event_key", "last_event_key")


class GrowingWarehouse:
    """A warehouse that takes in web events a batch at a time; what other tables say may change with each batch."""

    def __init__(self, full: CompiledProject, batch: CompiledProject) -> None:
        """Names the SQL of a full build and that of a batch, of the same models."""
        self.full, self.batch = full, batch

    def in_one_go(self, tables: Mapping[str, Rows]) -> duckdb.DuckDBPyConnection:
        """Builds all rows in full."""
        return self.full.run(**tables)

    def in_batches(self, batches: Sequence[Rows], others: Sequence[Mapping[str, Rows]]) -> duckdb.DuckDBPyConnection:
        """Builds the first batch in full and takes in the others; `others` are all other tables at each time."""
        connection = self.full.run(web_events=batches[0], **others[0])
        connection.execute("set schema = 'working.main'")
        connection.execute("create schema state; create table state.run (last_event_key bigint)")
        columns = raw_tables("flat_file")["web_events"].columns
        create_raw_table(connection, "web_events__arrived", columns, ())
        for rows, other in zip(batches[1:], others[1:], strict=True):
            connection.execute(
                "delete from state.run; insert into state.run"
                " select coalesce(max(event_key), 0) from conformed.screened_web_events_read;"
                "delete from raw_flat_file.web_events__arrived"
            )
            insert_rows(connection, "web_events__arrived", columns, rows)
            insert_rows(connection, "web_events", columns, rows)
            for name, content in other.items():
                connection.execute(f"delete from raw_flat_file.{name}")
                insert_rows(connection, name, raw_tables("flat_file")[name].columns, content)
            self._take_in(connection)
        connection.execute("set schema = 'working.marts'")
        return connection

    def _take_in(self, connection: duckdb.DuckDBPyConnection) -> None:
        for relation, materialized, sql in self.batch.models:
            if relation not in self.batch.replaced:
                connection.execute(f"create or replace {materialized} {relation} as {sql}")
                continue
            connection.execute(f"create or replace temp table new_rows as {sql}")
            connection.execute(f"delete from {relation} where {self.batch.replaced[relation]}")
            connection.execute(f"insert into {relation} by name from new_rows")


def rows_of_everything(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of what grows, sorted, by table."""
    found = {mart: connection.execute(f"from working.marts.{mart} order by all").fetchall() for mart in MARTS}
    found[SCREENED] = connection.execute(
        f"select * exclude ({', '.join(NUMBERS)}) from working.{SCREENED} order by all"
    ).fetchall()
    return found
