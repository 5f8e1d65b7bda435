"""The audit: Great Expectations on the raw lake before dbt, and on the marts before they are published.

- `raw.yml`, `marts.yml`: the checks of both suites, with thresholds, severity and reason
- `checks`: a suite with what a workspace changes about it
- `raw_profile`: what the raw suite looks at: each raw table summed up in one pass, loads against the loads before
- `run`: the process that validates a suite
- `data_docs`: the results as pages
- `duckdb_datasource`: the native connection
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb

from warehouse import child
from warehouse.audit.checks import Check, checks_for, refuse_unknown_overrides
from warehouse.audit.raw_profile import PROFILE_SCHEMA, write_profile
from warehouse.audit.result import CheckResult
from warehouse.errors import WarehouseError
from warehouse.load.sql import identifier, literal
from warehouse.privacy import ADDRESS_IN_TEXT
from warehouse.workspace import Workspace

__all__ = ["MARTS_CHECKS", "RAW_CHECKS", "CheckResult", "audit_marts", "audit_raw"]

RAW_CHECKS = Path(__file__).with_name("raw.yml")
MARTS_CHECKS = Path(__file__).with_name("marts.yml")


def audit_marts(workspace: Workspace, checks_file: Path = MARTS_CHECKS) -> list[CheckResult]:
    """Runs the suite of the marts on the working database, opened read-only.

    Raises:
        WarehouseError: nothing has been built, the database is in use, or a check itself is broken.
    """
    if not workspace.working_database.is_file():
        raise WarehouseError("Nothing has been built yet: run `warehouse build` first.")
    refuse_unknown_overrides(workspace, [RAW_CHECKS, MARTS_CHECKS])
    with _started() as process:
        checks = checks_for(workspace, checks_file, {"addresses": _addresses(workspace.working_database)})
        return _answers(process, workspace, "marts", workspace.working_database, "marts", checks)


def audit_raw(workspace: Workspace, today: date | None = None, checks_file: Path = RAW_CHECKS) -> list[CheckResult]:
    """Runs the raw suite on what has been loaded, before anything is built of it.

    Args:
        workspace: the company.
        today: the day that the data should be fresh for; by default the day the workspace states numbers for, or the
            newest one that the data know.
        checks_file: the suite; of one without checks nothing is run.

    Raises:
        WarehouseError: the raw lake cannot be read, or a check itself is broken.
    """
    refuse_unknown_overrides(workspace, [RAW_CHECKS, MARTS_CHECKS])
    checks = checks_for(workspace, checks_file, {})
    if not checks:
        return []
    profile = workspace.folder / "tmp" / f"profile_{os.getpid()}.duckdb"
    profile.parent.mkdir(parents=True, exist_ok=True)
    profile.unlink(missing_ok=True)
    # the library takes seconds to import: meanwhile the lake is summed up
    with _started() as process:
        try:
            write_profile(workspace, profile, today)
            return _answers(process, workspace, "raw", profile, PROFILE_SCHEMA, checks)
        finally:
            profile.unlink(missing_ok=True)


def _started() -> subprocess.Popen[str]:
    """The process that validates a suite; it waits for its job."""
    return child.start(
        [sys.executable, "-m", "warehouse.audit.run"],
        # Great Expectations reports usage over the network unless told not to.
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _addresses(database: Path) -> str:
    """SQL that counts the rows with an e-mail address, by every text column of the marts."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(
                "select table_name, list(column_name order by column_index) from duckdb_columns()"
                " where schema_name = 'marts' and data_type = 'VARCHAR' group by table_name order by table_name"
            ).fetchall()
    except duckdb.IOException as error:
        raise WarehouseError(f"The audit could not run: {error}") from error
    counts = []
    for table, columns in found:
        counted = ", ".join(
            f"(select count(*) from {identifier(table)} where contains({identifier(column)}, '@')"
            f" and regexp_matches({identifier(column)}, {literal(ADDRESS_IN_TEXT)}))"
            for column in columns
        )
        named = ", ".join(map(literal, columns))
        counts.append(
            f"select {literal(table)} as table_name, unnest([{named}]) as column_name, unnest([{counted}]) as rows"
        )
    # the library fills in names in braces
    return "(" + " union all ".join(counts).replace("{", "{{").replace("}", "}}") + ")"


def _answers(
    process: subprocess.Popen[str],
    workspace: Workspace,
    suite: str,
    database: Path,
    schema: str,
    checks: list[Check],
) -> list[CheckResult]:
    job = {
        "suite": suite,
        "database": str(database),
        "schema": schema,
        "checks": checks,
        "data_docs": str(workspace.data_docs),
    }
    output, errors = process.communicate(json.dumps(job))
    if process.returncode != 0:
        # after the traceback, DuckDB's bindings complain about objects that the driver never frees
        reason = [line for line in errors.splitlines() if "Error" in line and "leaked" not in line]
        raise WarehouseError(f"The audit could not run: {reason[-1] if reason else errors[-500:]}")
    return [CheckResult(**result) for result in json.loads(output)]
