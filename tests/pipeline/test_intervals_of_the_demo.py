"""Intervals and flags of all rates of counts, row by row on the demo company, against Wilson's equation."""

from collections.abc import Iterator
from math import sqrt

import duckdb
import pytest
from command_line import CommandLine
from intervals import RATES

Z = 1.959964
ENOUGH = 30


@pytest.fixture(scope="module")
def marts(demo: CommandLine) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(demo.publication, read_only=True) as connection:
        yield connection


def bounds(cases: float, of: float) -> tuple[float, float]:
    """The two shares p that lie Z of their own standard errors from what was seen: (seen - p)^2 = Z^2 p (1 - p) / n."""
    a, b, c = 1 + Z**2 / of, -(2 * cases / of + Z**2 / of), (cases / of) ** 2
    root = sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_the_equation() -> None:
    # Wilson for all of n: n / (n + Z^2) to 1; for none the same from the other side
    assert bounds(2, 2) == pytest.approx((2 / (2 + Z**2), 1))
    assert bounds(0, 2) == pytest.approx((0, Z**2 / (2 + Z**2)))


@pytest.mark.parametrize(
    ("mart", "rate"), [(mart, rate) for mart, rates in RATES.items() for rate in rates], ids=lambda name: name
)
def test_a_rate_is_within_its_interval(marts: duckdb.DuckDBPyConnection, mart: str, rate: str) -> None:
    known = RATES[mart][rate]
    rows = marts.execute(
        f"""select {known.cases}, {known.of}, {known.judged_by or known.of}, {rate}, {rate}_low, {rate}_high,
        {known.flag or "true"} from {mart}"""
    ).fetchall()
    assert any(row[3] is not None for row in rows), "nothing to compare"
    for cases, of, judged_by, share, low, high, flag in rows:
        if share is None or share > 1:
            # empty without cases, where a window is not over, and where it is no share
            assert (low, high) == (None, None)
        else:
            assert share == pytest.approx(float(cases) / float(of), abs=1e-9)
            assert (low, high) == pytest.approx(bounds(float(cases), float(of)), abs=1e-6)
            assert -1e-9 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1 + 1e-9
        if known.flag is not None or share is not None:
            assert flag == ((judged_by or 0) >= ENOUGH)
