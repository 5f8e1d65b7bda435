"""Where a model's statement spends its time, by EXPLAIN ANALYZE. For a process of its own, on a database that stands.

Run as: python -m warehouse.benchmark.explain DATABASE TEMPORARY_FOLDER STATEMENT_FILE
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

# What an operator does, as far as a line of a table holds it.
SHOWN_CHARACTERS = 70
SAID = ("Table", "Function", "Groups", "Conditions", "Order By", "Filters", "Expression", "Projections")


def operators(plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operator of a plan, as DuckDB writes it in JSON, with its own seconds (of all threads) and rows."""
    for operator in plan.get("operator") or plan.get("children") or []:
        name = operator.get("type") or operator.get("operator_name") or "?"
        if name not in ("RESULT_COLLECTOR", "EXPLAIN_ANALYZE"):
            yield {
                "operator": name,
                "seconds": operator.get("timing", 0.0),
                "rows": operator.get("intermediate_rows", 0),
                "what": _what(operator.get("extra_info") or {}),
            }
        yield from operators({"children": operator.get("children") or []})


def _what(said: Mapping[str, Any]) -> str:
    for key in SAID:
        if said.get(key):
            value = said[key]
            text = " ".join((", ".join(value) if isinstance(value, list) else str(value)).split())
            return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return ""


def main() -> None:
    """Prints the operators as JSON, the slowest first."""
    database, temporary, statement = sys.argv[1:]
    settings = {"memory_limit": os.environ.get("WAREHOUSE_MEMORY_LIMIT", "4GB"), "temp_directory": temporary}
    with duckdb.connect(database, read_only=True, config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        query = Path(statement).read_text(encoding="utf-8")
        (_, plan) = connection.execute(f"explain (analyze, format json) {query}").fetchone()
    found = sorted(operators(json.loads(plan)), key=lambda operator: -operator["seconds"])
    print(json.dumps({"operators": found}))


if __name__ == "__main__":
    main()
