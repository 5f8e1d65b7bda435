"""Builds a small company batch by batch with the project's compiled SQL, as dbt does, and in one go."""

from collections.abc import Mapping, Sequence
from typing import Any

from compiled import ARRIVED, GROWS, CompiledProject, Rows, insert_rows
from warehouse.project import raw_tables

# What grows, and what is built on it by rows.
MARTS = ("fct_web_events", "fct_sessions", "fct_carts", "fct_touchpoints")
# The same for what screening made of the rows: but for the numbers that it gave them.
SCREENED = "conformed.screened_web_events"
NUMBERS = ("event_key", "last_event_key")
# Other raw tables that may change between batches.
OTHERS = ("accounts", "contacts", "orders", "order_lines")


class GrowingWarehouse:
    """A warehouse that takes in web events a batch at a time; what other tables say may change with each batch.

    Models are built only when something before them has changed: a history takes a second.
    """

    def __init__(self, full: CompiledProject, batch: CompiledProject) -> None:
        """Builds an empty company from the SQL of a full build; `batch` is that of a batch, of the same models."""
        self._full, self._batch = full, batch
        self._others: dict[str, Rows] = dict.fromkeys(OTHERS, ())
        self.connection = full.run()
        self.connection.execute("set schema = 'working.main'; create schema state")

    def in_one_go(self, events: Rows, others: Mapping[str, Rows]) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of what grows, by table, when everything is built in full."""
        self.connection.execute(f"delete from raw_flat_file.{GROWS}")
        self._let_arrive(events, "true")
        self._build(self._full, [GROWS, *self._change(others)])
        return self._rows()

    def in_batches(
        self, batches: Sequence[Rows], others: Sequence[Mapping[str, Rows]]
    ) -> dict[str, list[tuple[Any, ...]]]:
        """The same when the first batch is built in full and the others are taken in.

        Args:
            batches: events; those of different batches have different `_batch_id`.
            others: all rows of the other tables at each time.
        """
        self.in_one_go(batches[0], others[0])
        for events, tables in zip(batches[1:], others[1:], strict=True):
            self.connection.execute(
                "create or replace table state.run as"
                " select coalesce(max(event_key), 0) as last_event_key, true as is_last_run_whole"
                " from conformed.screened_web_events_read"
            )
            numbers = ", ".join(sorted({f"'{event['_batch_id']}'" for event in events})) or "null"
            self._let_arrive(events, f"_batch_id in ({numbers})")
            self._build(self._batch, [GROWS, *self._change(tables)])
        return self._rows()

    def _let_arrive(self, events: Rows, condition: str) -> None:
        insert_rows(self.connection, raw_tables("flat_file")[GROWS], events)
        self.connection.execute(
            f"create or replace view raw_flat_file.{GROWS}{ARRIVED} as from raw_flat_file.{GROWS} where {condition}"
        )

    def _change(self, others: Mapping[str, Rows]) -> list[str]:
        changed = [name for name in OTHERS if others[name] != self._others[name]]
        for name in changed:
            self.connection.execute(f"delete from raw_flat_file.{name}")
            insert_rows(self.connection, raw_tables("flat_file")[name], others[name])
            self._others[name] = others[name]
        return changed

    def _build(self, project: CompiledProject, changed: Sequence[str]) -> None:
        stale = {f"staging.stg_flat_file__{name}" for name in changed}
        for relation, materialized, sql in project.models:
            if not project.parents[relation] & stale:
                continue
            stale.add(relation)
            if materialized == "view":
                continue
            if project is self._full or relation not in project.replaced:
                self.connection.execute(f"create or replace table {relation} as {sql}")
                continue
            self.connection.execute(f"create or replace temp table new_rows as {sql}")
            self.connection.execute(f"delete from {relation} where {project.replaced[relation]}")
            self.connection.execute(f"insert into {relation} by name from new_rows")

    def _rows(self) -> dict[str, list[tuple[Any, ...]]]:
        found = {mart: self.connection.execute(f"from marts.{mart} order by all").fetchall() for mart in MARTS}
        found[SCREENED] = self.connection.execute(
            f"select * exclude ({', '.join(NUMBERS)}) from {SCREENED} order by all"
        ).fetchall()
        return found
