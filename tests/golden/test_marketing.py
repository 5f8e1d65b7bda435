"""Attribution, campaigns, channels and e-mails of a company small enough to be worked out by hand.

Everything is in PLN unless named; all times are UTC. What is awkward about each row is said beside it.
"""

from datetime import date
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

MARTS = ("kpi_attribution", "kpi_campaign", "kpi_channel", "kpi_email")


def hit(visitor: str, moment: str, contact: str | None = None, **columns: str) -> dict[str, Any]:
    """A page view; one hit is one session."""
    return {
        "event_id": f"{visitor}-{moment}", "visitor_id": visitor, "contact_id": contact, "occurred_at": moment,
        "event_name": "page_view", **columns,
    }  # fmt: skip


ACCOUNTS = [{"account_id": "A1"}, {"account_id": "A2"}, {"account_id": "TEST", "is_test": "true"}]
CONTACTS = [
    {"contact_id": "C1", "account_id": "A1"},
    {"contact_id": "C1b", "account_id": "A1"},
    {"contact_id": "C2", "account_id": "A2"},
    {"contact_id": "CT", "account_id": "TEST"},
]
EXCHANGE_RATES = [{"rate_on": day, "currency_code": "EUR", "rate_to_base": "4"} for day in ("2025-03-01", "2025-03-15")]
WEB_EVENTS = [
    # 91 days before order 1: too early
    hit("v1", "2024-11-24T12:00:00Z", "C1", source="facebook.com", medium="referral"),
    # the path of order 1: 22, 15, 8 and 1 days before it; a colleague's session belongs to it
    hit("v1", "2025-02-01T12:00:00Z", "C1", referrer="https://www.google.com/"),
    hit("v1", "2025-02-08T12:00:00Z", "C1", source="newsletter", medium="email", campaign="spring NEWS"),
    hit("v2", "2025-02-15T12:00:00Z", "C1b", source="google", medium="cpc", campaign="K1"),
    hit("v1", "2025-02-22T12:00:00Z", "C1", referrer="https://www.bing.com/search?q=x"),
    # direct, among others: left out; a robot
    hit("v1", "2025-02-20T12:00:00Z", "C1"),
    hit("v1", "2025-02-21T12:00:00Z", "C1", source="google", medium="cpc", is_bot="true"),
    # nothing but direct before order 2
    hit("v1", "2025-03-05T12:00:00Z", "C1"),
    # four and two days before orders 3 and 4
    hit("v3", "2025-03-11T12:00:00Z", "C2", source="linkedin", medium="paid_social", campaign="K2"),
    hit("v3", "2025-03-13T12:00:00Z", "C2", source="partner", medium="referral", campaign="K3"),
    # a guest, never logged in; the order came in the second session, which is direct
    hit("v9", "2025-04-01T12:00:00Z", referrer="https://blog.example/post"),
    hit("v9", "2025-04-02T12:00:00Z", event_name="purchase", order_id="5-guest"),
    # before a cancelled order, which ends no path
    hit("v3", "2025-04-01T12:00:00Z", "C2", referrer="https://www.bing.com/"),
    # one session with two orders
    hit("v1", "2025-04-10T09:50:00Z", "C1", referrer="https://www.bing.com/"),
    hit("v1", "2025-04-10T10:00:00Z", "C1", event_name="purchase", order_id="10"),
    hit("v1", "2025-04-10T10:05:00Z", "C1", event_name="purchase", order_id="11"),
    hit("vt", "2025-04-11T12:00:00Z", "CT", source="google", medium="cpc"),
]
ORDERS = [
    {"order_id": "1", "account_id": "A1", "ordered_at": "2025-02-23T12:00:00Z", "order_channel": "phone"},
    {"order_id": "2", "account_id": "A1", "ordered_at": "2025-03-10T12:00:00Z", "order_channel": "edi"},
    # two orders of one moment share a path
    {"order_id": "3", "account_id": "A2", "ordered_at": "2025-03-15T12:00:00Z", "order_channel": "phone",
     "currency_code": "EUR"},
    {"order_id": "4", "account_id": "A2", "ordered_at": "2025-03-15T12:00:00Z", "order_channel": "phone"},
    {"order_id": "5-guest", "guest_key": "g1", "visitor_id": "v9", "ordered_at": "2025-04-02T12:00:00Z",
     "order_channel": "web_self_service"},
    {"order_id": "6-guest", "guest_key": "g2", "ordered_at": "2025-04-03T12:00:00Z", "order_channel": "marketplace"},
    {"order_id": "7-cancelled", "account_id": "A2", "ordered_at": "2025-04-05", "cancelled_at": "2025-04-06"},
    {"order_id": "8", "account_id": "A2", "ordered_at": "2025-04-20T12:00:00Z", "order_channel": "email"},
    {"order_id": "9-test", "account_id": "TEST", "ordered_at": "2025-04-12"},
    {"order_id": "10", "account_id": "A1", "ordered_at": "2025-04-10T10:00:00Z", "order_channel": "web_self_service"},
    {"order_id": "11", "account_id": "A1", "ordered_at": "2025-04-10T10:05:00Z", "order_channel": "web_self_service"},
]  # fmt: skip
ORDER_LINES = [
    # net 150, of which 100 with a cost of 60: margin 40
    {"order_id": "1", "product_id": "P", "quantity": "10", "unit_price": "10", "unit_cost": "6"},
    {"order_id": "1", "product_id": "Q", "quantity": "1", "unit_price": "50"},
    # 100 at a cost of 50; one of five comes back in April: net 80, margin 40
    {
        "order_line_id": "2-1",
        "order_id": "2",
        "product_id": "P",
        "quantity": "5",
        "unit_price": "20",
        "unit_cost": "10",
    },
    # 50 EUR at 4: 200, cost unknown
    {"order_id": "3", "product_id": "P", "quantity": "1", "unit_price": "50"},
    {"order_id": "4", "product_id": "P", "quantity": "1", "unit_price": "100", "unit_cost": "70"},
    {"order_id": "5-guest", "product_id": "P", "quantity": "1", "unit_price": "30", "unit_cost": "10"},
    {"order_id": "6-guest", "product_id": "P", "quantity": "1", "unit_price": "40", "unit_cost": "10"},
    {"order_id": "7-cancelled", "product_id": "P", "quantity": "1", "unit_price": "1000", "unit_cost": "1"},
    {"order_id": "8", "product_id": "P", "quantity": "1", "unit_price": "60", "unit_cost": "20"},
    {"order_id": "9-test", "product_id": "P", "quantity": "1", "unit_price": "1000", "unit_cost": "1"},
    {"order_id": "10", "product_id": "P", "quantity": "1", "unit_price": "10", "unit_cost": "5"},
    {"order_id": "11", "product_id": "P", "quantity": "1", "unit_price": "20", "unit_cost": "10"},
]  # fmt: skip
RETURNS = [
    {"return_id": "R", "order_id": "2", "order_line_id": "2-1", "returned_at": "2025-04-15", "quantity": "1",
     "refund_amount": "20"},
]  # fmt: skip
CAMPAIGNS = [
    {"campaign_id": "K1", "campaign_name": "Search", "source": "google", "medium": "cpc", "budget_amount": "200",
     "starts_on": "2025-02-01"},
    # 100 EUR at 4
    {"campaign_id": "K2", "campaign_name": "Buyers", "source": "linkedin", "medium": "paid_social",
     "budget_amount": "100", "currency_code": "EUR", "starts_on": "2025-03-01", "ends_on": "2025-03-31"},
    # without medium: mapped by its channel
    {"campaign_id": "K3", "campaign_name": "Friends", "channel": "Partner"},
    {"campaign_id": "N1", "campaign_name": "Spring news", "source": "newsletter", "medium": "email"},
]  # fmt: skip
AD_SPEND = [
    {"spent_on": "2025-02-10", "campaign_id": "K1", "impressions": "1000", "clicks": "50", "cost": "40"},
    {"spent_on": "2025-02-11", "campaign_id": "K1", "impressions": "1000", "clicks": "0", "cost": "0",
     "reported_conversions": "2"},
    {"spent_on": "2025-04-30", "campaign_id": "K1", "impressions": "9", "clicks": "9", "cost": "999"},  # after as_of
    {"spent_on": "2025-03-05", "campaign_id": "K2", "impressions": "400", "clicks": "4", "cost": "10",
     "currency_code": "EUR"},
    {"spent_on": "2025-03-02", "campaign_id": "K3", "cost": "25"},
]  # fmt: skip
LEADS = [
    {"lead_id": "1", "account_id": "A2", "campaign_id": "K1", "created_at": "2025-02-05"},
    {"lead_id": "2-repeat", "account_id": "A2", "campaign_id": "K1", "created_at": "2025-02-20"},
    {"lead_id": "3-customer", "account_id": "A1", "campaign_id": "K1", "created_at": "2025-02-25"},
    {"lead_id": "4-nobody", "created_at": "2025-02-25"},
]


def mail(message: str | None, event: str, time: str, contact: str = "C1", **columns: str) -> dict[str, Any]:
    return {
        "email_event_id": f"{message}{contact}{event}{time}", "message_id": message, "campaign_id": "N1",
        "contact_id": contact, "event_name": event, "occurred_at": f"2025-02-08T{time}Z", **columns,
    }  # fmt: skip


EMAIL_EVENTS = [
    # opened by a machine, twice by a person, who clicked twice
    mail("M1", "sent", "09:00:00"), mail("M1", "open", "09:00:30", is_machine="true"), mail("M1", "open", "10:00:00"),
    mail("M1", "open", "11:00:00"), mail("M1", "click", "10:01:00"), mail("M1", "click", "10:02:00"),
    # a click after one second is a scanner's, after two seconds a person's
    mail("M2", "sent", "09:00:00"), mail("M2", "click", "09:00:01"),
    mail("M3", "sent", "09:00:00"), mail("M3", "click", "09:00:02"),
    # refused twice, for good in the end; opened although refused
    mail("M4", "sent", "09:00:00"), mail("M4", "soft_bounce", "09:00:05"), mail("M4", "hard_bounce", "09:30:00"),
    mail("M5", "sent", "09:00:00"), mail("M5", "soft_bounce", "09:00:05"), mail("M5", "open", "12:00:00"),
    # no message named: one a campaign and person
    mail(None, "sent", "09:00:00", "C2"), mail(None, "open", "09:01:00", "C2", is_machine="true"),
    mail(None, "unsubscribe", "09:02:00", "C2"),
    # never sent as far as we know; to a tester
    mail("M7", "open", "09:10:00"), mail("M8", "sent", "09:00:00", "CT"),
]  # fmt: skip


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return compiled_project.upstream_of(*(f"marts.{mart}" for mart in MARTS)).run(
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        exchange_rates=EXCHANGE_RATES,
        web_events=WEB_EVENTS,
        orders=ORDERS,
        order_lines=ORDER_LINES,
        returns=RETURNS,
        campaigns=CAMPAIGNS,
        ad_spend=AD_SPEND,
        leads=LEADS,
        email_events=EMAIL_EVENTS,
    )


def credits_of(company: duckdb.DuckDBPyConnection, order: str, model: str) -> dict[str, Any]:
    """Credit by channel and source."""
    rows = company.execute(
        "select channel || ' ' || source, credit from kpi_attribution where order_id = ? and attribution_model = ?",
        [f"flat_file:{order}", model],
    ).fetchall()
    return {key: pytest.approx(credit, abs=1e-9) for key, credit in rows}


def the_row(company: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    (row,) = records(company, query)
    return row


FOUR_TOUCHES = ("organic_search google", "email newsletter", "paid_search google", "organic_search bing")


@pytest.mark.parametrize(
    ("model", "shares"),
    [
        ("first", (1, 0, 0, 0)),
        ("last", (0, 0, 0, 1)),
        ("linear", (0.25, 0.25, 0.25, 0.25)),
        # metrics.md section 4: 40/10/10/40
        ("position", (0.4, 0.1, 0.1, 0.4)),
        # 22, 15, 8 and 1 days before: .125, .25, .5 and 1 of a sum of 1.875
        ("time_decay", (1 / 15, 2 / 15, 4 / 15, 8 / 15)),
        # three channels a third each; organic search has two touches
        ("shapley", (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
    ],
)
def test_four_touches(company: duckdb.DuckDBPyConnection, model: str, shares: tuple[float, ...]) -> None:
    expected = {key: share for key, share in zip(FOUR_TOUCHES, shares, strict=True) if share}
    assert credits_of(company, "1", model) == expected


@pytest.mark.parametrize("model", ["first", "last", "linear", "position", "time_decay", "shapley"])
def test_every_model_credits_each_order_once(company: duckdb.DuckDBPyConnection, model: str) -> None:
    # 150 + 80 + 200 + 100 + 30 + 40 + 60 + 10 + 20 in nine orders; margins 40 + 40 + 30 + 20 + 30 + 40 + 5 + 10
    totals = the_row(
        company,
        f"""select count(distinct order_id) as orders, sum(credit) as credit, sum(net_sales_amount) as net_sales,
        sum(margin_amount) as margin from kpi_attribution where attribution_model = '{model}'""",
    )
    assert totals["orders"] == 9
    assert totals["credit"] == pytest.approx(9)
    assert float(totals["net_sales"]) == pytest.approx(690, abs=0.01)
    assert float(totals["margin"]) == pytest.approx(215, abs=0.01)


# each channel's source and medium become those of the next one
SWAPPED = {
    ("google", "cpc"): ("newsletter", "email"),
    ("newsletter", "email"): ("linkedin", "paid_social"),
    ("linkedin", "paid_social"): ("partner", "referral"),
    ("partner", "referral"): ("google", "cpc"),
}
SWAPPED_CHANNELS = {"paid_search": "email", "email": "social", "social": "partner", "partner": "paid_search"}


def test_channels_that_swap_names_swap_credits(compiled_project: CompiledProject) -> None:
    """No channel is favoured: a company whose channels have each other's names has each other's credits."""
    path = [
        # six touches before order 1, two of them by one channel; one before order 2, none but direct before order 3
        ("2025-02-01", "google", "cpc"), ("2025-02-03", "newsletter", "email"), ("2025-02-08", "google", "cpc"),
        ("2025-02-12", "linkedin", "paid_social"), ("2025-02-15", "partner", "referral"),
        ("2025-02-20", "newsletter", "email"), ("2025-03-05", "partner", "referral"),
    ]  # fmt: skip

    def credits(touches: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], Any]:
        company = compiled_project.upstream_of("marts.kpi_attribution").run(
            accounts=[{"account_id": "A1"}, {"account_id": "A2"}],
            contacts=[{"contact_id": "C1", "account_id": "A1"}],
            web_events=[
                hit("v1", f"{day}T12:00:00Z", "C1", source=source, medium=medium) for day, source, medium in touches
            ],
            orders=[
                {"order_id": "1", "account_id": "A1", "ordered_at": "2025-02-23T12:00:00Z"},
                {"order_id": "2", "account_id": "A1", "ordered_at": "2025-03-10T12:00:00Z"},
                {"order_id": "3", "account_id": "A2", "ordered_at": "2025-03-10T12:00:00Z"},
            ],
            order_lines=[{"order_id": order, "quantity": "1", "unit_price": "100"} for order in ("1", "2", "3")],
        )
        rows = company.execute(
            "select order_id, attribution_model, channel, credit, net_sales_amount from kpi_attribution"
        ).fetchall()
        return {
            (order, model, channel): (pytest.approx(credit, abs=1e-12), amount)
            for order, model, channel, credit, amount in rows
        }

    before = credits(path)
    after = credits([(day, *SWAPPED[source, medium]) for day, source, medium in path])
    assert {channel for _, _, channel in before} == {*SWAPPED_CHANNELS, "unattributed"}
    assert after == {
        (order, model, SWAPPED_CHANNELS.get(channel, channel)): values
        for (order, model, channel), values in before.items()
    }


def test_paths(company: duckdb.DuckDBPyConnection) -> None:
    assert credits_of(company, "2", "linear") == {"direct none": 1}
    # two touches share: 4 and 2 days before, in half-lives of 7
    assert credits_of(company, "3", "position") == {"social linkedin": 0.5, "partner partner": 0.5}
    assert credits_of(company, "4", "position") == {"social linkedin": 0.5, "partner partner": 0.5}
    early, late = 2 ** (-4 / 7), 2 ** (-2 / 7)
    assert credits_of(company, "3", "time_decay") == {
        "social linkedin": early / (early + late),
        "partner partner": late / (early + late),
    }
    assert credits_of(company, "5-guest", "first") == {"referral blog.example": 1}
    assert credits_of(company, "6-guest", "first") == {"unattributed none": 1}
    assert credits_of(company, "8", "linear") == {"organic_search bing": 1}
    assert credits_of(company, "10", "linear") == {"organic_search bing": 1}
    assert credits_of(company, "11", "linear") == {"organic_search bing": 1}


def test_what_an_attribution_row_carries(company: duckdb.DuckDBPyConnection) -> None:
    # a tenth of order 1: net 150, of which 100 with known cost, margin 40
    row = the_row(
        company,
        "select * from kpi_attribution where order_id = 'flat_file:1' and attribution_model = 'position'"
        " and channel = 'paid_search'",
    )
    amounts = (row["net_sales_amount"], row["costed_sales_amount"], row["margin_amount"])
    assert tuple(float(amount) for amount in amounts) == (15, 10, 4)
    assert (row["account_id"], row["order_channel"], row["campaign_id"]) == ("flat_file:A1", "phone", "flat_file:K1")
    assert (row["touches"], row["is_first_order"], row["ordered_on"]) == (1, True, date(2025, 2, 23))
    assert row["account_period_id"] is not None
    # a campaign named by its name, whatever the case
    named = company.execute(
        "select campaign_id from kpi_attribution where channel = 'email' and attribution_model = 'linear'"
    ).fetchall()
    assert named == [("flat_file:N1",)]
    without_cost = company.execute("select distinct margin_amount from kpi_attribution where order_id like '%:3'")
    assert without_cost.fetchall() == [(None,)]
    unattributed = company.execute("select distinct touches from kpi_attribution where channel = 'unattributed'")
    assert unattributed.fetchall() == [(0,)]
    first_orders = company.execute(
        "select order_id from kpi_attribution where is_first_order and attribution_model = 'last' order by 1"
    ).fetchall()
    assert first_orders == [(f"flat_file:{number}",) for number in ("1", "3", "5-guest", "6-guest")]


def campaign(company: duckdb.DuckDBPyConnection, number: str, month: str) -> dict[str, Any]:
    row = the_row(company, f"select * from kpi_campaign where campaign_id = '{number}' and month_start = '{month}-01'")
    return {key: float(value) if key.endswith("_amount") and value is not None else value for key, value in row.items()}


def test_campaign_that_buys_clicks(company: duckdb.DuckDBPyConnection) -> None:
    row = campaign(company, "flat_file:K1", "2025-02")
    assert row == {
        "month_start": date(2025, 2, 1), "campaign_id": "flat_file:K1", "campaign_name": "Search",
        "channel": "paid_search", "objective": None,
        "impressions": 2000, "clicks": 50, "sessions": 1,
        # the repeat is merged; the customer's lead is no chance of a new one; A2 ordered within 180 days
        "leads": 2, "new_company_leads": 1, "converted_leads": 1,
        "attributed_orders": 0, "reported_conversions": 2,
        "spend_amount": 40, "net_sales_amount": 0, "costed_sales_amount": 0, "margin_amount": 0,
        # Wilson for 50 of 2000: (50 + 1.920730 -+ 1.959964 sqrt(48.75 + 0.960365)) / 2003.841459
        "click_through_rate": 0.025, "click_through_rate_low": pytest.approx(0.019014, abs=1e-6),
        "click_through_rate_high": pytest.approx(0.032807, abs=1e-6), "is_reportable": True,
        "cost_per_click_amount": 0.8, "cost_per_mille_amount": 20,
        "cost_per_lead_amount": 20, "roas": 0, "roi": -1,
        "budget_amount": 200, "spend_to_date_amount": 40, "budget_use_rate": 0.2, "is_complete_period": True,
    }  # fmt: skip
    # runs until as_of, without another cent; spend after as_of does not count
    april = campaign(company, "flat_file:K1", "2025-04")
    assert (april["spend_amount"], april["spend_to_date_amount"], april["budget_use_rate"]) == (0, 40, 0.2)
    assert (april["roas"], april["click_through_rate"], april["is_complete_period"]) == (None, None, False)


def test_campaign_in_foreign_currency(company: duckdb.DuckDBPyConnection) -> None:
    row = campaign(company, "flat_file:K2", "2025-03")
    # 10 EUR of 100 EUR at 4; the last touch of the orders was the partner's
    assert (row["channel"], row["spend_amount"], row["budget_amount"], row["budget_use_rate"]) == (
        "social",
        40,
        400,
        0.1,
    )
    assert (row["sessions"], row["attributed_orders"], row["roas"]) == (1, 0, 0)


def test_campaign_without_clicks(company: duckdb.DuckDBPyConnection) -> None:
    row = campaign(company, "flat_file:K3", "2025-03")
    # orders 3 and 4: 200 of unknown cost and 100 with a margin of 30
    assert (row["channel"], row["spend_amount"], row["attributed_orders"]) == ("partner", 25, 2)
    assert (row["net_sales_amount"], row["costed_sales_amount"], row["margin_amount"]) == (300, 100, 30)
    assert (row["roas"], row["roi"]) == (12, pytest.approx(0.2))
    empty = ("click_through_rate", "cost_per_click_amount", "cost_per_mille_amount", "cost_per_lead_amount",
             "budget_amount", "budget_use_rate")  # fmt: skip
    assert all(row[column] is None for column in empty)
    months = company.execute("select count(*) from kpi_campaign where campaign_id = 'flat_file:K3'").fetchone()
    assert months == (1,)


def test_what_no_campaign_brought_is_not_lost(company: duckdb.DuckDBPyConnection) -> None:
    row = campaign(company, "none", "2025-02")
    assert (row["leads"], row["attributed_orders"], row["net_sales_amount"]) == (1, 1, 150)
    totals = the_row(company, "select sum(attributed_orders) as orders, sum(net_sales_amount) as net from kpi_campaign")
    assert (totals["orders"], float(totals["net"])) == (9, 690)


def channel(company: duckdb.DuckDBPyConnection, name: str, month: str) -> dict[str, Any]:
    row = the_row(company, f"select * from kpi_channel where channel = '{name}' and month_start = '{month}-01'")
    return {key: float(value) if key.endswith("_amount") and value is not None else value for key, value in row.items()}


def test_blended_month(company: duckdb.DuckDBPyConnection) -> None:
    # A1 is new with order 1 and has since brought 40 + 40 + 5 + 10; its first month pays for the 40 spent
    assert channel(company, "all", "2025-02") == {
        "month_start": date(2025, 2, 1), "channel": "all", "impressions": 2000, "clicks": 50, "sessions": 5,
        "attributed_orders": 1, "new_customers": 1, "spend_amount": 40, "net_sales_amount": 150,
        "costed_sales_amount": 100, "margin_amount": 40, "cohort_margin_amount": 95,
        "customer_acquisition_cost_amount": 40, "margin_per_new_customer_amount": 95, "clv_to_cac": 2.375,
        "payback_months": 0, "roas": 3.75, "roi": 0, "is_reportable": False, "is_complete_period": True,
    }  # fmt: skip
    # A2: 30 in March do not pay for 40 + 25, 30 + 40 up to April do
    march = channel(company, "all", "2025-03")
    assert (march["spend_amount"], march["new_customers"], march["payback_months"]) == (65, 1, 1)
    assert march["clv_to_cac"] == pytest.approx(70 / 65)
    # nothing spent: nothing to pay back
    april = channel(company, "all", "2025-04")
    assert (april["new_customers"], april["customer_acquisition_cost_amount"]) == (2, 0)
    assert (april["payback_months"], april["clv_to_cac"], april["roas"], april["roi"]) == (None,) * 4
    assert not april["is_complete_period"]


def test_channels(company: duckdb.DuckDBPyConnection) -> None:
    partner = channel(company, "partner", "2025-03")
    # the first order of A2 came by the partner last; order 4 is its second
    assert (partner["attributed_orders"], partner["new_customers"], partner["spend_amount"]) == (2, 1, 25)
    assert (partner["customer_acquisition_cost_amount"], partner["payback_months"]) == (25, 0)
    social = channel(company, "social", "2025-03")
    assert (social["spend_amount"], social["sessions"], social["new_customers"]) == (40, 1, 0)
    assert (social["customer_acquisition_cost_amount"], social["clv_to_cac"], social["roi"]) == (None, None, -1)
    organic = channel(company, "organic_search", "2025-02")
    assert (organic["sessions"], organic["new_customers"], organic["customer_acquisition_cost_amount"]) == (2, 1, 0)
    nobody = channel(company, "unattributed", "2025-04")
    assert (nobody["attributed_orders"], nobody["new_customers"], nobody["sessions"]) == (1, 1, 0)
    # every month and every channel that occurs at all: November to April, eight channels and all
    assert company.execute("select count(*), count(distinct channel) from kpi_channel").fetchone() == (54, 9)


def test_emails(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "select * from kpi_email")
    counts = {key: value for key, value in row.items() if not key.endswith(("_rate", "_low", "_high"))}
    assert counts == {
        "campaign_id": "flat_file:N1", "campaign_name": "Spring news",
        "sent": 6, "hard_bounces": 1, "soft_bounces": 1, "delivered": 4,
        "opens": 1, "machine_opens": 2, "clicks": 2, "machine_clicks": 1, "unsubscribes": 1,
        "is_reportable": False, "is_bounce_rate_reportable": False, "is_click_to_open_rate_reportable": False,
        "first_sent_on": date(2025, 2, 8), "last_sent_on": date(2025, 2, 8),
    }  # fmt: skip
    assert row["bounce_rate"] == pytest.approx(2 / 6)
    assert (row["open_rate"], row["click_rate"], row["unsubscribe_rate"]) == (0.25, 0.5, 0.25)
    # a click without pictures loaded is a click without an open
    assert row["click_to_open_rate"] == 2
    # Wilson, 2 of 4: centre 1/2, half width 1.96 sqrt(1/16 + 3.8415/64) / (1 + 3.8415/4)
    assert (row["click_rate_low"], row["click_rate_high"]) == (
        pytest.approx(0.1500, abs=5e-5), pytest.approx(0.8500, abs=5e-5),
    )  # fmt: skip
    # 1 of 4 opened, and as many unsubscribed: (1 + 1.920730 -+ 1.959964 sqrt(0.75 + 0.960365)) / 7.841459
    assert (row["open_rate_low"], row["open_rate_high"]) == (row["unsubscribe_rate_low"], row["unsubscribe_rate_high"])
    assert (row["open_rate_low"], row["open_rate_high"]) == pytest.approx((0.045587, 0.699358), abs=1e-6)
    # 2 of 6 bounced: (2 + 1.920730 -+ 1.959964 sqrt(8 / 6 + 0.960365)) / 9.841459
    assert (row["bounce_rate_low"], row["bounce_rate_high"]) == pytest.approx((0.096771, 0.700007), abs=1e-6)
    # two clicks for one open are no share
    assert (row["click_to_open_rate_low"], row["click_to_open_rate_high"]) == (None, None)


SOURCES = [
    ({}, "direct"),
    ({"source": "(direct)", "medium": "(none)"}, "direct"),
    ({"source": "google", "medium": "CPC"}, "paid_search"),
    ({"page_url": "/?gclid=abc"}, "paid_search"),
    # an advertiser's click id of a social network is no search
    ({"page_url": "/?li_fat_id=abc"}, "social"),
    ({"referrer": "https://lnkd.in/x"}, "social"),
    ({"source": "xing", "medium": "Paid-Social"}, "social"),
    ({"referrer": "https://www.ecosia.org/"}, "organic_search"),
    ({"source": "Newsletter"}, "email"),
    ({"source": "crm", "medium": "e-mail"}, "email"),
    ({"source": "partner", "medium": "referral"}, "partner"),
    ({"source": "poznan", "medium": "trade fair"}, "event"),
    ({"referrer": "https://blog.example/"}, "referral"),
    # not a social network, though its name holds one
    ({"referrer": "https://notfacebook.example/"}, "referral"),
    ({"source": "google", "medium": "display"}, "other"),
    ({"source": "leaflet"}, "other"),
]


def test_sources_and_their_channels(compiled_project: CompiledProject) -> None:
    company = compiled_project.upstream_of("intermediate.int_session_channels").run(
        web_events=[hit(f"v{number:02}", "2025-01-03", **columns) for number, (columns, _) in enumerate(SOURCES)],
    )
    rows = company.execute(
        "select channels.channel from intermediate.int_session_channels as channels"
        " inner join fct_sessions using (session_id) order by visitor_id"
    ).fetchall()
    assert [name for (name,) in rows] == [name for _, name in SOURCES]


def test_campaigns_of_one_name(compiled_project: CompiledProject) -> None:
    company = compiled_project.upstream_of("intermediate.int_session_channels").run(
        web_events=[
            hit("v1", "2025-01-15", source="google", medium="cpc", campaign="autumn"),
            hit("v2", "2025-10-15", source="google", medium="cpc", campaign="autumn"),
            # neither ran: the one begun last
            hit("v3", "2025-05-15", source="google", medium="cpc", campaign="autumn"),
            hit("v4", "2025-05-16", source="google", medium="cpc", campaign="winter"),
        ],
        campaigns=[
            {"campaign_id": "1", "campaign_name": "Autumn", "starts_on": "2025-01-01", "ends_on": "2025-01-31"},
            {"campaign_id": "2", "campaign_name": "Autumn", "starts_on": "2025-09-01"},
        ],
    )
    rows = company.execute("select campaign_id from intermediate.int_session_channels order by started_on").fetchall()
    assert rows == [("flat_file:1",), ("flat_file:2",), (None,), ("flat_file:2",)]
