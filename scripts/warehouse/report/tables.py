"""Rows of the publication as the pages read them: JSON in columns, repeated texts written once."""

import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb


@dataclass(frozen=True)
class Rows:
    """What a query gave, in values that JSON can hold."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def to_json(self) -> dict[str, Any]:
        """Columns; one of texts as a list of the texts and the number of each row's."""
        columns = {}
        for position, name in enumerate(self.columns):
            values = [row[position] for row in self.rows]
            texts = sorted({value for value in values if isinstance(value, str)})
            if texts and len(texts) < len(values):
                numbers = {text: number for number, text in enumerate(texts)}
                columns[name] = {"texts": texts, "of": [-1 if v is None else numbers[v] for v in values]}
            else:
                columns[name] = values
        return {"rows": len(self.rows), "columns": columns}


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """Runs a query."""
    result = connection.execute(query)
    columns = [column[0] for column in result.description]
    return Rows(columns, [tuple(map(value_of, row)) for row in result.fetchall()])


def value_of(value: Any) -> Any:
    """A value as JSON holds it: decimals as numbers, days and times as ISO texts."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        # sums of doubles carry noise beyond what the marts' decimals have
        value = round(value, 6)
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value


def script(call: str, *arguments: Any) -> str:
    """A file that hands data to the page: pages opened from disk may read scripts and nothing else."""
    texts = ",".join(json.dumps(argument, ensure_ascii=False, separators=(",", ":")) for argument in arguments)
    return f"{call}({texts});\n"
