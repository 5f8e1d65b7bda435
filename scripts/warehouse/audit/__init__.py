"""The audit between build and publish: Great Expectations on the marts of the working database."""

import json
import os
import sys
from pathlib import Path

from warehouse import child
from warehouse.audit.result import CheckResult
from warehouse.errors import WarehouseError
from warehouse.workspace import Workspace

__all__ = ["CHECKS_FILE", "CheckResult", "audit"]

CHECKS_FILE = Path(__file__).with_name("checks.yml")


def audit(workspace: Workspace, checks_file: Path = CHECKS_FILE) -> list[CheckResult]:
    """Runs every check of a checks file on the marts of the working database, opened read-only.

    A process of its own, because DuckDB's SQLAlchemy driver holds the file until its process ends.

    Raises:
        WarehouseError: nothing has been built, the database is in use, or a check itself is broken.
    """
    if not workspace.working_database.is_file():
        raise WarehouseError("Nothing has been built yet: run `warehouse build` first.")
    process = child.run(
        [sys.executable, "-m", "warehouse.audit.run", workspace.working_database, checks_file],
        # Great Expectations reports usage over the network unless told not to.
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
        capture_output=True,
    )
    if process.returncode != 0:
        # after the traceback, DuckDB's bindings complain about objects that the driver never frees
        reason = [line for line in process.stderr.splitlines() if "Error" in line and "leaked" not in line]
        raise WarehouseError(f"The audit could not run: {reason[-1] if reason else process.stderr[-500:]}")
    return [CheckResult(**result) for result in json.loads(process.stdout)]
