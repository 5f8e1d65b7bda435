"""Runs the command line as a user would, in a data folder of the test."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock
from warehouse.publication import json_value

WAREHOUSE = Path(sys.executable).with_name("warehouse")


@dataclass(frozen=True)
class CommandLine:
    """The command `warehouse` on one workspace, its data in a folder of the test."""

    data: Path
    workspace: str

    def run(self, *arguments: str, columns: str = "200") -> subprocess.CompletedProcess[str]:
        """Runs a command and returns what it printed, whatever its exit status."""
        # MetricFlow holds the workspace, which processes that test at the same time share
        with FileLock(self.data / "tests.lock") if arguments[0] == "mf" else nullcontext():
            return subprocess.run(
                self._command(arguments),
                env=self._environment(columns),
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts a command in a process group of its own; what it prints is lost."""
        return subprocess.Popen(
            self._command(arguments),
            env=self._environment("200"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        command, *rest = arguments
        return [str(WAREHOUSE), command, "--workspace", self.workspace, *rest]

    def _environment(self, columns: str) -> dict[str, str]:
        return {**os.environ, "WAREHOUSE_DATA": str(self.data), "COLUMNS": columns, "NO_COLOR": "1"}

    def succeed(self, *arguments: str) -> str:
        """Runs a command that has to succeed and returns its output."""
        process = self.run(*arguments)
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query on the publication, as `warehouse sql --format json` prints them, without its start-up."""
        with duckdb.connect(str(self.publication), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            rows = [dict(zip(names, map(json_value, row), strict=True)) for row in result.fetchall()]
        return json.loads(json.dumps(rows, default=str))

    def value(self, query: str) -> Any:
        """The only value of a query on the publication."""
        (row,) = self.rows(query)
        (value,) = row.values()
        return value

    @contextmanager
    def working(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The working database, read-only, while MetricFlow does not hold it."""
        path = self.data / self.workspace / "working.duckdb"
        with FileLock(self.data / "tests.lock"), duckdb.connect(str(path), read_only=True) as connection:
            yield connection

    @property
    def publication(self) -> Path:
        """The published file."""
        return self.data / self.workspace / "warehouse.duckdb"


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Writes a CSV file and returns its path."""
    lines = [",".join(str(value) for value in row) for row in [header, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
