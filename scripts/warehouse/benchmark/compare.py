"""Whether two ways came to the same rows, to the last row and column; what differs is shown."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.benchmark.peers import FUNNEL
from warehouse.benchmark.web_part import FACTS
from warehouse.engine import connected
from warehouse.errors import WarehouseError
from warehouse.load.sql import identifier, literal
from warehouse.workspace import Workspace

SHOWN_ROWS = 3
FUNNEL_SQL = f"""
    select {", ".join(f"count(*) filter ({step}) as {step}" for step in FUNNEL)}
    from (
        select session_id, {", ".join(f"bool_or(event_name = '{step}') as {step}" for step in FUNNEL)}
        from marts.fct_web_events group by session_id
    )
"""
# How a peer's files say what stands in the facts.
SESSION_ID = "md5(owner || '|' || first_event_id)"

Fingerprint = tuple[int, int]


def funnel(workspace: Workspace) -> dict[str, int]:
    """The funnel by ours."""
    with duckdb.connect(str(workspace.working_database), read_only=True) as connection:
        return dict(zip(FUNNEL, connection.execute(FUNNEL_SQL).fetchone(), strict=True))


def fingerprints(workspace: Workspace) -> dict[str, Fingerprint]:
    """Number of rows and sum of their hashes, by fact: equal for the same rows in any order."""
    with connected(workspace) as connection:
        connection.execute(f"attach {literal(str(workspace.working_database))} as working (read_only)")
        return {fact: _fingerprint(connection, f"select * from working.marts.{fact}") for fact in FACTS}


def floor_has_the_same_rows(workspace: Workspace, floor: Path) -> None:
    """Compares all columns of the four facts.

    Raises:
        WarehouseError: rows differ; the first of them are named.
    """
    with connected(workspace) as connection:
        connection.execute(f"attach {literal(str(workspace.working_database))} as working (read_only)")
        connection.execute(f"attach {literal(str(floor))} as floor (read_only)")
        for fact in FACTS:
            compare(connection, f"{fact}, ours and the floor", f"working.marts.{fact}", f"floor.main.{fact}")


def peer_has_the_same_rows(
    workspace: Workspace, name: str, folder: Path, counted: Mapping[str, int], ours: Mapping[str, int]
) -> None:
    """Compares the columns that a peer writes, and the funnel.

    Raises:
        WarehouseError: rows differ; the first of them are named.
    """
    with connected(workspace) as connection:
        connection.execute(f"attach {literal(str(workspace.working_database))} as working (read_only)")
        for fact, file in {"fct_sessions": "sessions", "fct_web_events": "events"}.items():
            connection.execute(
                f"create or replace view theirs as select *, {SESSION_ID} as session_id"
                f" from read_parquet({literal(str(folder / f'{file}.parquet'))})"
            )
            compare(connection, f"{fact}, ours and {name}", f"working.marts.{fact}", "theirs", partly=True)
    if dict(counted) != dict(ours):
        raise WarehouseError(f"The funnels differ: ours {dict(ours)}, {name} {dict(counted)}.")


def compare(connection: duckdb.DuckDBPyConnection, what: str, ours: str, theirs: str, partly: bool = False) -> None:
    """Compares two tables.

    Args:
        connection: to a database that has both.
        what: what is compared, for the message.
        ours: a table or view.
        theirs: the other; its values are cast to our types, because a language may have no smaller ones.
        partly: whether only the columns that both have are compared, rather than all of ours.

    Raises:
        WarehouseError: rows differ; the first of them are named.
    """
    types = {name: kind for name, kind, *_ in connection.execute(f"describe {ours}").fetchall()}
    if partly:
        shared = {name for name, *_ in connection.execute(f"describe {theirs}").fetchall()}
        types = {name: kind for name, kind in types.items() if name in shared}
    our_rows = f"select {', '.join(map(identifier, types))} from {ours}"
    their_rows = (
        f"select {', '.join(f'cast({identifier(name)} as {kind})' for name, kind in types.items())} from {theirs}"
    )
    if _fingerprint(connection, our_rows) == _fingerprint(connection, their_rows):
        return
    only = [
        f"  only {side}: {dict(zip(types, row, strict=True))}"
        for side, query in {
            "ours": f"({our_rows}) except all ({their_rows})",
            "theirs": f"({their_rows}) except all ({our_rows})",
        }.items()
        for row in connection.execute(f"select * from ({query}) order by all").fetchmany(SHOWN_ROWS)
    ]
    raise WarehouseError("\n".join([f"Not the same rows in {what}: the benchmark compares unlike work.", *only]))


def differing(before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]) -> list[str]:
    """Names of the facts that are not the same."""
    return [fact for fact in before if before[fact] != after[fact]]


def _fingerprint(connection: duckdb.DuckDBPyConnection, rows: str) -> Fingerprint:
    return connection.execute(
        f"select count(*), coalesce(sum(cast(hash(facts) as hugeint)), 0) from ({rows}) as facts"
    ).fetchone()
