"""The project in `tests/fixtures/small_project` with the real command line: built and published in seconds."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from warehouse.project import PROJECT_ROOT

WAREHOUSE = Path(sys.executable).with_name("warehouse")
SMALL_PROJECT = PROJECT_ROOT / "tests" / "fixtures" / "small_project"
ORDERS = 20_000


@dataclass(frozen=True)
class SmallProject:
    """The small project with its data."""

    project: Path
    data: Path

    @classmethod
    def copied_to(cls, folder: Path, data: Path | None = None) -> "SmallProject":
        """Puts it together in a folder; its data beside it, or elsewhere."""
        project = folder / "project"
        shutil.copytree(SMALL_PROJECT, project)
        shutil.copytree(PROJECT_ROOT / "scripts", project / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(PROJECT_ROOT / "macros" / "overrides", project / "macros" / "overrides")
        shutil.copy(PROJECT_ROOT / "profiles.yml", project)
        audit = project / "scripts" / "warehouse" / "audit"
        (project / "checks.yml").replace(audit / "marts.yml")
        (audit / "raw.yml").write_text("[]\n", encoding="utf-8")
        return cls(project, data or folder / "data")

    @property
    def folder(self) -> Path:
        """The folder of its workspace."""
        return self.data / "small"

    @property
    def environment(self) -> dict[str, str]:
        """What the command line needs to work on it."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.project / "scripts"),
            "WAREHOUSE_DATA": str(self.data),
            "GX_ANALYTICS_ENABLED": "false",
        }

    def start(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command in a process group of its own; its few tables are no report."""
        if command == "build":
            arguments = ("--no-report", *arguments)
        return subprocess.Popen(
            [str(WAREHOUSE), command, "--workspace", "small", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command, whatever its exit status."""
        process = self.start(command, *arguments)
        said, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, said)

    def succeed(self, command: str, *arguments: str) -> str:
        """Runs a command that has to succeed, and returns what it said."""
        done = self.run(command, *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def load(self, number: int, amount: int) -> None:
        """Replaces the raw data by another load, in one step: so many orders of this amount each."""
        folder = self.folder / "raw" / "shop" / "orders"
        folder.mkdir(parents=True, exist_ok=True)
        landed = folder / "landed.tmp"
        with duckdb.connect() as connection:
            orders = f"select {number} as load_number, id as order_id, {amount} as amount"
            connection.execute(f"copy ({orders} from range({ORDERS}) as t(id)) to '{landed}' (format parquet)")
        landed.replace(folder / "orders.parquet")

    def last_run(self) -> dict[str, Any]:
        """What the record of runs says of the last one."""
        return json.loads((self.folder / "runs.json").read_text(encoding="utf-8"))[-1]

    def manifest(self) -> dict[str, Any]:
        """The manifest of the current publication."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
