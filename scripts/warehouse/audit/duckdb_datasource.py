"""A Great Expectations data source for DuckDB, which the library has none of.

Its SQL engine closes the connection before the result is read, and DuckDB then answers with an empty list
("list index out of range"); so one connection is kept for the life of the engine. Both classes have to live in an
importable module, because the library looks data source types up by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """SQL engine that keeps one connection."""

    _kept_connection: sa.Connection | None = None

    def __init__(self, *arguments: Any, default_schema: str, **options: Any) -> None:
        """Makes every connection start in a schema: the library asks for columns by the bare name of a table.

        Args:
            arguments: the library's.
            default_schema: where the tables are.
            options: the library's.
        """
        super().__init__(*arguments, **options)
        self.engine.dispose()
        sa.event.listen(
            self.engine, "connect", lambda connection, _: connection.execute(f"set schema = '{default_schema}'")
        )

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yields the kept connection, opening it the first time."""
        if self._kept_connection is None:
            self._kept_connection = self.engine.connect()
        yield self._kept_connection

    def close(self) -> None:
        """Closes the kept connection and with it the database file."""
        if self._kept_connection is not None:
            self._kept_connection.close()
            self._kept_connection = None
        super().close()


class DuckDBDatasource(SQLDatasource):
    """A SQL data source whose engine is DuckDBExecutionEngine. The connection string names the file."""

    type: Literal["duckdb"] = "duckdb"
    connection_string: str
    default_schema: str
    create_temp_table: bool = False

    @property
    def execution_engine_type(self) -> Any:
        """The engine class that runs the expectations."""
        return DuckDBExecutionEngine
