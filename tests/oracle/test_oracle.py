"""The published demo equals the oracle, row for row."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import oracle
import pandas as pd
import pytest
from command_line import CommandLine

SMALLEST_AMOUNT = Decimal("0.0001")
SHOWN = 5


@pytest.fixture(scope="module")
def publication(demo: CommandLine) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.publication), read_only=True) as connection:
        yield connection


def published_rows(publication: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    cursor = publication.execute(query)
    columns = [column for column, *_ in cursor.description]
    return pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)


def select(publication: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> pd.DataFrame:
    return published_rows(publication, f"select {', '.join(columns)} from {table}")


def is_same(mine: Any, theirs: Any, tolerance: Decimal) -> bool:
    if pd.isna(mine) or pd.isna(theirs):
        return bool(pd.isna(mine) and pd.isna(theirs))
    if isinstance(theirs, Decimal | int) and not isinstance(theirs, bool):
        return abs(Decimal(int(mine) if not isinstance(mine, Decimal) else mine) - theirs) <= tolerance
    return bool(mine == theirs)


def differences(
    mine: pd.DataFrame, theirs: pd.DataFrame, key: list[str], tolerances: dict[str, Decimal]
) -> list[tuple[Any, ...]]:
    """Key, column, value of the oracle and value of the publication wherever they differ; None for a missing row."""
    of_oracle, of_publication = mine.set_index(key), theirs.set_index(key)
    assert of_oracle.index.is_unique
    assert of_publication.index.is_unique
    unmatched = of_oracle.index.symmetric_difference(of_publication.index)
    found = [(row, "row", row in of_oracle.index or None, row in of_publication.index or None) for row in unmatched]
    common = of_oracle.index.intersection(of_publication.index)
    for column in of_publication.columns:
        pairs = zip(common, of_oracle.loc[common, column], of_publication.loc[common, column], strict=True)
        tolerance = tolerances.get(column, Decimal(0))
        found += [(row, column, own, their) for row, own, their in pairs if not is_same(own, their, tolerance)]
    return found


def assert_same(
    mine: pd.DataFrame, theirs: pd.DataFrame, key: list[str], tolerances: dict[str, Decimal] | None = None
) -> None:
    """Both hold the same rows with the same values in all columns of the publication."""
    assert len(theirs)
    found = differences(mine, theirs, key, tolerances or {})
    by_column = pd.Series([column for _, column, *_ in found], dtype=object).value_counts().to_dict()
    examples = [example for column in by_column for example in [row for row in found if row[1] == column][:SHOWN]]
    lines = [f"{row} {column}: oracle {own}, publication {their}" for row, column, own, their in examples]
    assert not found, "\n".join([f"{len(found)} differences: {by_column}", *lines])


def test_clock_changes_are_read_as_documented() -> None:
    ordered_at = oracle.orders().set_index("order_id").ordered_at
    assert ordered_at["demo_shop:SO-100163"] == dt.datetime(2024, 10, 27, 1, 15)
    assert ordered_at["demo_shop:SO-100783"] == dt.datetime(2025, 10, 26, 1, 30)
    assert ordered_at["demo_shop:SO-100379"] == dt.datetime(2025, 3, 30, 1, 30)


def with_published_guests(mine: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Puts the published key of each guest in the place of the address, each guest having one of its own."""
    keys = mine.merge(theirs, on="order_id", suffixes=("", "_published")).dropna(subset="guest_address")
    pairs = keys[["guest_address", "account_id_published"]].drop_duplicates()
    assert pairs.guest_address.is_unique
    assert pairs.account_id_published.is_unique
    key_of_guest = pairs.set_index("guest_address").account_id_published
    return mine.assign(account_id=mine.account_id.where(~mine.is_guest, mine.guest_address.map(key_of_guest)))


def test_orders(publication: duckdb.DuckDBPyConnection) -> None:
    columns = [
        *("order_id", "account_id", "is_guest", "is_valid", "exclusion_reason", "is_cancelled_after_shipment"),
        *("ordered_on", "ordered_at", "currency_code", "gross_amount", "discount_amount", "net_amount"),
        *("units", "lines"),
    ]
    theirs = select(publication, "fct_orders", columns)
    mine = with_published_guests(oracle.orders(), theirs)
    amounts = ("gross_amount", "discount_amount", "net_amount")
    assert_same(mine, theirs, ["order_id"], dict.fromkeys(amounts, SMALLEST_AMOUNT))


def test_order_lines(publication: duckdb.DuckDBPyConnection) -> None:
    amounts = ["gross_amount", "discount_amount", "net_amount", "cost_amount"]
    columns = ["order_line_id", "order_id", "product_id", "quantity", "is_merchandise", *amounts]
    theirs = select(publication, "fct_order_lines", columns)
    assert_same(oracle.order_lines(), theirs, ["order_line_id"], dict.fromkeys(amounts, SMALLEST_AMOUNT))


def test_returns(publication: duckdb.DuckDBPyConnection) -> None:
    columns = ["return_id", "order_id", "order_line_id", "refund_amount", "quantity", "returned_on", "is_valid"]
    theirs = select(publication, "fct_returns", columns)
    assert_same(oracle.returns(), theirs, ["return_id"], {"refund_amount": SMALLEST_AMOUNT})


def test_sessions(publication: duckdb.DuckDBPyConnection) -> None:
    columns = [
        *("visitor_id", "started_at", "ended_at", "started_on", "contact_id", "account_id", "identified_by"),
        *("source", "medium", "campaign", "keyword"),
        *("conversion_source", "conversion_medium", "conversion_campaign"),
        *("events", "page_views", "product_views", "cart_additions", "duration_seconds", "engaged_seconds"),
        *("is_engaged", "is_robot", "is_staff", "is_valid"),
    ]
    theirs = select(publication, "fct_sessions", columns)
    assert_same(oracle.sessions(), theirs, ["visitor_id", "started_at"], {"engaged_seconds": Decimal(1)})


def test_web_orders(publication: duckdb.DuckDBPyConnection) -> None:
    theirs = published_rows(
        publication,
        """
        select orders.order_id, sessions.visitor_id, sessions.started_at
        from fct_orders as orders
        left join fct_sessions as sessions on orders.session_id = sessions.session_id
        where orders.is_valid and orders.session_id is not null
        """,
    )
    sessions = oracle.sessions()[["first_event_id", "visitor_id", "started_at"]]
    credited = oracle.web_orders().dropna().rename_axis("order_id").reset_index()
    mine = credited.merge(sessions, on="first_event_id", validate="many_to_one")
    assert_same(mine, theirs, ["order_id"])


def state_on(periods: list[Any], day: dt.date) -> list[tuple[Any, ...]]:
    """Size, owner and catalog of all periods that hold on a day: of one, if they neither overlap nor leave gaps."""
    return [
        tuple(None if pd.isna(value) else value for value in (row.company_size, row.owner_rep_id, row.catalog_id))
        for row in periods
        if (pd.isna(row.valid_from) or row.valid_from <= day) and (pd.isna(row.valid_until) or day < row.valid_until)
    ]


def days_around_changes(periods: pd.DataFrame, first: dt.date, last: dt.date) -> set[dt.date]:
    """The first and last days of all periods that begin between two days, and those two days."""
    begun = {day for day in periods.valid_from if not pd.isna(day) and first < day <= last}
    return begun | {day - dt.timedelta(days=1) for day in begun} | {first, last}


def test_account_history(publication: duckdb.DuckDBPyConnection) -> None:
    columns = ["account_id", "valid_from", "valid_until", "company_size", "owner_rep_id", "catalog_id"]
    theirs = select(publication, "dim_account_history", columns)
    first, last = dt.date.fromisoformat(oracle.settings()["plausible_from"]), oracle.as_of()
    found = []
    assert set(oracle.account_periods().account_id) <= set(theirs.account_id)
    for account_id, mine in oracle.account_periods().groupby("account_id"):
        published = theirs[theirs.account_id == account_id]
        days = days_around_changes(mine, first, last) | days_around_changes(published, first, last)
        rows = list(published.itertuples())
        states = [(day, oracle.account_on(account_id, day), state_on(rows, day)) for day in sorted(days)]
        found += [(account_id, day, own, their) for day, own, their in states if their != [own]]
    assert not found, f"{len(found)} differences, such as {found[:SHOWN]}"


# The day on which a fact states what its account was like.
DAYS_OF_FACTS = {
    "fct_activities": "occurred_on",
    "fct_carts": "created_on",
    "fct_email_events": "occurred_on",
    "fct_inquiries": "created_on",
    "fct_invoices": "issued_on",
    "fct_leads": "created_on",
    "fct_opportunities": "created_on",
    "fct_opportunity_stages": "entered_on",
    "fct_order_deliveries": "ordered_on",
    "fct_order_lines": "ordered_on",
    "fct_orders": "ordered_on",
    "fct_payments": "paid_on",
    "fct_quote_states": "entered_on",
    "fct_quotes": "requested_on",
    "fct_returns": "returned_on",
    "fct_sessions": "started_on",
    # goods leave for the customer that ordered
    "fct_shipments": "ordered_on",
    "fct_survey_responses": "coalesce(facts.responded_on, facts.sent_on)",
    "fct_touchpoints": "touched_on",
    "fct_web_events": "occurred_on",
}


def test_every_fact_of_an_account_has_its_day(publication: duckdb.DuckDBPyConnection) -> None:
    facts = publication.execute(
        "select table_name from information_schema.columns where table_name like 'fct_%' and column_name = 'account_id'"
    ).fetchall()
    assert {fact for (fact,) in facts} == set(DAYS_OF_FACTS)


@pytest.mark.parametrize(("table", "day"), DAYS_OF_FACTS.items())
def test_facts_know_what_their_account_was_like(publication: duckdb.DuckDBPyConnection, table: str, day: str) -> None:
    day = day if "(" in day else f"facts.{day}"
    theirs = published_rows(
        publication,
        f"""
        select distinct
            facts.account_id, {day} as on_day, history.company_size, history.owner_rep_id, history.catalog_id
        from {table} as facts
        left join dim_account_history as history on facts.account_period_id = history.account_period_id
        inner join dim_account as accounts
            on facts.account_id = accounts.account_id and not accounts.is_guest and accounts.is_listed
        where {day} is not null
        """,
    )
    mine = theirs[["account_id", "on_day"]].drop_duplicates()
    states = [oracle.account_on(account_id, on_day) for account_id, on_day in mine.itertuples(index=False)]
    mine[["company_size", "owner_rep_id", "catalog_id"]] = pd.DataFrame(states, index=mine.index, dtype=object)
    assert_same(mine, theirs, ["account_id", "on_day"])
