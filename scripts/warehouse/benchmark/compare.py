"""Whether two ways came to the same rows, to the last row and column; what differs is shown."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.benchmark.peers import FILES, FUNNEL
from warehouse.benchmark.web_part import FACTS, SESSIONS_AND_EVENTS
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
    """Compares all columns of the two facts, how many rows were set aside, and the funnel.

    Raises:
        WarehouseError: rows differ; the first of them are named.
    """
    with connected(workspace) as connection:
        connection.execute(f"attach {literal(str(workspace.working_database))} as working (read_only)")
        for fact in SESSIONS_AND_EVENTS:
            compare(connection, f"{fact}, ours and {name}", f"working.marts.{fact}", _read(folder / FILES[fact]))
        set_aside = [
            connection.execute(f"select count(*) from {rows}").fetchone()[0]
            for rows in (
                "working.conformed.screened_web_events where row_outcome = 'rejected'",
                _read(folder / FILES["rejected_rows"]),
            )
        ]
    if len(set(set_aside)) > 1:
        raise WarehouseError(f"Rows set aside: ours {set_aside[0]:,}, {name} {set_aside[1]:,}.")
    if dict(counted) != dict(ours):
        raise WarehouseError(f"The funnels differ: ours {dict(ours)}, {name} {dict(counted)}.")


def compare(connection: duckdb.DuckDBPyConnection, what: str, ours: str, theirs: str) -> None:
    """Compares two tables.

    Args:
        connection: to a database that has both.
        what: what is compared, for the message.
        ours: a table or view.
        theirs: the other; its values are cast to our types, because a language may have no smaller ones.

    Raises:
        WarehouseError: rows differ; the first of them are named.
    """
    types = {name: kind for name, kind, *_ in connection.execute(f"describe {ours}").fetchall()}
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


def _read(file: Path) -> str:
    return f"read_parquet({literal(str(file))})"


def _fingerprint(connection: duckdb.DuckDBPyConnection, rows: str) -> Fingerprint:
    return connection.execute(
        f"select count(*), coalesce(sum(cast(hash(facts) as hugeint)), 0) from ({rows}) as facts"
    ).fetchone()
