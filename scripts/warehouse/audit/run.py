"""Runs a checks file on a database and prints the results as JSON: python -m warehouse.audit.run DATABASE CHECKS."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import yaml

# importing it registers the data source type
import warehouse.audit.duckdb_datasource  # noqa: F401
from warehouse.audit.result import CheckResult

MARTS_SCHEMA = "marts"
SHOWN_ROWS = 5


def run_checks(database: Path, checks_file: Path) -> list[CheckResult]:
    """Validates each check of the file against the marts.

    Raises:
        RuntimeError: a check itself is broken, such as one that names an unknown column.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_duckdb(
        name="working", connection_string=f"duckdb:///{database}?access_mode=read_only"
    )
    checks = yaml.safe_load(checks_file.read_text(encoding="utf-8"))
    return [_run(source, check) for check in checks]


def _run(source: Any, check: dict[str, Any]) -> CheckResult:
    name = f"{check['table']}.{check['name']}"
    asset = source.add_table_asset(name, table_name=check["table"], schema_name=MARTS_SCHEMA)
    batch = asset.add_batch_definition_whole_table(name).get_batch()
    result = batch.validate(_expectation(check), result_format="COMPLETE")
    if "'raised_exception': True" in str(result.exception_info):
        raise RuntimeError(f"the check {name} is broken: {result.exception_info}")
    return CheckResult(
        name=name,
        severity=check["severity"],
        passed=bool(result.success),
        reason=" ".join(check["reason"].split()),
        examples=[] if result.success else _examples(result.result),
    )


def _expectation(check: dict[str, Any]) -> Any:
    if "rows" in check:
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=check["rows"])
    return getattr(gxe, check["expectation"])(**check["arguments"])


def _examples(result: dict[str, Any]) -> list[str]:
    details = result.get("details") or {}
    found = details.get("unexpected_rows") or result.get("partial_unexpected_list") or [result.get("observed_value")]
    return [_text(row) for row in found[:SHOWN_ROWS]]


def _text(row: Any) -> str:
    if isinstance(row, dict):
        return ", ".join(f"{column} {value}" for column, value in row.items())
    return str(row)


if __name__ == "__main__":
    results = run_checks(Path(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps([asdict(result) for result in results]))
