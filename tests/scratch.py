"""One statement on a database of its own, for tests that look into files.

DuckDB's module-level connection is one for the whole process: a result that one test leaves half read makes the next
statement of another test fail with ResourceInUseException.
"""

from typing import Any

import duckdb


def rows_of(statement: str) -> list[tuple[Any, ...]]:
    """Runs a statement on a new in-memory database and returns all its rows."""
    with duckdb.connect() as connection:
        return connection.execute(statement).fetchall()
