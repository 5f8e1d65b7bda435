"""Validates checks on a database: python -m warehouse.audit.run, the job as JSON on its input, results on its output.

A process of its own, because DuckDB's SQLAlchemy driver holds the file until its process ends.
"""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe

# importing it registers the data source type
import warehouse.audit.duckdb_datasource  # noqa: F401
from warehouse.audit.checks import Check, name_of
from warehouse.audit.data_docs import write_data_docs
from warehouse.audit.result import CheckResult

SHOWN_ROWS = 5
# what the library calls them
SEVERITIES = {"block": "critical", "warn": "warning", "info": "info"}


def run_checks(database: str, schema: str, checks: list[Check]) -> tuple[list[CheckResult], list[Any]]:
    """Validates one suite of expectations a table.

    Returns:
        What each check answers, in the order of the checks, and the library's own results, one a table.

    Raises:
        RuntimeError: a check itself is broken, such as one that names an unknown column.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_duckdb(
        name=schema, connection_string=f"duckdb:///{database}?access_mode=read_only", default_schema=schema
    )
    validated = []
    found: dict[str, CheckResult] = {}
    for table in dict.fromkeys(check["table"] for check in checks):
        own = [check for check in checks if check["table"] == table]
        asset = source.add_table_asset(table, table_name=table, schema_name=schema)
        batch = asset.add_batch_definition_whole_table(table).get_batch()
        suite = gx.ExpectationSuite(name=table, expectations=[_expectation(check) for check in own])
        result = batch.validate(suite, result_format="COMPLETE")
        for one in result.results:
            _shorten(one.result)
            name = one.expectation_config.meta["check"]
            if "'raised_exception': True" in str(one.exception_info):
                raise RuntimeError(f"the check {name} is broken: {one.exception_info}")
            found[name] = _answer(next(check for check in own if name_of(check) == name), one)
        validated.append(result)
    return [found[name_of(check)] for check in checks], validated


def _expectation(check: Check) -> Any:
    reason = " ".join(check["reason"].split())
    about = {
        "severity": SEVERITIES[check["severity"]],
        "meta": {"check": name_of(check), "severity": check["severity"], "reason": reason},
    }
    if "rows" in check:
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=check["rows"], description=reason, **about)
    return getattr(gxe, check["expectation"])(**check["arguments"], **about)


def _answer(check: Check, result: Any) -> CheckResult:
    return CheckResult(
        name=name_of(check),
        severity=check["severity"],
        passed=bool(result.success),
        reason=result.expectation_config.meta["reason"],
        examples=[] if result.success else list(_examples(result.result)),
    )


def _shorten(result: dict[str, Any]) -> None:
    """Leaves what is shown: a check that a million rows break would make a page of a million lines."""
    details = result.get("details") or {}
    for holder, key in ((details, "unexpected_rows"), (result, "unexpected_list"), (result, "unexpected_index_list")):
        if key in holder:
            holder[key] = holder[key][:SHOWN_ROWS]


def _examples(result: dict[str, Any]) -> Iterable[str]:
    details = result.get("details") or {}
    found = details.get("unexpected_rows") or result.get("partial_unexpected_list") or [result.get("observed_value")]
    for row in found[:SHOWN_ROWS]:
        yield ", ".join(f"{column} {value}" for column, value in row.items()) if isinstance(row, dict) else str(row)


def main() -> None:
    """Runs the job."""
    job = json.load(sys.stdin)
    # What libraries print is no result: neither Great Expectations, nor DuckDB, which draws a bar past Python when a
    # query takes two seconds.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)
        results, validated = run_checks(job["database"], job["schema"], job["checks"])
        write_data_docs(Path(job["data_docs"]), job["suite"], results, validated)
        json.dump([asdict(result) for result in results], answer)


if __name__ == "__main__":
    main()
