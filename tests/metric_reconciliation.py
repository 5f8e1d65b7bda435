"""Compares each metric as MetricFlow computes it with the KPI mart that states the same number.

Both sides are queried on a publication: the metric through MetricFlow's SQL, the mart through the mapping in the
metric's own `meta.mart`. The comparison is a full outer one: a row that only one side has must say nothing there (zero,
or no value).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from warehouse.semantics.engine import BY_MONTH, Semantics

# Money is compared to half a cent, counts exactly, everything else to nine digits.
MONEY_TOLERANCE = 0.005
RELATIVE_TOLERANCE = 1e-9

Cells = dict[tuple[str, ...], float | None]


@dataclass(frozen=True)
class Difference:
    """A cell in which MetricFlow and the mart do not agree."""

    metric: str
    cell: tuple[str, ...]
    metricflow: float | None
    mart: float | None

    def __str__(self) -> str:
        place = " / ".join(part or "no month" for part in self.cell)
        return f"{self.metric} [{place}]: MetricFlow {self.metricflow}, mart {self.mart}"


def differences(
    metric: Mapping[str, Any], semantics: Semantics, connection: duckdb.DuckDBPyConnection
) -> list[Difference]:
    """Where a metric and its mart differ, by month and by the dimension that both have."""
    meta = metric["config"]["meta"]
    mart = meta["mart"]
    found = []
    for by_member in groupings(mart):
        stated = _cells(connection, mart_sql(mart, by_member))
        computed = _cells(connection, metricflow_sql(metric["name"], mart, by_member, semantics))
        if mart.get("months") == "stated":
            months = {cell[0] for cell in stated}
            computed = {cell: value for cell, value in computed.items() if cell[0] in months}
        found += [
            Difference(metric["name"], cell, computed.get(cell), stated.get(cell))
            for cell in sorted({*computed, *stated})
            if not _agree(computed.get(cell), stated.get(cell), meta)
        ]
    return found


def groupings(mart: Mapping[str, Any]) -> list[bool]:
    """Which comparisons a mart allows: of months (false), and of months and members (true)."""
    dimension = mart.get("dimension")
    if not dimension:
        return [False]
    return [True] if dimension.get("only") else [False, True]


def mart_sql(mart: Mapping[str, Any], by_member: bool) -> str:
    """The mart's own statement: month, member, value."""
    dimension = mart.get("dimension") or {}
    columns = _as_list(dimension["column"]) if dimension else []
    conditions = [f"({mart['where']})"] if mart.get("where") else []
    if "total" in dimension:
        conditions.append(f"{columns[0]} {'<>' if by_member else '='} '{dimension['total']}'")
    keys = [f"cast({mart['month']} as date)", *(columns if by_member else [])]
    value = dimension.get("value", mart["value"]) if by_member else mart["value"]
    return (
        f"select {', '.join(_text(key) for key in keys)}, {value} from {mart['model']}"
        + (f" where {' and '.join(conditions)}" if conditions else "")
        + f" group by {', '.join(keys)}"
    )


def metricflow_sql(name: str, mart: Mapping[str, Any], by_member: bool, semantics: Semantics) -> str:
    """The same of MetricFlow: month, member, value."""
    dimension = mart.get("dimension") or {}
    members = _as_list(dimension["semantic"]) if by_member else []
    missing = dimension.get("missing", "unknown")
    sql = semantics.sql([name], [BY_MONTH, *members])
    columns = [_text(f"cast({BY_MONTH} as date)"), *(f"coalesce({_text(member)}, '{missing}')" for member in members)]
    return f"select {', '.join(columns)}, {name} from ({sql}) as metric"


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _text(expression: str) -> str:
    return f"cast({expression} as varchar)"


def _cells(connection: duckdb.DuckDBPyConnection, sql: str) -> Cells:
    cells: Cells = {}
    for *key, value in connection.execute(sql).fetchall():
        # what has no day belongs to no month
        cell = tuple("" if part is None else part for part in key)
        number, known = None if value is None else float(value), cells.get(cell)
        # facts that count nowhere have no member: their empty row may stand beside that of the member `unknown`
        assert not (number and known), f"two rows for {cell}: {sql}"
        if number or known is None:
            cells[cell] = number
    return cells


def _agree(computed: float | None, stated: float | None, meta: Mapping[str, Any]) -> bool:
    if meta["additivity"] != "non_additive" or meta["unit"] == "count":
        # nothing counted and nothing there are one
        computed, stated = computed or 0.0, stated or 0.0
    if computed is None or stated is None:
        return computed is stated
    if meta["unit"] == "count":
        return computed == stated
    if meta["unit"] == "currency" and meta["additivity"] != "non_additive":
        return abs(computed - stated) <= MONEY_TOLERANCE
    return abs(computed - stated) <= RELATIVE_TOLERANCE * max(abs(computed), abs(stated))
