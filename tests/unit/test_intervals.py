"""Statistics that can be wrong carry their error: every rate of counts has an interval and a flag."""

import pytest
import yaml
from intervals import NO_INTERVAL, RATES
from warehouse.project import PROJECT_ROOT

COLUMNS = {
    model["name"]: [column["name"] for column in model["columns"]]
    for path in (PROJECT_ROOT / "models" / "marts").rglob("kpi_*.yml")
    for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
}
RATE_COLUMNS = [
    (mart, column)
    for mart, columns in sorted(COLUMNS.items())
    for column in columns
    if column.endswith(("_rate", "_rate_ua"))
]


@pytest.mark.parametrize(("mart", "rate"), RATE_COLUMNS, ids=lambda name: name)
def test_a_rate_has_an_interval_and_a_flag_or_a_reason(mart: str, rate: str) -> None:
    known = RATES.get(mart, {}).get(rate)
    assert (known is None) == (f"{mart}.{rate}" in NO_INTERVAL), "either a rate of counts, or a reason"
    if known is not None:
        needed = {f"{rate}_low", f"{rate}_high", *filter(None, [known.flag])}
        assert needed <= set(COLUMNS[mart]), f"no column {sorted(needed - set(COLUMNS[mart]))}"


def test_every_rate_named_is_a_column() -> None:
    named = {(mart, rate) for mart, rates in RATES.items() for rate in rates}
    named |= {tuple(name.split(".")) for name in NO_INTERVAL}
    assert named == set(RATE_COLUMNS)
