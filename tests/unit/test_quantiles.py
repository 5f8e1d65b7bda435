"""Quantiles worked out from how often each number comes (macros/sql/common.sql)."""

import random
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment

COMMON = Path(__file__).parents[2] / "macros" / "sql" / "common.sql"
SHARES = ("0.0", "0.25", "0.5", "0.75", "0.9", "1.0")


def rendered(macro: str, *arguments: Any) -> str:
    """SQL of a macro that names no other."""
    return str(getattr(Environment().from_string(COMMON.read_text(encoding="utf-8")).module, macro)(*arguments))


def quantile(values: list[int], share: str) -> float:
    """By definition: the value at its place in their order, or so far between the two that it lies between."""
    place = Fraction(share) * (len(values) - 1)
    below, above = sorted(values)[floor(place)], sorted(values)[ceil(place)]
    return float(below + (above - below) * (place - floor(place)))


def test_quantiles_of_counts_are_those_of_the_values() -> None:
    draw = random.Random(1)
    groups = {
        group: [draw.randint(0, draw.choice([1, 5, 100_000])) for _ in range(draw.randint(1, 60))]
        for group in range(300)
    }
    rows = [(group, value) for group, values in groups.items() for value in values]
    draw.shuffle(rows)
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as r", [rows])
        connection.execute("create table v as select r[1] as g, r[2] as v from t")
        found = connection.execute(
            f"with counts as (select {rendered('value_counts', 'v', ['g'])} from v group by g, v)"
            f" select g, any_value(rows_of_all),"
            f" {', '.join(rendered('quantile_of_counts', 'v', share) for share in SHARES)} from counts group by g"
        ).fetchall()
    assert len(found) == len(groups)
    for group, rows_of_all, *quantiles in found:
        assert rows_of_all == len(groups[group])
        # rounding of a share like 0.9 aside
        assert all(
            abs(value - quantile(groups[group], share)) < 1e-6 for value, share in zip(quantiles, SHARES, strict=True)
        ), (group, groups[group], quantiles)
