"""Web metrics on visits that can be worked out by hand. Days are cut in Warsaw: UTC+1, UTC+2 from 30 March 2025.

What is awkward about each row is said beside it; the expected values follow from these remarks alone.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, board, records

Event = dict[str, Any]


def event(number: str, visitor: str | None, moment: str, name: str, page: str = "", **others: Any) -> Event:
    """An event of a visitor; page is `type path`."""
    page_type, _, path = page.partition(" ")
    return {
        "event_id": number, "visitor_id": visitor, "occurred_at": f"{moment}Z", "event_name": name,
        "page_type": page_type or None, "page_url": path or None, **others,
    }  # fmt: skip


def web_order(number: str, moment: str, amount: str, **others: Any) -> tuple[Event, Event]:
    """A web order of one line, and the line."""
    order = {"order_id": number, "ordered_at": f"{moment}Z", "order_channel": "web_self_service", **others}
    return order, {"order_id": number, "quantity": "1", "unit_price": amount}


def rows(company: duckdb.DuckDBPyConnection, mart: str, key: str, columns: str, where: str = "true") -> dict:
    """Values of some columns by key: plain values for one column, tuples for several; months as 02."""
    keys = key.replace("month", "strftime(month_start, '%m')")
    found = company.execute(f"select {keys}, {columns} from {mart} where {where}").fetchall()
    width = len(key.split(","))
    values = {row[:width] if width > 1 else row[0]: row[width:] for row in found}
    assert len(values) == len(found)
    return {name: value if len(value) > 1 else value[0] for name, value in values.items()}


def about(expected: Any) -> Any:
    return pytest.approx(expected, abs=1e-9, nan_ok=False)


# --- a shop with twelve visits that count ---

ACCOUNTS = [{"account_id": "S", "company_size": "small"}, {"account_id": "TEST", "is_test": "true"}]
CONTACTS = [
    {"contact_id": "C1", "account_id": "S"},
    {"contact_id": "STAFF", "account_id": "TEST"},
    # a person of no known company
    {"contact_id": "CX"},
]
VISITS = [
    # one page, from a search engine known by its referrer
    event("1", "V11", "2025-02-05T09:00:00", "page_view", "home /", device="desktop", referrer="https://www.bing.com/x"),
    # one page, from an advertisement known by its click id
    event("2", "V12", "2025-02-06T10:00:00", "page_view", "product /p/1?gclid=x", device="desktop", keyword="chair"),
    # a person: page and ping within ten seconds, a bounce by both rules, 5 seconds
    event("3", "V2", "2025-02-10T10:00:00", "page_view", "home /", device="desktop", contact_id="C1", source="google",
          medium="cpc", keyword="chair", load_time_ms="500"),
    event("4", "V2", "2025-02-10T10:00:05", "page_ping", "home /", engaged_ms="5000"),
    # the same person with another device: one visitor; direct; orders; 60 seconds
    event("5", "V4", "2025-02-11T10:00:00", "page_view", "cart /cart", device="mobile", contact_id="C1"),
    event("6", "V4", "2025-02-11T10:01:00", "purchase", "checkout /checkout", order_id="O1"),
    # a ping after 20 seconds: engaged by GA4, a bounce by Universal Analytics
    event("7", "V3", "2025-02-12T10:00:00", "page_view", "article /blog/a", device="mobile", source="newsletter",
          medium="email"),
    event("8", "V3", "2025-02-12T10:00:20", "page_ping", "article /blog/a"),
    event("9-robot", "V5", "2025-02-12T10:00:00", "page_view", "home /", device="desktop", user_agent="Googlebot/2.1"),
    event("10-robot", "V6", "2025-02-12T10:00:00", "page_view", "home /", device="desktop", is_bot="true"),
    event("11-staff", "V7", "2025-02-12T10:00:00", "page_view", "home /", device="desktop", contact_id="STAFF"),
    event("12-staff", "V7", "2025-02-12T10:01:00", "purchase", "checkout /checkout", order_id="O5-test"),
    event("13-no-consent", None, "2025-02-12T10:00:00", "page_view", "home /", device="desktop"),
    # three days late, sent twice, no device
    event("14", "V8", "2025-02-13T10:00:00", "page_view", "category /c/2", received_at="2025-02-16T10:00:00Z"),
    event("14", "V8", "2025-02-13T10:00:00", "page_view", "category /c/2", received_at="2025-02-16T10:00:00Z"),
    # an open tab: ten events, one every 29 minutes, 15,660 seconds on one page, of which 14,400 count as time on site
    *(
        event(f"15-{number}", "V9", f"2025-02-14T{8 + number * 29 // 60:02}:{number * 29 % 60:02}:00",
              {2: "cta_click", 3: "video_play"}.get(number, "page_view"), "category /c/1", device="desktop")
        for number in range(10)
    ),
    # over midnight and the end of a month in Warsaw: of February, where it began; half an hour is not late; 900 seconds
    event("16", "V1", "2025-02-28T22:50:00", "page_view", "home /", device="desktop", referrer="www.google.com",
          load_time_ms="1000", received_at="2025-02-28T23:20:00Z"),
    event("17", "V1", "2025-02-28T23:05:00", "page_view", "product /p/2", load_time_ms="2000"),
    event("18", "V13", "2025-03-03T10:00:00", "page_view", "home /", device="tablet", contact_id="CX"),
    # back by bookmark: direct, credited to the search of five days before
    event("19", "V1", "2025-03-05T10:00:00", "page_view", "home /", device="mobile"),
    # orders of guests: 30 days to the second after the first visit, and a second more
    event("20", "V11", "2025-03-07T09:00:00", "purchase", "checkout /checkout", device="desktop", order_id="O6"),
    event("21", "V12", "2025-03-08T10:00:01", "purchase", "checkout /checkout", device="desktop", order_id="O7"),
    # 23:59 on the day the clocks went forward, 30 March, which is as_of: 30 days after February
    event("22", "V10", "2025-03-30T21:59:00", "page_view", "home /", device="desktop"),
]  # fmt: skip
ORDERS = [
    # 100 EUR at 4.00
    web_order("O1", "2025-02-11T10:01:00", "100", account_id="S", currency_code="EUR"),
    # no session knows of it
    web_order("O2-orphan", "2025-02-14T10:00:00", "10", account_id="S"),
    web_order("O3-phone", "2025-02-03T10:00:00", "1000", account_id="S", order_channel="phone"),
    web_order("O5-test", "2025-02-12T10:01:00", "1000", account_id="TEST"),
    web_order("O6", "2025-03-07T09:00:00", "50", guest_key="g1"),
    web_order("O7", "2025-03-08T10:00:01", "70", guest_key="g2"),
]
RETURNS = [
    # 25 EUR of O1, a month later, at the order's 4.00: lowers what its session of February brought
    {"return_id": "R1", "order_id": "O1", "returned_at": "2025-03-18", "refund_amount": "25", "currency_code": "EUR"},
    {"return_id": "R2-phone", "order_id": "O3-phone", "returned_at": "2025-03-18", "refund_amount": "7"},
]
SEARCH_COLUMNS = ("searched_on", "keyword", "page_url", "impressions", "clicks", "position")
SEARCHES = [
    # position (100 x 2 + 300 x 6) / 400 = 5, not the mean of 4
    ("2025-02-10", "chair", "/c", "100", "5", "2"),
    ("2025-02-11", "chair", "/c", "300", "3", "6"),
    # nobody knows where: out of the position, in the rest
    ("2025-02-12", "chair", "/d", "50", "0", None),
    ("2025-02-12", "rare", "/d", "0", "0", "9"),
    ("2025-02-12", None, "/d", "10", "1", "3"),
    # after as_of
    ("2025-03-31", "chair", "/c", "10", "1", "3"),
]


@pytest.fixture(scope="module")
def shop(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    marts = ("traffic", "source_conversion", "keyword", "search_performance", "page_engagement", "landing_page")
    return compiled_project.upstream_of(*(f"marts.kpi_{mart}" for mart in marts), "marts.kpi_board").run(
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        web_events=VISITS,
        orders=[order for order, _ in ORDERS],
        order_lines=[line for _, line in ORDERS],
        returns=RETURNS,
        exchange_rates=[
            {"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4.00"},
            {"rate_on": "2025-03-01", "currency_code": "EUR", "rate_to_base": "5.00"},
        ],
        search_performance=[dict(zip(SEARCH_COLUMNS, values, strict=True)) for values in SEARCHES],
    )


def traffic(shop: duckdb.DuckDBPyConnection, columns: str) -> dict:
    """Rows that are not all zero."""
    found = rows(shop, "kpi_traffic", "month, company_size, device", columns)
    return {key: value for key, value in found.items() if any(value if isinstance(value, tuple) else (value,))}


def test_sessions_of_robots_staff_and_without_consent_are_counted_apart(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "recorded_sessions, robot_sessions, staff_sessions, no_consent_sessions, sessions"
    assert traffic(shop, columns) == {
        # V11, V12, V9, V1, two robots and one without consent
        ("02", "anonymous", "desktop"): (7, 2, 0, 1, 4),
        ("02", "anonymous", "mobile"): (1, 0, 0, 0, 1),
        ("02", "anonymous", "unknown"): (1, 0, 0, 0, 1),
        ("02", "small", "desktop"): (1, 0, 0, 0, 1),
        ("02", "small", "mobile"): (1, 0, 0, 0, 1),
        ("02", "unknown", "desktop"): (1, 0, 1, 0, 0),
        ("03", "anonymous", "desktop"): (3, 0, 0, 0, 3),
        ("03", "anonymous", "mobile"): (1, 0, 0, 0, 1),
        ("03", "unknown", "tablet"): (1, 0, 0, 0, 1),
    }
    rates = rows(shop, "kpi_traffic", "month, company_size, device", "robot_session_rate, staff_session_rate")
    assert rates["02", "anonymous", "desktop"] == about((2 / 7, 0))
    assert rates["02", "unknown", "desktop"] == about((0, 1))
    # no session at all: no rate
    assert rates["03", "small", "mobile"] == (None, None)
    # eight groups, the ones that only have orders included, in two months
    assert len(rates) == 16


# What the figures of visitors may not depend on: visits of robots and of staff, and events sent again.
LABELS = ("month_start", "company_size", "device", "is_complete_period")
COUNT_ROBOTS_AND_STAFF = (
    *("recorded_sessions", "robot_sessions", "staff_sessions"),
    *("robot_session_rate", "robot_session_rate_low", "robot_session_rate_high"),
    *("staff_session_rate", "staff_session_rate_low", "staff_session_rate_high"),
)


def of_robot(visit: Event, **sign: Any) -> Event:
    others = {"event_id": f"robot-{visit['event_id']}", "visitor_id": f"R{visit['visitor_id']}"}
    return {**visit, **others, "contact_id": None, "order_id": None, **sign}


DISTURBANCES = {
    "robots told by the tracker": [of_robot(visit, is_bot="true") for visit in VISITS],
    "robots told by their name": [of_robot(visit, user_agent="Mozilla/5.0 (bingbot/2.0)") for visit in VISITS],
    "robots on a device nobody else has": [of_robot(visit, is_bot="true", device="tv") for visit in VISITS],
    "staff": [
        {
            **visit, "event_id": f"staff-{visit['event_id']}", "visitor_id": f"S{visit['visitor_id']}",
            "contact_id": "STAFF", "order_id": None,
        }
        for visit in VISITS
    ],
    "staff who logs in days later": [
        event("late-1", "S", "2025-02-05T09:00:00", "page_view", "home /", device="desktop"),
        event("late-2", "S", "2025-02-10T09:00:00", "page_view", "home /", device="desktop", contact_id="STAFF"),
    ],
    "events sent again": VISITS,
    # what was loaded first counts, so that these make nothing late
    "events received again a week later": [
        {**visit, "received_at": str(datetime.fromisoformat(visit["occurred_at"]) + timedelta(days=7))}
        for visit in VISITS
    ],
}  # fmt: skip


def traffic_by_group(company: duckdb.DuckDBPyConnection) -> dict[tuple, dict[str, Any]]:
    found = records(company, "select * from kpi_traffic")
    return {(row["month_start"], row["company_size"], row["device"]): row for row in found}


@pytest.fixture(scope="module")
def undisturbed(compiled_project: CompiledProject) -> dict[tuple, dict[str, Any]]:
    return traffic_by_group(run_traffic(compiled_project, VISITS))


def run_traffic(compiled_project: CompiledProject, visits: list[Event]) -> duckdb.DuckDBPyConnection:
    return compiled_project.upstream_of("marts.kpi_traffic").run(
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        web_events=visits,
        orders=[order for order, _ in ORDERS],
        order_lines=[line for _, line in ORDERS],
        exchange_rates=[{"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4.00"}],
    )


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_robots_staff_and_repeats_change_no_figure_of_visitors(
    compiled_project: CompiledProject, undisturbed: dict[tuple, dict[str, Any]], disturbance: str
) -> None:
    disturbed = traffic_by_group(run_traffic(compiled_project, [*VISITS, *DISTURBANCES[disturbance]]))
    assert set(undisturbed) <= set(disturbed)
    changed = set()
    for group, row in disturbed.items():
        # a group that only robots or staff are in has nothing else
        before = undisturbed.get(group, dict.fromkeys(row, 0) | {name: row[name] for name in LABELS})
        changed |= {name for name, value in row.items() if (value or 0) != (before[name] or 0)}
    assert changed <= set(COUNT_ROBOTS_AND_STAFF)
    # robots and staff did arrive
    assert bool(changed) is ("again" not in disturbance)


def test_engagement_and_both_bounces(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "sessions, engaged_sessions, bounced_sessions, single_interaction_sessions"
    found = traffic(shop, columns)
    # V9 and V1 engaged; V11 and V12 saw one page
    assert found["02", "anonymous", "desktop"] == (4, 2, 2, 2)
    # the ping after 20 seconds divides the two rules
    assert found["02", "anonymous", "mobile"] == (1, 1, 0, 1)
    assert found["02", "small", "desktop"] == (1, 0, 1, 1)
    assert found["02", "small", "mobile"] == (1, 1, 0, 0)
    # two purchases without a page: key events, so engaged, yet of one interaction
    assert found["03", "anonymous", "desktop"] == (3, 2, 1, 3)
    rates = rows(shop, "kpi_traffic", "month, company_size, device", "engagement_rate, bounce_rate, bounce_rate_ua")
    assert rates["02", "anonymous", "desktop"] == about((0.5, 0.5, 0.5))
    assert rates["03", "anonymous", "desktop"] == about((2 / 3, 1 / 3, 1))


def test_time_on_site_and_pages(shop: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "events, page_views, duration_seconds, engaged_seconds, pages_per_session, average_duration_seconds,"
        " median_duration_seconds, average_engaged_seconds"
    )
    found = rows(shop, "kpi_traffic", "month, company_size, device", columns, "sessions > 0")
    # durations 0, 0, 900 and 14,400 (cut from 15,660): mean 3,825, median 450; V9 has 8 page views among 10 events
    assert found["02", "anonymous", "desktop"] == about((14, 12, 15_300, 0, 3, 3_825, 450, 0))
    assert found["02", "small", "desktop"] == about((2, 1, 5, 5, 1, 5, 5, 5))
    assert found["02", "small", "mobile"] == about((2, 1, 60, 0, 1, 60, 60, 0))
    # sent twice, counted once
    assert found["02", "anonymous", "unknown"] == about((1, 1, 0, 0, 1, 0, 0, 0))


def test_visitors(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "visitors, month_visitors, daily_active_visitors, weekly_active_visitors, monthly_active_visitors"
    found = traffic(shop, columns)
    assert found == {
        # of the last seven days, 22 to 28 February, V1 only, on the last of them
        ("02", "anonymous", "desktop"): (4, 4, 1, 1, 4),
        ("02", "anonymous", "mobile"): (1, 1, 0, 0, 1),
        ("02", "anonymous", "unknown"): (1, 1, 0, 0, 1),
        # person C1: in both rows; of the month in that of the first session, active in that of the last
        ("02", "small", "desktop"): (1, 1, 0, 0, 0),
        ("02", "small", "mobile"): (1, 0, 0, 0, 1),
        # to as_of, 30 March: 28 days from 3 March, seven from 24 March
        ("03", "anonymous", "desktop"): (3, 3, 1, 1, 3),
        ("03", "anonymous", "mobile"): (1, 1, 0, 0, 1),
        ("03", "unknown", "tablet"): (1, 1, 0, 0, 1),
    }
    ratios = rows(shop, "kpi_traffic", "month, company_size, device", "stickiness_rate")
    assert ratios["02", "anonymous", "desktop"] == 0.25
    assert ratios["02", "small", "desktop"] is None


def test_what_the_tracker_does_not_know(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "organic_sessions, unattributed_sessions, unstitched_sessions, late_events, web_orders, orphan_web_orders"
    assert traffic(shop, columns) == {
        # organic V11 and V1; V9 came from nowhere
        ("02", "anonymous", "desktop"): (2, 1, 4, 0, 0, 0),
        ("02", "anonymous", "mobile"): (0, 0, 1, 0, 0, 0),
        ("02", "anonymous", "unknown"): (0, 1, 1, 1, 0, 0),
        ("02", "small", "mobile"): (0, 1, 0, 0, 1, 0),
        ("02", "small", "unknown"): (0, 0, 0, 0, 1, 1),
        # V11 and V12 came from somewhere a month before; V10 did not
        ("03", "anonymous", "desktop"): (0, 1, 3, 0, 0, 0),
        ("03", "anonymous", "mobile"): (0, 0, 1, 0, 0, 0),
        # orders of guests: of an account without size
        ("03", "unknown", "desktop"): (0, 0, 0, 0, 2, 0),
        ("03", "unknown", "tablet"): (0, 1, 0, 0, 0, 0),
    }
    columns = (
        "organic_session_rate, unattributed_session_rate, unstitched_session_rate, late_event_rate,"
        " orphan_web_order_rate"
    )
    rates = rows(shop, "kpi_traffic", "month, company_size, device", columns)
    assert rates["02", "anonymous", "desktop"] == about((0.5, 0.25, 1, 0, None))
    assert rates["02", "anonymous", "unknown"] == about((0, 1, 1, 1, None))
    assert rates["02", "small", "unknown"] == about((None, None, None, None, 1))


def test_conversion_is_that_of_the_board(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "sessions_with_order, session_conversion_rate, session_conversion_rate_low, session_conversion_rate_high"
    found = rows(shop, "kpi_traffic", "month, company_size, device", columns)
    # Wilson, 1 of 1: z^2 = 3.841459; low 1 / (1 + 3.841459) = 0.206549, high 1
    assert found["02", "small", "mobile"] == pytest.approx((1, 1, 0.206549, 1), abs=1e-6)
    sums = shop.execute(
        "select sum(sessions_with_order), sum(sessions) from kpi_traffic group by month_start order by month_start"
    ).fetchall()
    assert sums == [(1, 8), (2, 5)]
    assert board(shop, "session_conversion_rate") == {"2025-02": 1 / 8, "2025-03": 2 / 5}
    assert rows(shop, "kpi_traffic", "month, company_size, device", "is_reportable, is_complete_period")[
        "02", "anonymous", "desktop"
    ] == (False, True)
    assert (
        rows(shop, "kpi_traffic", "month, company_size, device", "is_complete_period")["03", "small", "mobile"] is False
    )


def test_sources_of_sessions_orders_and_new_visitors(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "sessions, credited_sessions, credited_sessions_with_order, new_visitors, converted_new_visitors"
    assert rows(shop, "kpi_source_conversion", "month, source, medium", columns) == {
        # new V11 orders after 30 days to the second
        ("02", "bing", "organic"): (1, 1, 0, 1, 1),
        # V12 and C1; C1 orders the next day with another device, V12 a second too late
        ("02", "google", "cpc"): (2, 2, 0, 2, 1),
        ("02", "google", "organic"): (1, 1, 0, 1, 0),
        ("02", "newsletter", "email"): (1, 1, 0, 1, 0),
        # V4, V8 and V9; the person of V4 was new with V2
        ("02", "direct", "none"): (3, 3, 1, 2, 0),
        # five direct sessions; three of visitors who had come from somewhere
        ("03", "bing", "organic"): (0, 1, 1, 0, 0),
        ("03", "google", "cpc"): (0, 1, 1, 0, 0),
        ("03", "google", "organic"): (0, 1, 0, 0, 0),
        ("03", "newsletter", "email"): (0, 0, 0, 0, 0),
        ("03", "direct", "none"): (5, 2, 0, 2, 0),
    }
    amounts = rows(
        shop, "kpi_source_conversion", "month, source, medium",
        "orders, sales_amount, returns_amount, net_sales_amount", "orders > 0",
    )  # fmt: skip
    assert amounts == {
        # the return of March lowers the session of February; the return of a phone order is of no session
        ("02", "direct", "none"): (1, 400, 100, 300),
        ("03", "bing", "organic"): (1, 50, 0, 50),
        ("03", "google", "cpc"): (1, 70, 0, 70),
    }


def test_rates_by_source(shop: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "month_sessions, session_share_rate, engagement_rate, bounce_rate, bounce_rate_ua, session_conversion_rate,"
        " visitor_conversion_rate, is_visitor_window_over, is_organic, is_complete_period"
    )
    found = rows(shop, "kpi_source_conversion", "month, source, medium", columns)
    # V4 and V9 engaged, V8 not; one of three converted; neither V8 nor V9 ever ordered
    assert found["02", "direct", "none"] == about((8, 3 / 8, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 0, True, False, True))
    # as_of is 30 days after the last of February: its window is over, that of March is not
    assert found["02", "google", "cpc"] == about((8, 2 / 8, 0, 1, 1, 0, 1 / 2, True, False, True))
    assert found["03", "direct", "none"] == about((5, 1, 2 / 5, 3 / 5, 1, 0, None, False, False, False))
    # no sessions of its own, one credited
    assert found["03", "bing", "organic"] == about((5, 0, None, None, None, 1, None, False, True, False))
    bounds = rows(
        shop, "kpi_source_conversion", "month, source, medium",
        "session_conversion_rate_low, session_conversion_rate_high, visitor_conversion_rate_low,"
        " visitor_conversion_rate_high, is_reportable",
    )  # fmt: skip
    # Wilson: 0 of 2 is 0 to 3.8415 / 5.8415 = 0.6576; 1 of 2 is 0.0945 to 0.9055
    assert bounds["02", "google", "cpc"] == pytest.approx((0, 0.657620, 0.094531, 0.905469, False), abs=1e-6)


def test_keywords_and_landing_pages(shop: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "visitors, sessions, engaged_sessions, bounced_sessions, single_interaction_sessions, sessions_with_order,"
        " bounce_rate, bounce_rate_ua, session_conversion_rate"
    )
    found = rows(shop, "kpi_keyword", "month, keyword, landing_page_type", columns)
    assert found["02", "chair", "home"] == about((1, 1, 0, 1, 1, 0, 1, 1, 0))
    assert found["02", "chair", "product"] == about((1, 1, 0, 1, 1, 0, 1, 1, 0))
    assert found["02", "unknown", "category"] == about((2, 2, 1, 1, 1, 0, 0.5, 0.5, 0))
    assert found["03", "unknown", "checkout"] == about((2, 2, 2, 0, 2, 2, 0, 1, 1))
    columns = "visitors, sessions, bounced_sessions, page_views, duration_seconds, pages_per_session, bounce_rate"
    found = rows(shop, "kpi_landing_page", "month, landing_page, landing_page_type", columns)
    # V11, V2 and V1
    assert found["02", "/", "home"] == about((3, 3, 2, 4, 905, 4 / 3, 2 / 3))
    # the click id is no part of the page
    assert found["02", "/p/1", "product"] == about((1, 1, 1, 1, 0, 1, 1))


def test_search_engines(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "pages, impressions, clicks, positioned_impressions, click_through_rate, average_position, is_reportable"
    assert rows(shop, "kpi_search_performance", "month, keyword", columns) == {
        ("02", "chair"): about((2, 450, 8, 400, 8 / 450, 5, True)),
        # never shown: neither rate nor position
        ("02", "rare"): (1, 0, 0, 0, None, None, False),
        ("02", "unknown"): about((1, 10, 1, 10, 0.1, 3, False)),
    }


def test_pages(shop: duckdb.DuckDBPyConnection) -> None:
    columns = "page_views, page_visits, visitors, entrances, exits, timed_page_visits, seconds_on_page"
    found = rows(shop, "kpi_page_engagement", "month, page_type", columns, "month_start = '2025-02-01'")
    assert found == {
        # V11 (time unknown), V2 (5 seconds to the ping) and V1 (900 to the product)
        ("02", "home"): (3, 3, 3, 3, 2, 2, 905),
        ("02", "product"): (2, 2, 2, 1, 2, 0, 0),
        ("02", "cart"): (1, 1, 1, 1, 0, 1, 60),
        ("02", "checkout"): (0, 1, 1, 0, 1, 0, 0),
        ("02", "article"): (1, 1, 1, 1, 1, 1, 20),
        # ten events of V9 are one stay; the whole time, not the capped one
        ("02", "category"): (9, 2, 2, 2, 2, 1, 15_660),
    }
    columns = (
        "average_seconds_on_page, median_seconds_on_page, timed_loads, median_load_ms, p75_load_ms, exit_rate,"
        " bounce_rate, bounce_rate_ua"
    )
    found = rows(shop, "kpi_page_engagement", "month, page_type", columns)
    # loads of 500 and 1000: three quarters of the way is 875
    assert found["02", "home"] == about((452.5, 452.5, 2, 750, 875, 2 / 3, 2 / 3, 2 / 3))
    assert found["02", "product"] == about((None, None, 1, 2000, 2000, 1, 1, 1))
    # nobody enters on the checkout in February
    assert found["02", "checkout"] == about((None, None, 0, None, None, 1, None, None))
    assert found["02", "article"] == about((20, 20, 0, None, None, 1, 0, 1))
    columns = "cta_clicks, product_views, video_plays, article_views, content_interactions"
    found = rows(shop, "kpi_page_engagement", "month, page_type", columns)
    assert found["02", "category"] == (1, 0, 1, 0, 2)
    assert found["02", "article"] == (0, 0, 0, 1, 1)
    assert found["03", "article"] == (0, 0, 0, 0, 0)


# --- on the way to an order ---

JOURNEYS = [
    # F1: all steps in order, 300 seconds to the first order of the account
    event("1", "F", "2025-01-10T10:00:00", "page_view", "home /", contact_id="C1"),
    event("2", "F", "2025-01-10T10:01:00", "product_view", "product /p/1", product_id="P"),
    event("3", "F", "2025-01-10T10:02:00", "add_to_cart", "product /p/1", product_id="P", cart_id="k1"),
    event("4", "F", "2025-01-10T10:03:00", "checkout_start", "checkout /checkout", cart_id="k1"),
    event("5", "F", "2025-01-10T10:05:00", "purchase", "checkout /checkout", cart_id="k1", order_id="O1"),
    # F7: a second order on the day of the first is no repeat; straight to the purchase
    event("6", "F", "2025-01-10T15:00:00", "purchase", "checkout /checkout", order_id="O4", contact_id="C1"),
    # F2: view and addition in one second, in an order that nobody knows: both count; a cart without a number
    event("7-z", "G", "2025-01-11T10:00:00", "product_view", "product /p/1"),
    event("7-a", "G", "2025-01-11T10:00:00", "add_to_cart", "product /p/1"),
    # F3: added before the view: in the open funnel only; three days later turned into a quote
    event("8", "H", "2025-01-12T10:00:00", "add_to_cart", "category /c/1", cart_id="k3"),
    event("9", "H", "2025-01-12T10:05:00", "product_view", "product /p/1"),
    event("10", "H", "2025-01-15T10:00:00", "quote_request", "quote /quote", cart_id="k3"),
    # F14: filled on the 13th, ordered on the 21st by a guest: after the window of seven days
    event("11", "I", "2025-01-13T10:00:00", "add_to_cart", "category /c/1", cart_id="k14"),
    event("12", "I", "2025-01-21T10:00:00", "purchase", "checkout /checkout", cart_id="k14", order_id="O5"),
    # F5: to the end, but the order was cancelled; the page of a product is a view of it
    event("13", "F", "2025-01-20T10:00:00", "page_view", "product /p/1", contact_id="C1"),
    event("14", "F", "2025-01-20T10:01:00", "add_to_cart", "product /p/1", cart_id="k5"),
    event("15", "F", "2025-01-20T10:02:00", "checkout_start", "checkout /checkout", cart_id="k5"),
    event("16", "F", "2025-01-20T10:03:00", "purchase", "checkout /checkout", cart_id="k5", order_id="O2-cancelled"),
    # F6: ordered again
    event("17", "F", "2025-01-25T10:00:00", "purchase", "checkout /checkout", order_id="O3", contact_id="C1"),
    event("18", "J", "2025-01-28T10:00:00", "page_view", "search /s"),
    event("19", "K", "2025-01-28T10:00:00", "page_view", "home /"),
    # a customer who only looks at the first page
    event("20", "F", "2025-01-28T10:00:00", "page_view", "home /", contact_id="C1"),
    # 23:30 on 31 January in Warsaw: its seven days are over on 7 February, which is as_of
    event("21", "L", "2025-01-31T22:30:00", "add_to_cart", "product /p/1", cart_id="k11"),
    event("22", "L", "2025-01-31T22:35:00", "checkout_start", "checkout /checkout", cart_id="k11"),
    # open: neither an abandoned cart nor an abandoned checkout
    event("23", "M", "2025-02-02T10:00:00", "add_to_cart", "product /p/1", cart_id="k12"),
    event("24", "M", "2025-02-02T10:01:00", "checkout_start", "checkout /checkout", cart_id="k12"),
    event("25-robot", "R", "2025-01-20T10:00:00", "add_to_cart", "product /p/1", is_bot="true"),
    event("26", "N", "2025-02-07T10:00:00", "page_view", "home /"),
]
JOURNEY_ORDERS = [
    # January begins within its first week
    web_order("O0", "2025-01-03T10:00:00", "5", account_id="B", order_channel="phone"),
    web_order("O1", "2025-01-10T10:05:00", "100", account_id="S"),
    web_order("O2-cancelled", "2025-01-20T10:03:00", "100", account_id="S", cancelled_at="2025-01-21T10:00:00Z"),
    web_order("O3", "2025-01-25T10:00:00", "100", account_id="S"),
    web_order("O4", "2025-01-10T15:00:00", "100", account_id="S"),
    web_order("O5", "2025-01-21T10:00:00", "100", guest_key="g1"),
]


@pytest.fixture(scope="module")
def journeys(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    marts = ("marts.kpi_purchase_funnel", "marts.kpi_cart_outcomes", "marts.kpi_journey_stage")
    return compiled_project.upstream_of(*marts).run(
        accounts=[*ACCOUNTS, {"account_id": "B"}],
        contacts=CONTACTS,
        web_events=JOURNEYS,
        orders=[order for order, _ in JOURNEY_ORDERS],
        order_lines=[line for _, line in JOURNEY_ORDERS],
    )


def test_the_funnel_is_closed(journeys: duckdb.DuckDBPyConnection) -> None:
    columns = "step_number, sessions, open_sessions, previous_step_sessions, first_step_sessions, dropped_sessions"
    january = "month_start = '2025-01-01'"
    assert rows(journeys, "kpi_purchase_funnel", "company_size, step", columns, january) == {
        # F1, F7, F5, F6 and the last look
        ("small", "session"): (1, 5, 5, None, 5, None),
        ("small", "product_view"): (2, 2, 2, 5, 5, 3),
        ("small", "add_to_cart"): (3, 2, 2, 2, 5, 0),
        ("small", "checkout"): (4, 2, 2, 2, 5, 0),
        # F5's order does not count; F6 and F7 took another way
        ("small", "purchase"): (5, 1, 3, 2, 5, 1),
        # F2, F3 and its quote, both of F14, the search, the first page, the last of January
        ("anonymous", "session"): (1, 8, 8, None, 8, None),
        ("anonymous", "product_view"): (2, 2, 2, 8, 8, 6),
        # F2; also F3, F14 and the last one, without a view before
        ("anonymous", "add_to_cart"): (3, 1, 4, 2, 8, 1),
        ("anonymous", "checkout"): (4, 0, 1, 1, 8, 1),
        ("anonymous", "purchase"): (5, 0, 1, 0, 8, 0),
    }


def test_rates_and_path_of_the_funnel(journeys: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "previous_step_rate, drop_off_rate, first_step_rate, seconds_to_step, average_seconds_to_step,"
        " median_seconds_to_step"
    )
    found = rows(journeys, "kpi_purchase_funnel", "month, company_size, step", columns)
    assert found["01", "small", "session"] == about((None, None, 1, 0, 0, 0))
    # F1 after 60 seconds, F5 at once
    assert found["01", "small", "product_view"] == about((0.4, 0.6, 0.4, 60, 30, 30))
    assert found["01", "small", "checkout"] == about((1, 0, 0.4, 300, 150, 150))
    assert found["01", "small", "purchase"] == about((0.5, 0.5, 0.2, 300, 300, 300))
    assert found["01", "anonymous", "purchase"] == about((None, None, 0, 0, None, None))
    # a group without any session in the month
    assert found["02", "small", "session"] == about((None, None, None, 0, None, None))
    bounds = rows(
        journeys, "kpi_purchase_funnel", "month, company_size, step",
        "previous_step_rate_low, previous_step_rate_high, is_reportable, is_complete_period",
    )  # fmt: skip
    assert bounds["01", "small", "purchase"] == pytest.approx((0.094531, 0.905469, False, True), abs=1e-6)


def test_carts(journeys: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "carts, ordered_carts, quoted_carts, abandoned_carts, open_carts, decided_carts, checkouts, abandoned_checkouts"
    )
    assert rows(journeys, "kpi_cart_outcomes", "month, company_size", columns) == {
        # k1 and k5: somebody who bought and cancelled did not abandon the cart
        ("01", "small"): (2, 2, 0, 0, 0, 2, 2, 0),
        # F2 and k11 abandoned, k14 ordered too late, k3 negotiated
        ("01", "anonymous"): (4, 0, 1, 3, 0, 4, 1, 1),
        ("02", "small"): (0, 0, 0, 0, 0, 0, 0, 0),
        ("02", "anonymous"): (1, 0, 0, 0, 1, 0, 0, 0),
    }
    columns = "cart_abandonment_rate, checkout_abandonment_rate, is_complete_period, is_reportable"
    assert rows(journeys, "kpi_cart_outcomes", "month, company_size", columns) == {
        ("01", "small"): (0, 0, True, False),
        ("01", "anonymous"): (0.75, 1, True, False),
        # nothing is decided
        ("02", "small"): (None, None, False, False),
        ("02", "anonymous"): (None, None, False, False),
    }
    bounds = rows(journeys, "kpi_cart_outcomes", "month, company_size",
                  "cart_abandonment_rate_low, cart_abandonment_rate_high")  # fmt: skip
    # Wilson, 3 of 4
    assert bounds["01", "anonymous"] == pytest.approx((0.300642, 0.954413), abs=1e-6)


def test_abandonment_by_session_and_by_visitor(journeys: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "cart_sessions, abandoned_cart_sessions, session_abandonment_rate,"
        " cart_visitors, abandoned_cart_visitors, visitor_abandonment_rate"
    )
    found = rows(journeys, "kpi_cart_outcomes", "month, company_size", columns)
    # F1 ordered, F5's order was cancelled; it is one person, who ordered
    assert found["01", "small"] == about((2, 1, 0.5, 1, 0, 0))
    # F2, F3, F14, k11: none ordered in the session; the guest of F14 did in another one
    assert found["01", "anonymous"] == about((4, 4, 1, 4, 3, 0.75))
    assert found["02", "small"] == (0, 0, None, 0, 0, None)


def test_journey_stages(journeys: duckdb.DuckDBPyConnection) -> None:
    columns = "stage_number, sessions, customer_sessions, visitors, furthest_visitors, month_sessions"
    january = "month_start = '2025-01-01'"
    assert rows(journeys, "kpi_journey_stage", "stage", columns, january) == {
        "awareness": (1, 2, 1, 2, 1, 13),
        "consideration": (2, 1, 0, 1, 1, 13),
        # F2, F3, its quote, F14, F5 (by a customer) and the last of January: five visitors
        "decision": (3, 6, 1, 5, 3, 13),
        # F1, F7 on the same day, and the guest
        "purchase": (4, 3, 0, 2, 1, 13),
        "repeat": (5, 1, 1, 1, 1, 13),
    }
    shares = rows(
        journeys, "kpi_journey_stage", "month, stage", "session_share_rate, is_reportable, is_complete_period"
    )
    assert shares["01", "decision"] == about((6 / 13, False, True))
    assert shares["02", "repeat"] == about((0, False, False))


# --- the board fixture ---

# of 200 sessions each: orders, bounces, and seconds of those that stayed, which make 204, 312 and 426 on average
SIZES = {
    "small": (5, 90, [370] * 109 + [470]),
    "medium": (8, 70, [480] * 130),
    "large": (11, 50, [568] * 150),
}
BOUNCES_OF_100 = {"free boxes": 75, "office chair": 68, "pallet rack": 55}


def moment_of(number: int, seconds: int = 0) -> str:
    return (datetime(2025, 3, 1, 8, tzinfo=UTC) + timedelta(minutes=number, seconds=seconds)).isoformat()[:19]


def session(visitor: str, number: int, seconds: int | None, last: str = "page_view", **others: Any) -> list[Event]:
    """One page, or two events so many seconds apart."""
    first = event(f"{visitor}-1", visitor, moment_of(number), "page_view", "home /", **others)
    if seconds is None:
        return [first]
    order = {"order_id": visitor} if last == "purchase" else {}
    return [first, event(f"{visitor}-2", visitor, moment_of(number, seconds), last, "home /", **order)]


@pytest.fixture(scope="module")
def segments(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    events: list[Event] = []
    orders = [
        # a month of data before as_of, 31 March; a year and a day before it does not count, a year less a day does
        web_order("OLD", "2024-03-31T10:00:00", "9999", account_id="A-large", order_channel="phone"),
        web_order("YOUNG", "2024-04-01T10:00:00", "40", account_id="A-large", order_channel="phone"),
        web_order("LAST", "2025-03-31T10:00:00", "20", guest_key="g"),
    ]
    for size, (ordered, bounced, stays) in SIZES.items():
        for number, seconds in enumerate([*stays, *[None] * bounced]):
            buys = number < ordered
            visitor = f"{size}-{number}"
            events += session(visitor, number, seconds, "purchase" if buys else "page_view", contact_id=f"C-{size}")
            if buys:
                moment = moment_of(number, seconds or 0)
                orders.append(web_order(visitor, moment, "100", account_id=f"A-{size}"))
    for keyword, bounced in BOUNCES_OF_100.items():
        for number in range(100):
            seconds = None if number < bounced else 60
            events += session(f"{keyword}-{number}", number, seconds, keyword=keyword, source="google")
    countries = {"small": "PL", "medium": "DE", "large": None}
    return compiled_project.upstream_of("marts.kpi_segment_benchmark", "marts.kpi_keyword").run(
        accounts=[
            {"account_id": f"A-{size}", "company_size": size, "industry": "Retail", "country_code": countries[size],
             "created_at": "2024-01-01"}
            for size in SIZES
        ],
        contacts=[{"contact_id": f"C-{size}", "account_id": f"A-{size}"} for size in SIZES],
        web_events=events,
        orders=[order for order, _ in orders],
        order_lines=[line for _, line in orders],
    )  # fmt: skip


def test_the_board_fixture_by_company_size(segments: duckdb.DuckDBPyConnection) -> None:
    columns = "sessions, session_conversion_rate, average_duration_minutes, bounce_rate, bounce_rate_ua"
    found = rows(segments, "kpi_segment_benchmark", "member", columns, "dimension = 'company_size'")
    assert found["small"] == about((200, 0.025, 3.4, 0.45, 0.45))
    assert found["medium"] == about((200, 0.04, 5.2, 0.35, 0.35))
    assert found["large"] == about((200, 0.055, 7.1, 0.25, 0.25))
    # nobody known: 100 x (25 + 32 + 45) stays of a minute in 300 sessions
    assert found["anonymous"] == about((300, 0, 102 / 300, 198 / 300, 198 / 300))


def test_the_board_fixture_by_keyword(segments: duckdb.DuckDBPyConnection) -> None:
    found = rows(segments, "kpi_keyword", "keyword", "sessions, bounce_rate, is_reportable", "keyword <> 'unknown'")
    assert found == {
        "free boxes": about((100, 0.75, True)),
        "office chair": about((100, 0.68, True)),
        "pallet rack": about((100, 0.55, True)),
    }


def test_benchmark_of_other_dimensions(segments: duckdb.DuckDBPyConnection) -> None:
    columns = "sessions, sessions_with_order, orders, sales_amount, average_order_amount"
    found = rows(segments, "kpi_segment_benchmark", "dimension, member", columns)
    # 24 web orders of 100, one of 40 by phone within the year, one of 20 by a guest
    assert found["all", "all"] == about((900, 24, 26, 2460, 2460 / 26))
    assert found["industry", "Retail"] == about((600, 24, 25, 2440, 97.6))
    assert found["country", "DE"] == about((200, 8, 8, 800, 100))
    # large has no country, the guest none either
    assert found["country", "unknown"] == about((200, 11, 13, 1160, 1160 / 13))
    # of accounts without a catalog
    assert found["catalog", "unknown"] == about((600, 24, 26, 2460, 2460 / 26))
    # the guest: an order and no session
    assert found["company_size", "unknown"] == about((0, 0, 1, 20, 20))
    assert found["company_size", "anonymous"] == (300, 0, 0, 0, None)
    totals = segments.execute(
        "select distinct sum(sessions), sum(orders), sum(sales_amount), sum(duration_seconds)"
        " from kpi_segment_benchmark group by dimension"
    ).fetchall()
    # 200 x (204 + 312 + 426) + 102 x 60
    assert totals == [(900, 26, 2460, 194_520)]
    details = records(
        segments, "select * from kpi_segment_benchmark where dimension = 'company_size' and member = 'medium'"
    )[0]
    assert (details["engaged_sessions"], details["bounced_sessions"]) == (130, 70)
    # 130 of 200 stay 480 seconds: so does the median
    assert details["median_duration_minutes"] == 8
    # Wilson, 8 of 200: centre (0.04 + 0.0096036) / 1.0192073 = 0.0486688, half width 0.0288062 / 1.0192073 = 0.0282633
    assert details["session_conversion_rate_low"] == pytest.approx(0.0204055, abs=1e-6)
    assert details["session_conversion_rate_high"] == pytest.approx(0.0769321, abs=1e-6)
    assert (details["member_name"], details["is_reportable"]) == ("medium", True)


# --- experiments ---


@pytest.fixture(scope="module")
def experiments(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    def assign(experiment: str, variant: str, units: list[str], day: str, kind: str = "visitor") -> list[Event]:
        return [
            {"experiment_id": experiment, "variant": variant, "unit_type": kind, "unit_id": unit,
             "assigned_at": f"{day}T10:00:00Z"} for unit in units
        ]  # fmt: skip

    def many(prefix: str, count: int) -> list[str]:
        return [f"{prefix}{number}" for number in range(count)]

    orders = [
        # two of ten in control, six of ten in treatment
        *(web_order(f"c{n}", "2025-01-12T10:00:00", "100", visitor_id=f"c{n}", account_id="A") for n in (0, 1)),
        *(web_order(f"t{n}", "2025-01-12T10:00:00", "50", visitor_id=f"t{n}", account_id="A") for n in range(6)),
        # a second order converts nobody twice
        web_order("t0-again", "2025-01-13T10:00:00", "25", visitor_id="t0", account_id="A"),
        web_order("c2-cancelled", "2025-01-12T10:00:00", "1", visitor_id="c2", account_id="A",
                  cancelled_at="2025-01-12T11:00:00Z"),
        # not over the web, a second before the assignment, and the day after the last assignment
        web_order("c3", "2025-01-12T10:00:00", "1", visitor_id="c3", account_id="A", order_channel="phone"),
        web_order("c4", "2025-01-10T09:59:59", "1", visitor_id="c4", account_id="A"),
        web_order("c5", "2025-01-20T23:00:00", "1", visitor_id="c5", account_id="A"),
        web_order("robot", "2025-01-12T10:00:00", "1", visitor_id="robot", account_id="A"),
        # of accounts, orders of all channels count
        web_order("B", "2025-01-12T10:00:00", "70", account_id="B", order_channel="phone"),
        web_order("TEST", "2025-01-12T10:00:00", "70", account_id="TEST"),
        web_order("end", "2025-01-31T10:00:00", "1", account_id="A", order_channel="phone"),
    ]  # fmt: skip
    return compiled_project.upstream_of("marts.kpi_experiment").run(
        accounts=[{"account_id": "A"}, {"account_id": "B"}, *ACCOUNTS[1:]],
        experiment_assignments=[
            *assign("search", "control", many("c", 10), "2025-01-10"),
            *assign("search", "treatment", many("t", 9), "2025-01-10"),
            # the last one: orders count to the end of 20 January
            *assign("search", "treatment", ["t9"], "2025-01-20"),
            *assign("search", "treatment", ["robot"], "2025-01-10"),
            *assign("terms", "control", ["A", "TEST"], "2025-01-15", "account"),
            *assign("terms", "treatment", ["B"], "2025-01-11", "account"),
            # 40 and 12 of 52
            *assign("skewed", "control", many("s", 40), "2025-01-10"),
            *assign("skewed", "treatment", many("u", 12), "2025-01-10"),
            # three variants, none of them control
            *assign("colours", "red", many("r", 10), "2025-01-10"),
            *assign("colours", "green", many("g", 20), "2025-01-10"),
            *assign("colours", "blue", many("b", 30), "2025-01-10"),
        ],
        web_events=[event("1", "robot", "2025-01-10T10:00:00", "page_view", is_bot="true")],
        orders=[order for order, _ in orders],
        order_lines=[line for _, line in orders],
    )


def experiment(company: duckdb.DuckDBPyConnection, name: str, variant: str) -> dict[str, Any]:
    found = records(company, "select * from kpi_experiment")
    return next(row for row in found if row["experiment_id"].endswith(name) and row["variant"] == variant)


def test_units_of_an_experiment(experiments: duckdb.DuckDBPyConnection) -> None:
    columns = ("assigned_units", "excluded_units", "ordering_units", "converted_units", "orders", "sales_amount")
    control = experiment(experiments, "search", "control")
    # c2 cancelled: it ordered, and was not converted
    assert [control[name] for name in columns] == [10, 0, 3, 2, 2, 200]
    treatment = experiment(experiments, "search", "treatment")
    assert [treatment[name] for name in columns] == [10, 1, 6, 6, 7, 325]
    assert (control["average_unit_amount"], treatment["average_unit_amount"]) == (20, 32.5)
    assert str(treatment["ended_on"]) == "2025-01-20"
    # accounts: A ordered before it was assigned, and after the last assignment; testers are out
    control = experiment(experiments, "terms", "control")
    assert [control[name] for name in columns] == [1, 1, 0, 0, 0, 0]
    treatment = experiment(experiments, "terms", "treatment")
    assert [treatment[name] for name in columns] == [1, 0, 1, 1, 1, 70]


def test_two_proportions_are_compared(experiments: duckdb.DuckDBPyConnection) -> None:
    row = experiment(experiments, "search", "treatment")
    assert (row["control_units"], row["control_converted_units"]) == (10, 2)
    assert (row["conversion_rate"], row["control_conversion_rate"]) == about((0.6, 0.2))
    assert (row["rate_difference"], row["lift_rate"]) == about((0.4, 2))
    # pooled rate 8 / 20 = 0.4: standard error sqrt(0.4 x 0.6 x (1/10 + 1/10)) = sqrt(0.048), z = 0.4 / 0.219089
    assert row["z_score"] == pytest.approx(1.825742, abs=1e-6)
    # table of the normal distribution: 2 (1 - Phi(1.825742)) = 0.067889
    assert row["p_value"] == pytest.approx(0.067889, abs=1e-6)
    # unpooled: sqrt(0.6 x 0.4 / 10 + 0.2 x 0.8 / 10) = 0.2
    assert row["rate_difference_low"] == pytest.approx(0.4 - 1.959964 * 0.2, abs=1e-9)
    assert row["rate_difference_high"] == pytest.approx(0.4 + 1.959964 * 0.2, abs=1e-9)
    # Wilson, 6 of 10
    assert row["conversion_rate_low"] == pytest.approx(0.312674, abs=1e-6)
    assert row["conversion_rate_high"] == pytest.approx(0.831820, abs=1e-6)
    assert (row["is_significant"], row["is_reportable"], row["has_sample_ratio_mismatch"]) == (False, False, False)
    assert (row["expected_units"], row["sample_ratio_chi_square"]) == (10, 0)
    assert row["sample_ratio_p_value"] == pytest.approx(1, abs=1e-6)
    control = experiment(experiments, "search", "control")
    compared = ("control_units", "rate_difference", "lift_rate", "z_score", "p_value", "is_significant")
    assert [control[name] for name in compared] == [None] * 6
    assert control["conversion_rate"] == about(0.2)


def test_variants_that_were_not_assigned_at_random(experiments: duckdb.DuckDBPyConnection) -> None:
    row = experiment(experiments, "skewed", "treatment")
    # 26 each were to be expected: 14^2 / 26 twice
    assert row["sample_ratio_chi_square"] == pytest.approx(2 * 196 / 26)
    assert row["sample_ratio_p_value"] == pytest.approx(math.erfc(math.sqrt(196 / 26)), abs=2e-7)
    assert row["has_sample_ratio_mismatch"]
    # nobody ordered: no lift, no test
    assert (row["conversion_rate"], row["lift_rate"], row["z_score"], row["p_value"]) == (0, None, None, None)
    assert row["is_significant"] is None
    row = experiment(experiments, "colours", "blue")
    # (10^2 + 0 + 10^2) / 20 = 10; with two degrees of freedom exp(-5) = 0.0067, to 2 % by the approximation
    assert row["sample_ratio_chi_square"] == pytest.approx(10)
    assert row["sample_ratio_p_value"] == pytest.approx(math.exp(-5), rel=0.03)
    assert not row["has_sample_ratio_mismatch"]
    assert row["control_units"] is None


def test_numbers_of_the_demo_company(compiled_project: CompiledProject) -> None:
    # 54 of 760 and 88 of 761: pooled 142 / 1521, standard error 0.0149198, z = 0.0445847 / 0.0149198 = 2.9883
    sql = next(sql for name, _, sql in compiled_project.models if name == "marts.kpi_experiment")
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as working; use working; create schema intermediate; create schema marts")
    connection.execute("""
        create table intermediate.int_experiment_units as
        select 'e' as experiment_id, variant, number < converted as is_converted, false as is_excluded,
            (number < converted)::bigint as orders, orders as placed_orders, 0::decimal(18, 4) as sales_amount,
            date '2025-01-31' as ended_on
        from (values ('control', 760, 54), ('treatment', 761, 88)) as variants (variant, units, converted),
            range(units) as numbers (number)
    """)
    connection.execute(f"create table marts.kpi_experiment as {sql}")
    connection.execute("set schema = 'working.marts'")
    row = experiment(connection, "e", "treatment")
    assert row["z_score"] == pytest.approx(2.9883, abs=1e-4)
    assert row["p_value"] == pytest.approx(0.002805, abs=1e-6)
    assert row["lift_rate"] == pytest.approx(0.6275, abs=1e-4)
    assert row["is_significant"]
