"""`warehouse metric` on a small publication, made by hand: three months of orders, one value a day of state."""

import json
from pathlib import Path

import duckdb
import pytest
from command_line import CommandLine
from warehouse.metric_card import MetricBook, formatted
from warehouse.semantics.cards import LANGUAGES
from warehouse.semantics.compile import COLUMNS

BY_MONTH = (
    "select date_trunc('month', day)::timestamp as metric_time__month, {value} as {name} from fct_sales group by 1"
)
# metric: unit, direction, additivity, value, mart
METRICS = {
    "sales": ("currency", "up", "additive", "sum(amount)", None),
    "orders": ("count", "up", "additive", "count(*)", None),
    "complaint_rate": ("rate", "down", "non_additive", "avg(complaints)", None),
    "late_rate": (
        "rate",
        "down",
        "non_additive",
        "avg(late)",
        {"model": "kpi_late", "month": "month_start", "where": "kind = 'late'"},
    ),
    "delay": ("hours", "down", "non_additive", "max(hours)", None),
    "overdue": (
        "count",
        "none",
        "semi_additive",
        "max(id)",
        {"model": "kpi_now", "month": "date_trunc('month', as_of_on)"},
    ),
}


def make_publication(path: Path, *, with_catalog: bool = True) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table publication_info as select date '2026-04-10' as as_of_on,"
            " date '2026-01-05' as data_starts_on, 'PLN' as base_currency, 'Europe/Warsaw' as reporting_timezone"
        )
        connection.execute(
            "create table fct_sales (id integer, day date, amount decimal(18, 4), complaints double, late double,"
            " hours double)"
        )
        connection.execute(
            "insert into fct_sales values (1, '2026-01-05', 1000, 0.2, 0.1, 5), (2, '2026-02-03', 600, 0.04, 0.2, 6),"
            " (3, '2026-02-05', 400, 0.06, 0.4, 8), (4, '2026-03-01', 1013, 0.075, 0.9, 1.5),"
            " (5, '2026-04-02', 9, 0, 0, 1), (6, null, 7, 0, 0, 1)"
        )
        # March is over, but not ripe: late_rate is stated for February
        connection.execute(
            "create table kpi_late as select * from (values ('late', date '2026-01-01', true),"
            " ('late', date '2026-02-01', true), ('late', date '2026-03-01', false),"
            " ('other', date '2026-03-01', true)) as late (kind, month_start, is_complete_period)"
        )
        if not with_catalog:
            return
        definitions = ", ".join(f"{name} {data_type}" for name, data_type in COLUMNS.items())
        connection.execute(f"create table metric_catalog ({definitions})")
        for name, (unit, direction, additivity, value, mart) in METRICS.items():
            cards = {
                language: {
                    "label": f"{name} in {language}",
                    "meaning": "Сколько жалоб" if language == "ru" and name == "complaint_rate" else "What it means.",
                    "reading": "How it is read.",
                    "formula": "a / [b]",
                }
                for language in LANGUAGES
            }
            row = {
                "metric": name,
                "label": cards["en"]["label"],
                "area": "service" if name == "delay" else "overview",
                "question": "How much?",
                "unit": unit,
                "direction": direction,
                "additivity": additivity,
                "clock": "Order day",
                "owner": "finance",
                "variants": ["orders"] if name == "sales" else [],
                "sql": BY_MONTH.format(name=name, value=value),
                "mart": json.dumps(mart) if mart else None,
                "cards": json.dumps(cards),
            }
            connection.execute(
                f"insert into metric_catalog ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                list(row.values()),
            )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    data = tmp_path_factory.mktemp("published")
    (data / "demo").mkdir()
    make_publication(data / "demo" / "warehouse.duckdb")
    return CommandLine(data, "demo")


@pytest.fixture
def book(warehouse: CommandLine) -> MetricBook:
    return MetricBook(duckdb.connect(str(warehouse.publication), read_only=True), 0.01)


def reading(book: MetricBook, name: str) -> tuple[object, ...]:
    said = book.reading(book.metric(name))
    month = said.month and said.month.isoformat()
    return month, said.value, said.previous, said.change, said.change_rate, said.trend


def test_an_amount_of_the_last_complete_month_against_the_month_before(book: MetricBook) -> None:
    assert reading(book, "sales") == ("2026-03-01", 1013.0, 1000.0, 13.0, 0.013, "↑")


def test_a_month_that_is_not_ripe_is_passed_over(book: MetricBook) -> None:
    month, value, previous, change, change_rate, trend = reading(book, "late_rate")
    assert (month, previous, trend) == ("2026-02-01", 0.1, "↑")
    assert (value, change, change_rate) == pytest.approx((0.3, 0.2, 2))


def test_a_change_of_one_per_cent_is_a_trend_and_less_is_none(warehouse: CommandLine) -> None:
    def trend(threshold: float) -> str:
        connection = duckdb.connect(str(warehouse.publication), read_only=True)
        book = MetricBook(connection, threshold)
        return book.reading(book.metric("sales")).trend

    assert (trend(0.013), trend(0.0131)) == ("↑", "→")


def test_a_state_of_today_has_no_month_before(book: MetricBook) -> None:
    assert reading(book, "overdue") == (None, 5.0, None, None, None, "")


def test_a_month_without_rows_is_zero_where_values_add_up_and_unknown_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make_publication(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from fct_sales where month(day) = 3")
        book = MetricBook(connection, 0.01)
        assert reading(book, "sales") == ("2026-03-01", 0.0, 1000.0, -1000.0, -1.0, "↓")
        assert reading(book, "delay")[:3] == ("2026-02-01", 8.0, 5.0)
        connection.execute("delete from fct_sales where month(day) = 2")
        # nothing to divide by: no rate and no arrow
        assert reading(book, "orders") == ("2026-03-01", 0.0, 0.0, 0.0, None, "")
        # data that begin in mid-month leave it incomplete
        connection.execute("update publication_info set data_starts_on = '2026-02-10', as_of_on = '2026-03-30'")
        assert reading(book, "sales") == (None, None, None, None, None, "")


@pytest.mark.parametrize(
    ("unit", "texts"),
    [
        ("currency", ("PLN1,234.50", "1 234,50 zł", "1 234,50 PLN", "PLN1,234.50")),
        ("rate", ("123,450%", "123 450%", "123 450 %", "123,450%")),
        ("hours", ("1,234.5 hours", "1 234,5 godziny", "1 234,5 часа", "1,234.5小时")),
        ("score", ("1,234.5", "1 234,5", "1 234,5", "1,234.5")),
        ("currency_per_day", ("PLN1.50 per day", "1,50 zł dziennie", "1,50 PLN в день", "每天 PLN1.50")),
    ],
)
def test_a_value_is_written_as_in_the_language(unit: str, texts: tuple[str, ...]) -> None:
    for language, text in zip(LANGUAGES, texts, strict=True):
        value = 1.5 if unit == "currency_per_day" else 1234.5
        assert formatted(value, unit, "PLN", language).replace("\xa0", " ") == text
    assert formatted(None, unit, "PLN", "pl") == "brak"


def test_the_card_in_english(warehouse: CommandLine) -> None:
    lines = [" ".join(line.split()) for line in warehouse.succeed("metric", "sales").splitlines()]
    assert lines == [
        "sales in en (sales)",
        "What it means.",
        "March 2026 PLN1,013.00",
        "February 2026 PLN1,000.00",
        "Change +PLN13.00 (+1.3%) ↑ better",
        "Question How much?",
        "Formula a / [b]",
        "How to read it How it is read.",
        "Unit base currency",
        "Good direction higher is better",
        "Additivity additive",
        "Dated by Order day",
        "Owner finance",
        "Not to be confused with orders in en (orders)",
        "Definition docs/metrics.md",
        "SQL",
        BY_MONTH.format(name="sales", value="sum(amount)"),
    ]


def test_the_card_in_polish_says_which_way_is_good_and_counts_points(warehouse: CommandLine) -> None:
    text = " ".join(warehouse.succeed("metric", "complaint_rate", "--language", "pl").split())
    assert "marzec 2026 7,5% luty 2026 5% Zmiana +2,5 p.p. (+50%) ↑ gorzej Wzór a / [b] Jak czytać" in text
    assert "How much?" not in text


def test_a_state_of_today_names_its_day(warehouse: CommandLine) -> None:
    assert "截至 2026年4月10日 5 " in " ".join(warehouse.succeed("metric", "overdue", "-l", "zh").split())


def test_a_company_without_data_has_no_value_and_no_day(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    path = tmp_path / "demo" / "warehouse.duckdb"
    make_publication(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from fct_sales; update publication_info set as_of_on = null, data_starts_on = null")
    for name in ("sales", "overdue"):
        assert "Value no complete month" in " ".join(CommandLine(tmp_path, "demo").succeed("metric", name).split())


def test_the_sql_runs_as_it_is(warehouse: CommandLine) -> None:
    sql = warehouse.succeed("metric", "orders", "--sql")
    assert [row["orders"] for row in warehouse.rows(sql + " order by metric_time__month")] == [1, 2, 1, 1, 1]


def test_lists_and_searches(warehouse: CommandLine) -> None:
    def listed(*arguments: str) -> set[str]:
        output = warehouse.succeed("metric", *arguments)
        return {name for name in METRICS if f" {name} " in output}

    assert listed("--list") == set(METRICS)
    assert listed("--list", "--area", "service") == {"delay"}
    assert listed("--list", "--search", "Жалоб") == {"complaint_rate"}
    assert listed("--list", "--search", "late rate") == {"late_rate"}
    assert "sales in zh" in warehouse.succeed("metric", "--list", "-l", "zh")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sale"], "There is no metric 'sale'. Did you mean sales"),
        (["Late Rate"], "Did you mean late_rate"),
        (["xyzzy"], "See `warehouse metric --list`."),
        ([], "Name a metric, or list them"),
        (["--list", "--area", "shop"], "There is no area 'shop'. Areas: overview"),
        (["--list", "--search", "xyzzy"], "No metric mentions this."),
    ],
)
def test_what_does_not_exist_is_said(warehouse: CommandLine, arguments: list[str], message: str) -> None:
    process = warehouse.run("metric", *arguments)
    assert process.returncode == 1
    assert message in " ".join(process.stderr.split())


def test_a_publication_of_before_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    make_publication(tmp_path / "demo" / "warehouse.duckdb", with_catalog=False)
    process = CommandLine(tmp_path, "demo").run("metric", "sales")
    assert process.returncode == 1
    assert "Run `warehouse build`" in process.stderr
