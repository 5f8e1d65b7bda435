"""`warehouse metric` on the demo: every metric resolves, and the headline ones say what the board says."""

import duckdb
import pytest
from command_line import CommandLine
from warehouse.manifest import Manifest, metrics_with_cards
from warehouse.metric_card import MetricBook, card_rows
from warehouse.semantics.cards import LANGUAGES


@pytest.fixture(scope="module")
def book(demo: CommandLine) -> MetricBook:
    return MetricBook(duckdb.connect(str(demo.publication), read_only=True), 0.01)


def test_every_metric_resolves_in_every_language(manifest: Manifest, book: MetricBook) -> None:
    assert [metric["metric"] for metric in book.search()] == list(metrics_with_cards(manifest))
    for metric in book.search():
        for language in LANGUAGES:
            assert dict(card_rows(metric, book, language))


def test_headline_metrics_agree_with_the_board(demo: CommandLine, book: MetricBook) -> None:
    board = demo.rows(
        "select metric, cast(month_start as varchar) as month, value, change_rate, coalesce(trend, '') as trend"
        " from kpi_board where is_complete_period and value is not null"
        " qualify row_number() over (partition by metric order by month_start desc) = 1"
    )
    assert len(board) == 14
    for row in board:
        said = book.reading(book.metric(row["metric"]))
        assert (str(said.month), said.trend) == (row["month"], row["trend"]), row["metric"]
        assert said.value == pytest.approx(row["value"], rel=1e-9), row["metric"]
        assert (said.change_rate is None) == (row["change_rate"] is None), row["metric"]
        assert said.change_rate is None or said.change_rate == pytest.approx(row["change_rate"], abs=1e-9)


def test_the_command_prints_the_card_and_sql_that_runs(demo: CommandLine) -> None:
    assert "(revenue)" in demo.succeed("metric", "revenue", "--language", "pl")
    assert {"metric_time__month", "revenue"} == set(demo.rows(demo.succeed("metric", "revenue", "--sql"))[0])
