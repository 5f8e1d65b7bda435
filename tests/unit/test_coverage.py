"""Everything that is asked for is a column of a mart with a golden test, and docs/coverage.md says so."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from warehouse.coverage_docs import PAGE, Answer, answers, coverage_page
from warehouse.project import PROJECT_ROOT

MARTS = {path.stem: path for path in (PROJECT_ROOT / "models" / "marts").rglob("kpi_*.yml")}
ANSWERS = list(answers())

# What a B2B commerce team asks for, item by item. Predictive customer value and demand forecasts are for later.
ASKED = {
    "Overview board": (
        "monthly revenue",
        "orders",
        "average order value",
        "session conversion rate",
        "new customers",
        "repeat customers",
        "churn",
        "gross margin",
        "quote to order",
        "win rate",
        "NPS",
        "on-time delivery",
        "previous period, change and trend",
        "target and attainment",
        "revenue structure by segment, category, channel and country",
    ),
    "Customers": (
        "deals of an account",
        "volume of an account",
        "revenue and margin of an account",
        "days since the last order",
        "usual interval",
        "expected next order",
        "overdue ratio with seasonal control",
        "credit use of an account",
        "users and active users of an account",
        "last contact of an account",
        "NPS of an account",
        "new customers by month",
        "customers with a second purchase",
        "repeat rate",
        "purchase frequency",
        "retention cohorts",
        "churn by a stated rule",
        "revenue bridge",
        "net revenue retention",
        "gross revenue retention",
        "lifetime value, historic margin",
        "lifetime value, historic revenue",
        "cost of winning a customer",
        "RFM",
        "ABC of customers",
        "concentration: HHI and top 20 %",
        "accounts, users and active users",
        "research use and ordering use",
        "share of active customers who use the shop",
        "roll-up by company hierarchy",
    ),
    "Catalogs and products": (
        "revenue of a catalog and target group",
        "margin of a catalog",
        "orders of a catalog",
        "active and assigned accounts",
        "SKU coverage",
        "discount rate",
        "effect of a discount on the catalog",
        "effect of a discount on a product group",
        "most demanded items",
        "high-margin items",
        "price elasticity with its error, and a refusal",
        "price against competitors",
        "return rate of a product",
        "profitability of a product",
        "ABC of products",
    ),
    "Quotes and negotiation": (
        "quote requests",
        "quote to order by count",
        "quote to order by value",
        "time in each state",
        "time to first response",
        "negotiation duration, median and p90",
        "rounds",
        "discount depth, base against negotiated",
        "success probability by age and stage",
        "closing-speed trend",
        "quotes by rep, segment and catalog",
    ),
    "Sales team": (
        "deals by stage and rep",
        "won and lost",
        "win rate of deals",
        "average deal size",
        "cycle length",
        "weighted pipeline",
        "coverage against quota",
        "velocity",
        "deals due to close soon",
        "stale deals",
        "agreements and terms due for renewal",
        "leads to customers",
        "first contact to first order",
        "buying-group size",
        "quota attainment",
    ),
    "Web and funnel": (
        "visitors",
        "sessions",
        "pages per session",
        "time on site",
        "time per page type",
        "engaged time",
        "engagement and bounce, both definitions",
        "bounce by keyword",
        "bounce by landing page",
        "page-load time",
        "content interactions: clicks, product views, videos, articles",
        "cart abandonment by cart",
        "cart abandonment by session",
        "cart abandonment by user",
        "purchase funnel with drop-off",
        "path duration",
        "journey stage: awareness, consideration, decision, purchase, repeat",
        "conversion by traffic source",
        "conversion by company size",
        "organic share",
        "CTR",
        "A/B results",
    ),
    "Orders and channels": (
        "order-channel mix",
        "digital influence on offline orders",
        "self-service share",
        "order size",
        "returns",
    ),
    "Marketing": (
        "spend",
        "impressions",
        "clicks",
        "CTR of campaigns",
        "CPC",
        "CPM",
        "CPL",
        "CAC",
        "payback",
        "ROAS by campaign and channel",
        "ROI by campaign and channel",
        "e-mail open rate",
        "e-mail click rate",
        "e-mail click-to-open rate",
        "rule-based attribution: first, last, linear, position, time decay",
    ),
    "Operations and finance": (
        "order to ship",
        "order to deliver",
        "OTIF",
        "fill rate",
        "inventory turnover",
        "days on hand",
        "weeks of cover",
        "storage value",
        "AR aging",
        "DSO",
        "overdue share",
        "terms mix 30, 60 and 90",
        "credit use",
        "supplier score: price, quality, delivery time",
    ),
    "Service": (
        "first response time",
        "resolution time",
        "unanswered rate",
        "SLA hit rate",
        "NPS by month",
        "CSAT",
        "stated willingness to continue",
        "review score",
        "NPS joined to revenue",
    ),
    "Segment benchmark": (
        "company size by conversion, time on site and bounce",
        "benchmark of industry, country and catalog group",
    ),
}


def names_of(mart: str) -> set[str]:
    """Columns of a mart, and the values that its contract lists."""
    (model,) = yaml.safe_load(MARTS[mart].read_text(encoding="utf-8"))["models"]
    names = set()
    for column in model["columns"]:
        names.add(column["name"])
        for test in column.get("data_tests", ()):
            if isinstance(test, dict) and "accepted_values" in test:
                names |= set(test["accepted_values"]["arguments"]["values"])
    return names


def words_of(node: ast.AST) -> set[str]:
    """Words of the code of a function: of its strings, names and arguments, not of comments and docstrings."""
    words = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            words |= set(re.findall(r"\w+", part.value))
        elif isinstance(part, ast.Name):
            words.add(part.id)
        elif isinstance(part, ast.keyword) and part.arg:
            words.add(part.arg)
    return words


def without_docstring(function: ast.FunctionDef) -> ast.FunctionDef:
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:] or [ast.Pass()]
    return function


def is_fixture(function: ast.FunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


@cache
def functions_of(path: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Each test function of a file: its words, and the marts it names, itself or by a helper it calls."""
    tree = ast.parse((PROJECT_ROOT / path).read_text(encoding="utf-8"))
    functions = [without_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    helpers = {
        function.name: words_of(function) & set(MARTS)
        for function in functions
        if not function.name.startswith("test_") and not is_fixture(function)
    }

    def found() -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        for function in functions:
            if function.name.startswith("test_"):
                words = words_of(function)
                marts = (words & set(MARTS)).union(*(helpers[name] for name in words & set(helpers)))
                yield frozenset(words), frozenset(marts)

    return tuple(found())


def test_everything_asked_is_answered() -> None:
    answered = {(answer.area, answer.item) for answer in ANSWERS}
    missing = [(area, item) for area, items in ASKED.items() for item in items if (area, item) not in answered]
    assert missing == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.mart}: {answer.item}")
def test_what_is_answered_is_tested(answer: Answer) -> None:
    assert answer.mart in MARTS, f"no mart {answer.mart}"
    missing = set(answer.columns) - names_of(answer.mart)
    assert not missing, f"{answer.mart} has neither column nor value {sorted(missing)}"
    assert (PROJECT_ROOT / answer.test).is_file(), f"no file {answer.test}"
    of_the_mart = [words for words, marts in functions_of(str(answer.test)) if answer.mart in marts]
    assert of_the_mart, f"no test of {answer.test} names {answer.mart}"
    untested = set(answer.columns) - frozenset().union(*of_the_mart)
    assert not untested, f"no test of {answer.test} names {answer.mart} and {sorted(untested)}"


def test_every_kpi_mart_answers_something() -> None:
    helpers = {"kpi_board_measures", "kpi_service_account", "kpi_competitor_price"}
    assert set(MARTS) - {answer.mart for answer in ANSWERS} == helpers


def test_the_coverage_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage_page(), "run `make docs`"
