"""DuckDB as every command opens it, apart from dbt."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.load.sql import literal
from warehouse.workspace import Workspace


@contextmanager
def connected(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills to the workspace's folder and counts in UTC."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = true; set enable_progress_bar_print = false")
        connection.execute(f"set memory_limit = {literal(os.environ.get('WAREHOUSE_MEMORY_LIMIT', '4GB'))}")
        connection.execute(f"set temp_directory = {literal(str(workspace.folder / 'tmp'))}")
        yield connection
