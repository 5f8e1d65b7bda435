"""The queries of the README and the analyses run on the demo and answer something."""

import re
import shlex
from pathlib import Path

import pytest
from command_line import CommandLine
from warehouse.project import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r'^\.venv/bin/warehouse sql "([^"]+)"$', README, flags=re.MULTILINE)
SEMANTIC_QUERIES = re.findall(r"^\.venv/bin/warehouse mf -- (.+)$", README, flags=re.MULTILINE)
METRICS = re.findall(r"^\.venv/bin/warehouse (metric [^#\n]+)", README, flags=re.MULTILINE)
ANALYSES = sorted((PROJECT_ROOT / "analyses").glob("*.sql"))


def test_there_are_queries_to_start_with() -> None:
    assert len(QUERIES) == 4
    assert len(SEMANTIC_QUERIES) == 6


@pytest.mark.parametrize("query", QUERIES)
def test_queries(demo: CommandLine, query: str) -> None:
    assert demo.rows(query)


@pytest.mark.parametrize("query", SEMANTIC_QUERIES)
def test_semantic_queries(demo: CommandLine, query: str) -> None:
    assert "✔" in demo.succeed("mf", "--", *shlex.split(query))


@pytest.mark.parametrize("arguments", METRICS)
def test_metrics(demo: CommandLine, arguments: str) -> None:
    assert demo.succeed(*arguments.split())


def published(path: Path) -> str:
    """What `dbt compile` makes of an analysis, on the published names."""
    return re.sub(r"\{\{\s*ref\('(\w+)'\)\s*\}\}", r"\1", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_analyses(demo: CommandLine, path: Path) -> None:
    assert demo.rows(published(path))


def test_effects_add_up_to_the_change_of_conversion(demo: CommandLine) -> None:
    all_sources, *sources = demo.rows(published(PROJECT_ROOT / "analyses" / "why_did_conversion_change.sql"))
    change = demo.value(
        "select 100 * change_amount from kpi_board where metric = 'session_conversion_rate' and is_complete_period"
        " order by month_start desc limit 1"
    )
    assert all_sources["source"] == "all"
    assert all_sources["by_mix_points"] + all_sources["by_rate_points"] == pytest.approx(change, abs=0.002)
    rounding = 0.0005 * (len(sources) + 1)
    for effect in ("by_mix_points", "by_rate_points"):
        assert sum(row[effect] for row in sources) == pytest.approx(all_sources[effect], abs=rounding)


def test_effects_add_up_to_the_change_of_revenue(demo: CommandLine) -> None:
    (row,) = demo.rows(published(PROJECT_ROOT / "analyses" / "why_did_revenue_change.sql"))
    effects = row["by_number_of_orders"] + row["by_size_of_orders"] + row["by_returns"]
    assert effects == pytest.approx(row["revenue_change"], abs=0.03)
    change = demo.value(
        "select change_amount from kpi_board where metric = 'revenue' and is_complete_period"
        " order by month_start desc limit 1"
    )
    assert row["revenue_change"] == pytest.approx(change, abs=0.01)


def test_first_orders_are_one_per_new_customer(demo: CommandLine) -> None:
    rows = demo.rows(published(PROJECT_ROOT / "analyses" / "which_channels_do_new_customers_use.sql"))
    customers = demo.value("select sum(numerator) from kpi_board where metric = 'new_customers'")
    assert sum(row["new_customers"] for row in rows) == customers


def test_only_what_is_due_is_chased(demo: CommandLine) -> None:
    rows = demo.rows(published(PROJECT_ROOT / "analyses" / "which_invoices_to_chase.sql"))
    assert all(row["past_due_days"] > 0 for row in rows)
