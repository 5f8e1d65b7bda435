"""The same sessions, events and funnel in Polars (lazy, streaming engine) and in pandas, from the same Parquet.

Both write fct_sessions and fct_web_events to the last column, and a third file of the rows that are set aside. They do
what ours does: text is trimmed, empty text is no value, casts are tried, and a row with a value that cannot be cast,
with none where one is required, with an id that names nothing or with an implausible time is set aside with the reason
and the number of its file and row; of what was sent twice the newest sound version holds. Like the floor they are given
the rest of the company in a small database. Then they count a funnel.

Run in a process of its own: python -m warehouse.benchmark.peers polars RAW_LAKE COMPANY FOLDER
"""

import json
import re
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb

from warehouse.load.sql import literal

# A session reaches a step when it has such an event.
FUNNEL = ("product_view", "add_to_cart", "checkout_start", "purchase")
FILES = {"fct_sessions": "sessions.parquet", "fct_web_events": "events.parquet", "rejected_rows": "rejected.parquet"}
TIMEOUT_MINUTES = 30
IDENTITY_DAYS = 30
SOURCE_DAYS = 90
ZONE = "Europe/Warsaw"

# Columns of the events, and of the raw files.
COLUMNS = {
    "event_id": "event_id", "visitor_id": "visitor_id", "contact_id": "contact_no", "occurred_at": "occurred",
    "received_at": "received", "event_name": "event", "page_url": "path", "page_type": "page_kind",
    "referrer": "referrer", "source": "source", "medium": "medium", "campaign": "campaign", "keyword": "keyword",
    "device": "device", "country_code": "country", "product_id": "sku", "cart_id": "cart_id", "order_id": "order_no",
    "quote_id": "quote_no", "engaged_ms": "engaged_ms", "load_time_ms": "load_ms", "user_agent": "user_agent",
    "is_bot": "is_bot",
}  # fmt: skip
LINEAGE = ("_source_file", "_row_number", "_batch_id", "_loaded_at")
PREFIXES = {
    "event_id": "demo_web:", "visitor_id": "demo_web:", "contact_id": "demo_crm:", "product_id": "demo_shop:",
    "cart_id": "demo_web:", "order_id": "demo_shop:", "quote_id": "demo_shop:",
}  # fmt: skip
MOMENTS = ("occurred_at", "received_at")
NUMBERS = ("engaged_ms", "load_time_ms")
REQUIRED = ("event_id", "occurred_at", "event_name")
TRUTHS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}
PLAUSIBLE = (datetime(1990, 1, 1), datetime(2100, 1, 1))
LARGEST_NUMBER = 2**31 - 1
# What a version of an event is compared in; a collector may receive the same event twice.
COMPARED = tuple(name for name in COLUMNS if name != "received_at")

# Also no-break and zero-width spaces, which nobody sees.
BLANKS = " \t\n\r\f\v\u00a0\u00ad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c" \
    "\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"  # fmt: skip
NOTHING = (
    r"^(?i:[0-9]+([.][0-9]+)?e[+][0-9]+|null|none|nan|nat|<na>|#?n/a|#(ref|value|name|null|num|div/0)[!?]|-+|[?]+)$"
)
UNSAID = r"^(?i:[(](direct|none|not set|not provided)[)]|direct|none)$"
CLICK = r"(?i)[?&](gclid|gbraid|wbraid|msclkid|fbclid|li_fat_id)=[^&#]"
CLICKS = {
    "gclid": "google", "gbraid": "google", "wbraid": "google", "msclkid": "bing", "fbclid": "facebook",
    "li_fat_id": "linkedin",
}  # fmt: skip
# What the tracker says of where an event came from, and the parameter of the address that says it as well.
ORIGINS = {"source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign", "keyword": "utm_term"}
PARAMETER = r"(?i)[?&]{name}=([^&#]*)"
HOST = r"(?:www[.])?([^/?#:]+)(?::[0-9]+)?(?:[/?#]|$)"
PAGE_HOST = rf"(?i)^[a-z][a-z0-9+.-]*://{HOST}"
REFERRER_HOST = rf"(?i)^(?:(?:[a-z][a-z0-9+.-]*:)?//)?{HOST}"
ENGINE = r"^(?:(?:[a-z]{1,2}|search|images)[.])*(google|bing|duckduckgo|yahoo|yandex|baidu|ecosia|seznam)[.]"
ROBOT = r"(?i)bot|crawl|spider|slurp|headless|curl/|python-requests|monitor"
KEY_EVENTS = ("purchase", "quote_request", "checkout_start")
COUNTS = {
    "page_views": "page_view", "product_views": "product_view", "cart_additions": "add_to_cart",
    "quote_requests": "quote_request",
}  # fmt: skip

EVENT_COLUMNS = (
    "event_id", "product_id", "cart_id", "order_id", "quote_id", "event_number", "event_name", "page_type", "page_url",
    "seconds_to_next_event", "engaged_ms", "load_time_ms", "occurred_on", "occurred_at", "received_at",
)  # fmt: skip
SESSION_COLUMNS_OF_EVENTS = (
    "session", "session_id", "visitor_id", "contact_id", "account_id", "account_period_id", "is_valid", "started_on",
)  # fmt: skip
SESSION_COLUMNS = (
    "session_id", "visitor_id", "contact_id", "account_id", "account_period_id", "identified_by", *ORIGINS,
    "conversion_source", "conversion_medium", "conversion_campaign", "landing_page_url", "landing_page_type", "device",
    "country_code", "events", *COUNTS, "duration_seconds", "engaged_seconds", "orders", "net_amount", "is_engaged",
    "has_order", "is_robot", "is_staff", "is_valid", "started_on", "started_at", "ended_at",
)  # fmt: skip
# Of the company's tables; sums of a few hundred amounts are exact to a hundredth of a penny also as doubles.
COMPANY: dict[str, dict[str, Any]] = {
    "people": {"contact_id": str, "account_id": str},
    "test_people": {"contact_id": str},
    "account_periods": {"account_id": str, "account_period_id": str, "valid_from": date, "valid_until": date},
    "web_orders": {"order_id": str, "visitor_id": str, "ordered_at": datetime, "net_amount": float},
    "last_order": {"ordered_on": date},
}
AMOUNT_PLACES = 4
# Rows that pandas holds as read, all text, at a time; the rest it holds as it is kept.
ROWS_AT_A_TIME = 100 * 2048


def files_of(raw_lake: Path) -> str:
    """The pattern of the raw web events."""
    return str(raw_lake / "demo_web" / "events" / "*.parquet")


def session_ids(owners: Any, first_event_ids: Any) -> list[str]:
    """Hashes that neither library has a function for."""
    return [
        md5(f"{owner}|{first}".encode(), usedforsecurity=False).hexdigest()
        for owner, first in zip(owners, first_event_ids, strict=True)
    ]


def decoded(parameter: str) -> str | None:
    """A parameter of an address as it was before encoding."""
    return unquote(parameter.replace("+", " ")).strip() or None


def with_polars(raw_lake: Path, company: Path, folder: Path) -> dict[str, int]:
    """By Polars. The rows are sorted once, by visitor and time; sessions follow from each row and the one before.

    What has few values is kept as categories, and ids without their prefix, which half of them then fit in a view by.
    """
    import polars as pl

    def trimmed(column: str) -> pl.Expr:
        text = pl.col(column).cast(pl.String).str.strip_chars(BLANKS)
        return pl.when(text != "").then(text)

    def moment(column: str) -> pl.Expr:
        usual = pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
        # the other forms of ISO 8601 are looked for in what is left over
        other = pl.when(usual.is_null()).then(pl.col(column)).str.replace(" ", "T", literal=True)
        return pl.coalesce(
            usual,
            other.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False).dt.replace_time_zone(None),
            other.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False),
            other.str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", strict=False),
            other.str.to_datetime("%Y-%m-%d", time_unit="us", strict=False),
        )

    def number(column: str) -> pl.Expr:
        parsed = pl.col(column).cast(pl.Float64, strict=False)
        return pl.when(parsed == parsed.floor()).then(parsed.cast(pl.Int32, strict=False))

    def identity(column: str) -> pl.Expr:
        return pl.when(~pl.col(column).str.contains(NOTHING)).then(column)

    def said(column: pl.Expr) -> pl.Expr:
        return pl.when(~column.str.contains(UNSAID)).then(column)

    def local_day(moment: pl.Expr) -> pl.Expr:
        return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()

    def seconds_between(begin: pl.Expr, end: pl.Expr) -> pl.Expr:
        return (end.dt.truncate("1s") - begin.dt.truncate("1s")).dt.total_seconds()

    def with_prefix(column: str) -> pl.Expr:
        return (pl.lit(PREFIXES[column]) + pl.col(column).cast(pl.String)).alias(column)

    with duckdb.connect(str(company), read_only=True) as connection:
        people, test_people, account_periods, web_orders, last_order = (
            pl.DataFrame(
                connection.execute(
                    f"select {', '.join(f'cast({c} as double)' if kind is float else c for c, kind in columns.items())}"
                    f" from {table}"
                ).fetchall(),
                schema=columns,
                orient="row",
            )
            for table, columns in COMPANY.items()
        )
    timeout = pl.duration(minutes=TIMEOUT_MINUTES)

    # every raw row, checked
    casts = {
        **{name: identity(name) for name in PREFIXES},
        **{name: moment(name) for name in MOMENTS},
        **{name: number(name) for name in NUMBERS},
        "is_bot": pl.col("is_bot").str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean),
    }
    problems = {
        **{f"untypable_value: {name}": pl.col(name).is_not_null() & pl.col(f"cast_{name}").is_null() for name in casts},
        **{f"missing_value: {name} is empty": pl.col(name).is_null() for name in REQUIRED},
        **{
            f"implausible_date: {name}": ~pl.col(f"cast_{name}").is_between(*PLAUSIBLE, closed="left")
            | (pl.col(f"cast_{name}") > pl.col("_loaded_at") + pl.duration(days=2))
            for name in MOMENTS
        },
    }
    checked = (
        pl.scan_parquet(files_of(raw_lake))
        .select(*LINEAGE, *(pl.col(raw).alias(f"raw_{raw}") for raw in COLUMNS.values()))
        .with_columns(trimmed(f"raw_{raw}").alias(name) for name, raw in COLUMNS.items())
        .with_columns(cast.alias(f"cast_{name}") for name, cast in casts.items())
        .with_columns(is_sound=~pl.any_horizontal(*problems.values()).fill_null(False))
    )
    flawed = checked.filter(~pl.col("is_sound")).select(
        pl.concat_str(
            *(pl.when(problem).then(pl.lit(reason)) for reason, problem in problems.items()),
            separator="; ", ignore_nulls=True,
        ).alias("rejection"),
        "event_id", *LINEAGE, pl.col(r"^raw_.*$"),
    )  # fmt: skip
    sound = checked.filter("is_sound").select(
        *LINEAGE,
        *(pl.col(f"cast_{name}").alias(name) if name in casts else pl.col(name) for name in COLUMNS),
        pl.col(r"^raw_.*$"),
    )

    # what brought an event: a click id of an advertiser, else utm parameters, else the referring host
    tagged = pl.when(pl.col("page_url").str.contains("=", literal=True)).then("page_url")
    host = pl.col("referrer").str.extract(REFERRER_HOST).str.to_lowercase()
    referring_host = pl.when(host.ne_missing(pl.col("page_url").str.extract(PAGE_HOST).str.to_lowercase())).then(host)
    origins = (
        sound.with_columns(
            *(
                tagged.str.extract(PARAMETER.format(name=parameter))
                .map_elements(decoded, return_dtype=pl.String, skip_nulls=True)
                .alias(f"traffic_{name}")
                for name, parameter in ORIGINS.items()
            ),
            click_id=tagged.str.extract(CLICK).str.to_lowercase(),
            referring_host=referring_host,
        )
        .with_columns(
            pl.coalesce(said(pl.col(name)), said(pl.col(f"traffic_{name}"))).alias(f"traffic_{name}")
            for name in ORIGINS
        )
        .with_columns(
            search_engine=pl.col("referring_host").str.extract(ENGINE),
            traffic_source=pl.col("traffic_source").str.to_lowercase(),
            traffic_medium=pl.col("traffic_medium").str.to_lowercase(),
        )
        .with_columns(
            traffic_source=pl.when(pl.col("click_id").is_not_null())
            .then(pl.col("click_id").replace_strict(CLICKS, return_dtype=pl.String, default=None))
            .otherwise(pl.coalesce("traffic_source", "search_engine", "referring_host")),
            traffic_medium=pl.when(pl.col("click_id").is_not_null()).then(pl.lit("cpc"))
            .when(pl.col("traffic_source").is_not_null()).then(pl.coalesce("traffic_medium", pl.lit("unknown")))
            .when(pl.col("search_engine").is_not_null()).then(pl.lit("organic"))
            .when(pl.col("referring_host").is_not_null()).then(pl.lit("referral")),
            country_code=pl.col("country_code").str.to_uppercase(),
            is_robot=pl.col("is_bot").fill_null(False)
            | pl.col("user_agent").str.contains(ROBOT).fill_null(False),
        )
    )  # fmt: skip
    few_values = pl.Categorical
    flawed_rows, events = pl.collect_all(
        [
            flawed,
            origins.select(
                "event_id", "visitor_id", "contact_id", *MOMENTS,
                pl.col("event_name", "page_type", "device", "country_code", "product_id").cast(few_values),
                pl.col(r"^traffic_.*$").cast(few_values),
                "page_url", "cart_id", "order_id", "quote_id", *NUMBERS, "is_robot",
                "_row_number", pl.col("_batch_id").cast(few_values), "_loaded_at",
            ),
        ],
        engine="streaming",
    )  # fmt: skip
    events = events.with_row_index("row")

    # of what was sent twice the newest sound version holds
    repeated = events.lazy().group_by("event_id").len().filter(pl.col("len") > 1)
    versions = (
        events.lazy()
        .select("row", "event_id", "_loaded_at", pl.col("_batch_id").cast(pl.String), "_row_number")
        .join(repeated, on="event_id", how="semi")
        .sort(
            "event_id", "_loaded_at", "_batch_id", "_row_number",
            descending=[False, True, False, False], nulls_last=True,
        )
        .collect(engine="streaming")
    )  # fmt: skip
    winners = versions.unique("event_id", keep="first", maintain_order=True)
    displaced = versions.join(winners, on="row", how="anti")
    contested = displaced.join(winners, on=["event_id", "_loaded_at"], how="semi", nulls_equal=True)
    mended = (
        events.lazy()
        .join(flawed_rows.lazy(), on="event_id", how="semi")
        .group_by("event_id")
        .agg(pl.col("_loaded_at").max().alias("mended_at"))
        .collect(engine="streaming")
    )
    rejected = flawed_rows.join(mended, on="event_id", how="left").filter(
        (pl.col("mended_at") > pl.col("_loaded_at")).fill_null(False).not_()
    )
    if len(contested):
        # of one load: only another content makes it another event, for which the rows are read again
        place = ["_batch_id", "_row_number"]
        theirs = sound.join(contested.lazy(), on=place, how="semi")
        holding = sound.join(winners.lazy(), on=place, how="semi").select(COMPARED)
        other = theirs.join(holding, on=COMPARED, how="anti", nulls_equal=True)
        rejected = pl.concat(
            [rejected, other.with_columns(rejection=pl.lit("repeated_key: event_id")).collect()], how="diagonal"
        )
    rejected.select(
        "rejection", *LINEAGE, pl.col(r"^raw_.*$").name.map(lambda name: name.removeprefix("raw_"))
    ).write_parquet(folder / FILES["rejected_rows"])

    # an event without visitor is a session of its own
    is_first = pl.col("visitor_id").is_null() | (pl.col("visitor_id") != pl.col("visitor_id").shift(1)).fill_null(True)
    placed = (
        events.lazy()
        .join(displaced.lazy(), on="row", how="anti")
        .drop("row", "_row_number", "_batch_id", "_loaded_at")
        .sort("visitor_id", "occurred_at", "event_id")
        .with_row_index("row")
        .with_columns(is_first_of_visitor=is_first)
        .with_columns(
            session=(pl.col("is_first_of_visitor") | (pl.col("occurred_at").diff() >= timeout)).cum_sum(),
            event_number=pl.col("row").cast(pl.Int64)
            - pl.when("is_first_of_visitor").then(pl.col("row")).forward_fill().cast(pl.Int64)
            + 1,
            seconds_to_next_event=pl.when(
                ~pl.col("is_first_of_visitor").shift(-1, fill_value=True)
                & (pl.col("occurred_at").shift(-1) < pl.col("occurred_at") + timeout)
            ).then(seconds_between(pl.col("occurred_at"), pl.col("occurred_at").shift(-1))),
            occurred_on=local_day(pl.col("occurred_at")),
        )
        .drop("row", "is_first_of_visitor")
        .collect(engine="streaming")
    )
    del events
    testers = test_people["contact_id"].to_list()
    last_active_at = (
        placed.lazy()
        .filter(~pl.col("is_robot") & ~(with_prefix("contact_id").is_in(testers)).fill_null(False))
        .select(local_day(pl.col("occurred_at").max()))
        .collect()
        .item()
    )
    as_of_on = max(filter(None, (last_active_at, last_order.item())), default=None)

    came_from = pl.col("traffic_source").is_not_null()
    sessions = (
        placed.lazy()
        .group_by("session")
        .agg(
            pl.col("event_id").first().alias("first_event_id"),
            pl.col("visitor_id").first(),
            pl.col("contact_id").drop_nulls().last(),
            *(pl.col(f"traffic_{name}").filter(came_from).first().alias(name) for name in ORIGINS),
            pl.col("page_url").drop_nulls().first().alias("landing_page_url"),
            pl.col("page_type").drop_nulls().first().alias("landing_page_type"),
            pl.col("device").drop_nulls().first(),
            pl.col("country_code").drop_nulls().first(),
            pl.len().cast(pl.Int64).alias("events"),
            *((pl.col("event_name") == name).sum().cast(pl.Int64).alias(count) for count, name in COUNTS.items()),
            pl.col("event_name").is_in(KEY_EVENTS).sum().alias("key_events"),
            pl.col("engaged_ms").cast(pl.Int64).sum(),
            pl.col("is_robot").any(),
            pl.col("occurred_at").min().alias("started_at"),
            pl.col("occurred_at").max().alias("ended_at"),
            *((pl.col("event_name") == step).any().alias(f"reached_{step}") for step in FUNNEL),
        )
        .sort("session")
        .with_columns(
            with_prefix("visitor_id"),
            with_prefix("contact_id"),
            first_event_id=pl.lit(PREFIXES["event_id"]) + pl.col("first_event_id"),
            duration_seconds=seconds_between(pl.col("started_at"), pl.col("ended_at")),
            engaged_seconds=(pl.col("engaged_ms") / 1000).round().cast(pl.Int32),
            is_engaged=(pl.col("ended_at") > pl.col("started_at") + pl.duration(seconds=10))
            | (pl.col("key_events") > 0)
            | (pl.col("page_views") >= 2),
            started_on=local_day(pl.col("started_at")),
            # sessions are numbered by visitor and time: the last one with a source is the nearest
            source_session=pl.when(pl.col("source").is_not_null()).then("session").forward_fill(),
        )
        .collect(engine="streaming")
    )
    owners = sessions.select(pl.coalesce("visitor_id", pl.lit("event ") + pl.col("first_event_id"))).to_series()
    sessions = sessions.with_columns(
        session_id=pl.Series(session_ids(owners, sessions["first_event_id"]), dtype=pl.String)
    )
    funnel = {step: int(sessions[f"reached_{step}"].sum()) for step in FUNNEL}

    # whose a session is: who logs in during it, soon after it or not long before it
    of_visitors = sessions.lazy().filter(pl.col("visitor_id").is_not_null())
    logins = of_visitors.filter(pl.col("contact_id").is_not_null()).select(
        "visitor_id", "started_at", pl.col("contact_id").alias("nearby_contact_id")
    )
    anonymous = of_visitors.filter(pl.col("contact_id").is_null()).select("session", "visitor_id", "started_at")

    def nearest(strategy: str) -> pl.LazyFrame:
        joined = anonymous.sort("started_at").join_asof(
            logins.sort("started_at"), on="started_at", by="visitor_id", strategy=strategy,
            tolerance=f"{IDENTITY_DAYS}d", check_sortedness=False,
        )  # fmt: skip
        return joined.select("session", pl.col("nearby_contact_id").alias(f"{strategy}_contact_id"))

    # which orders a session brought: those it reported, else those of its visitor while it was open
    reported = (
        placed.lazy()
        .filter((pl.col("event_name") == "purchase") & pl.col("order_id").is_not_null())
        .sort("occurred_at", "event_id")
        .unique("order_id", keep="first", maintain_order=True)
        .select(with_prefix("order_id"), "session")
    )
    ordered = (
        web_orders.lazy()
        .sort("ordered_at")
        .join_asof(
            of_visitors.select(
                "visitor_id", "started_at", "ended_at", pl.col("session").alias("open_session")
            ).sort("started_at"),
            left_on="ordered_at", right_on="started_at", by="visitor_id", check_sortedness=False,
        )
        .join(reported, on="order_id", how="left")
        .with_columns(
            session=pl.coalesce(
                "session", pl.when(pl.col("ordered_at") < pl.col("ended_at") + timeout).then("open_session")
            )
        )
        .filter(pl.col("session").is_not_null())
        .group_by("session")
        .agg(
            pl.len().cast(pl.Int64).alias("orders"),
            pl.col("net_amount").sum().round(AMOUNT_PLACES),
            pl.lit(True).alias("has_order"),
        )
    )  # fmt: skip
    credited = sessions.lazy().select(
        pl.col("session").alias("source_session"),
        pl.col("visitor_id").alias("credited_visitor_id"),
        pl.col("started_at").alias("credited_at"),
        *(pl.col(name).alias(f"conversion_{name}") for name in ("source", "medium", "campaign")),
    )
    is_credited = (pl.col("source_session") == pl.col("session")) | (
        (pl.col("credited_visitor_id") == pl.col("visitor_id"))
        & (pl.col("credited_at") >= pl.col("started_at") - pl.duration(days=SOURCE_DAYS))
    )
    session_facts = (
        sessions.lazy()
        .join(nearest("forward"), on="session", how="left")
        .join(nearest("backward"), on="session", how="left")
        .join(credited, on="source_session", how="left")
        .join(ordered, on="session", how="left")
        .with_columns(
            contact_id=pl.when(pl.col("visitor_id").is_not_null()).then(
                pl.coalesce("contact_id", "forward_contact_id", "backward_contact_id")
            ),
            identified_by=pl.when(pl.col("visitor_id").is_not_null()).then(
                pl.when(pl.col("contact_id").is_not_null()).then(pl.lit("login"))
                .when(pl.col("forward_contact_id").is_not_null()).then(pl.lit("later_login"))
                .when(pl.col("backward_contact_id").is_not_null()).then(pl.lit("earlier_login"))
            ),
            orders=pl.col("orders").fill_null(0),
            net_amount=pl.col("net_amount").fill_null(0),
            has_order=pl.col("has_order").fill_null(False),
            **{
                f"conversion_{name}": pl.when(is_credited).then(f"conversion_{name}")
                for name in ("source", "medium", "campaign")
            },
        )
        .with_columns(is_staff=pl.col("contact_id").is_in(testers).fill_null(False))
        .with_columns(
            is_valid=~pl.col("is_robot") & ~pl.col("is_staff") & pl.col("visitor_id").is_not_null()
            & (pl.col("started_on") <= as_of_on)
        )
        .join(people.lazy(), on="contact_id", how="left")
        .sort("started_on")
        .join_asof(
            account_periods.lazy().sort("valid_from"),
            left_on="started_on", right_on="valid_from", by="account_id", check_sortedness=False,
        )
        .with_columns(
            account_period_id=pl.when(pl.col("started_on") < pl.col("valid_until")).then("account_period_id")
        )
        .select("session", *SESSION_COLUMNS)
        .collect(engine="streaming")
    )  # fmt: skip
    del sessions
    session_facts.lazy().drop("session").sink_parquet(
        folder / FILES["fct_sessions"], engine="streaming", compression="lz4"
    )
    (
        placed.lazy()
        .select("session", *EVENT_COLUMNS)
        .with_columns(map(with_prefix, ("event_id", "product_id", "cart_id", "order_id", "quote_id")))
        .join(
            session_facts.lazy().select(SESSION_COLUMNS_OF_EVENTS).rename({"started_on": "session_started_on"}),
            on="session",
        )
        .drop("session")
        .sink_parquet(folder / FILES["fct_web_events"], engine="streaming", maintain_order=False, compression="lz4")
    )
    return funnel


def with_pandas(raw_lake: Path, company: Path, folder: Path) -> dict[str, int]:
    """By pandas; DuckDB reads and writes its Parquet, which is faster than what pandas would do without PyArrow.

    Rows are checked in portions and kept as categories, so that not all of their text is held as read. What has few
    values is worked on once a value.
    """
    import numpy as np
    import pandas as pd

    def by_value(values: Any, function: Callable[[str], Any]) -> pd.Categorical:
        """What a function says of each value, as categories; values may be categories already."""
        codes, found = (values.codes, values.categories) if hasattr(values, "codes") else pd.factorize(values)
        of_found, categories = pd.factorize(np.array([function(value) for value in found], dtype=object))
        return pd.Categorical.from_codes(np.append(of_found, -1)[codes], pd.Index(categories, dtype=object))

    def trimmed(text: str) -> str | None:
        return str(text).strip(BLANKS) or None

    names_nothing, is_unsaid = re.compile(NOTHING).search, re.compile(UNSAID).search

    def identity(prefix: str) -> Callable[[str], str | None]:
        return lambda text: None if names_nothing(text) else prefix + text

    def said(text: str | None) -> str | None:
        return None if text is None or is_unsaid(text) else text

    def found(pattern: str) -> Callable[[str], str | None]:
        search = re.compile(pattern).search

        def first_group(text: str) -> str | None:
            match = search(text)
            return match[1].lower() if match else None

        return first_group

    def parameter(name: str) -> Callable[[str], str | None]:
        search = re.compile(PARAMETER.format(name=name)).search

        def value(url: str) -> str | None:
            match = search(url) if "=" in url else None
            return said(decoded(match[1])) if match else None

        return value

    def coalesced(first: Any, second: Any) -> pd.Series:
        first = pd.Series(first).astype(object)
        return first.where(first.notna(), pd.Series(second).astype(object))

    def moment(texts: pd.Series) -> pd.Series:
        return (
            pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
            .dt.tz_localize(None)
            .astype("datetime64[us]")
        )

    def number(texts: pd.Series) -> pd.Series:
        parsed = pd.to_numeric(texts, errors="coerce")
        return parsed.where((parsed == np.floor(parsed)) & (parsed.abs() <= LARGEST_NUMBER)).astype("Int32")

    def local_day(moments: pd.Series) -> pd.Series:
        return moments.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()

    def seconds_between(begin: pd.Series, end: pd.Series) -> pd.Series:
        return (end.dt.floor("s") - begin.dt.floor("s")).dt.total_seconds()

    def checked(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The sound rows with their values, and the others as read, with the reason."""
        # nearly each has another value in these
        texts = pd.DataFrame(
            {
                name: raw[column].map(trimmed, na_action="ignore")
                if name in ("event_id", "occurred_at")
                else by_value(raw[column], trimmed)
                for name, column in COLUMNS.items()
            }
        )
        values = pd.DataFrame(
            {
                **{name: texts[name] for name in COLUMNS},
                **{
                    name: by_value(texts[name].array, identity(prefix)) if name != "event_id"
                    else texts[name].map(identity(prefix), na_action="ignore")
                    for name, prefix in PREFIXES.items()
                },
                **{name: moment(texts[name].astype(object)) for name in MOMENTS},
                **{name: number(texts[name].astype(object)) for name in NUMBERS},
                "is_bot": by_value(texts["is_bot"].array, lambda text: TRUTHS.get(text.lower())),
                "country_code": by_value(texts["country_code"].array, str.upper),
            }
        )  # fmt: skip
        latest = raw["_loaded_at"] + pd.Timedelta(days=2)
        problems = {
            **{
                f"untypable_value: {name}": texts[name].notna() & values[name].isna()
                for name in (*PREFIXES, *MOMENTS, *NUMBERS, "is_bot")
            },
            **{f"missing_value: {name} is empty": texts[name].isna() for name in REQUIRED},
            **{
                f"implausible_date: {name}": (values[name] < PLAUSIBLE[0]) | (values[name] >= PLAUSIBLE[1])
                | (values[name] > latest)
                for name in MOMENTS
            },
        }  # fmt: skip
        is_flawed = np.logical_or.reduce([problem.to_numpy() for problem in problems.values()])
        flawed = raw.loc[is_flawed]
        reasons = pd.Series("", index=flawed.index, dtype=object)
        for reason, problem in problems.items():
            reasons = reasons.mask(problem[is_flawed], reasons + f"; {reason}")
        flawed = flawed.assign(rejection=reasons.str.removeprefix("; "), key=values.loc[is_flawed, "event_id"])
        values = values.join(raw[list(LINEAGE)].drop(columns="_source_file"))
        return (values.loc[~is_flawed] if len(flawed) else values), flawed

    def with_origins(values: pd.DataFrame) -> pd.DataFrame:
        """What brought an event: a click id of an advertiser, else utm parameters, else the referring host."""
        url = values["page_url"].array
        traffic = {
            name: coalesced(by_value(values[name].array, said), by_value(url, parameter(utm)))
            for name, utm in ORIGINS.items()
        }
        click_id = pd.Series(by_value(url, found(CLICK)))
        referrer_host = pd.Series(by_value(values["referrer"].array, found(REFERRER_HOST))).astype(object)
        page_host = pd.Series(by_value(url, found(PAGE_HOST))).astype(object)
        referrer_host = referrer_host.where(referrer_host != page_host)
        engine = pd.Series(by_value(referrer_host, found(ENGINE)))
        utm_source, utm_medium = traffic["source"].str.lower(), traffic["medium"].str.lower()
        referral = pd.Series(np.where(referrer_host.notna(), "referral", None), dtype=object)
        medium = referral.mask(engine.notna(), "organic")
        medium = medium.mask(utm_source.notna(), utm_medium.fillna("unknown")).mask(click_id.notna(), "cpc")
        source = coalesced(utm_source, coalesced(engine, referrer_host))
        source = source.mask(click_id.notna(), click_id.map(CLICKS).astype(object))
        kept = values.drop(columns=["source", "medium", "campaign", "keyword", "referrer", "user_agent", "is_bot"])
        is_robot = pd.Series(by_value(values["user_agent"].array, lambda agent: bool(re.search(ROBOT, agent))))
        return kept.assign(
            is_robot=((is_robot == True) | (values["is_bot"].array == True)).to_numpy(),  # noqa: E712  a category
            **{
                f"traffic_{name}": pd.Categorical(column)
                for name, column in {**traffic, "source": source, "medium": medium}.items()
            },
        )

    def joined(pieces: list[pd.DataFrame]) -> pd.DataFrame:
        """Portions as one; each portion has categories of its own."""
        columns = {}
        for name in list(pieces[0]):
            parts = [piece.pop(name) for piece in pieces]
            is_category = isinstance(parts[0].dtype, pd.CategoricalDtype)
            columns[name] = (
                pd.api.types.union_categoricals(parts) if is_category else pd.concat(parts, ignore_index=True)
            )
        return pd.DataFrame(columns, copy=False)

    def codes_of(values: pd.Series) -> pd.Series:
        """What rows are sorted by: of a category its number, which costs less than its text."""
        return values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values

    def write(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame, file: Path) -> None:
        # Categories are an enum to DuckDB, which 2.0.0 with two threads writes wrongly (tests/unit/test_no_enums.py).
        columns = ", ".join(
            f'cast("{name}" as varchar) as "{name}"' if isinstance(kind, pd.CategoricalDtype) else f'"{name}"'
            for name, kind in frame.dtypes.items()
        )
        connection.register("frame", frame)
        connection.execute(f"copy (select {columns} from frame) to {literal(str(file))} (format parquet)")
        connection.unregister("frame")

    timeout = pd.Timedelta(minutes=TIMEOUT_MINUTES)
    columns = ", ".join([*dict.fromkeys(COLUMNS.values()), *LINEAGE])
    # without PyArrow the type of text only adds checks to Python's own
    pd.set_option("future.infer_string", False)
    with duckdb.connect(str(company), read_only=True) as connection:
        people, test_people, account_periods, web_orders, last_order = (
            connection.execute(f"select {', '.join(names)} from {table}").df() for table, names in COMPANY.items()
        )
    with duckdb.connect() as connection:
        read = connection.execute(f"select {columns} from read_parquet(?)", [files_of(raw_lake)])
        pieces, flawed_pieces = [], []
        while True:
            raw = read.fetch_df_chunk(ROWS_AT_A_TIME // 2048)
            if not len(raw):
                break
            sound, flawed = checked(raw)
            pieces.append(with_origins(sound.reset_index(drop=True)))
            flawed_pieces.append(flawed)
        events = joined(pieces)
        rejected = pd.concat(flawed_pieces, ignore_index=True)

        # of what was sent twice the newest sound version holds
        versions = events.loc[
            events["event_id"].duplicated(keep=False), ["event_id", "_loaded_at", "_batch_id", "_row_number"]
        ].astype({"_batch_id": object})
        versions = versions.sort_values(
            ["event_id", "_loaded_at", "_batch_id", "_row_number"], ascending=[True, False, True, True]
        )
        is_displaced = versions.duplicated("event_id")
        winners, displaced = versions[~is_displaced], versions[is_displaced]
        contested = displaced.merge(winners, on=["event_id", "_loaded_at"], suffixes=("", "_held"))
        mended_at = events.loc[events["event_id"].isin(rejected["key"])].groupby("event_id")["_loaded_at"].max()
        is_mended = mended_at.reindex(rejected["key"]).array > rejected["_loaded_at"].array
        rejected = rejected[~is_mended].drop(columns="key")
        if len(contested):
            # of one load: only another content makes it another event, for which the rows are read again
            connection.register("contested", contested)
            again = connection.execute(
                f"select {columns} from read_parquet(?) where (_batch_id, _row_number) in ("
                "select (_batch_id, _row_number) from contested"
                " union select (_batch_id_held, _row_number_held) from contested)",
                [files_of(raw_lake)],
            ).df()
            content, _ = checked(again)
            content = content.astype(object)
            holding = content.merge(winners[["_batch_id", "_row_number"]], on=["_batch_id", "_row_number"])
            same = content.merge(holding[list(COMPARED)], on=list(COMPARED), how="left", indicator="held")["held"]
            other = again[(same == "left_only").to_numpy()]
            rejected = pd.concat([rejected, other.assign(rejection="repeated_key: event_id")], ignore_index=True)
        write(connection, rejected, folder / FILES["rejected_rows"])

        events = events.drop(index=displaced.index, columns=["_loaded_at", "_batch_id", "_row_number"])

        # an event without visitor is a session of its own
        visitor = events["visitor_id"].cat.codes.to_numpy()
        order = np.lexsort((events["occurred_at"], visitor))
        events = events.take(order).reset_index(drop=True)
        # only events of one instant need their ids compared
        is_tied = events.duplicated(["visitor_id", "occurred_at"], keep=False) & events["visitor_id"].notna()
        if is_tied.any():
            tied = events[is_tied].sort_values(["visitor_id", "occurred_at", "event_id"], key=codes_of)
            order = np.arange(len(events))
            order[is_tied.to_numpy()] = tied.index
            events = events.take(order).reset_index(drop=True)
        visitor = events["visitor_id"].cat.codes
        is_first = (visitor != visitor.shift()) | (visitor < 0)
        occurred_at = events["occurred_at"]
        next_at = occurred_at.shift(-1)
        events["session"] = (is_first | (occurred_at.diff() >= timeout)).cumsum()
        position = np.arange(len(events))
        events["event_number"] = position - np.maximum.accumulate(np.where(is_first, position, 0)) + 1
        stays = ~is_first.shift(-1, fill_value=True) & (next_at < occurred_at + timeout)
        events["seconds_to_next_event"] = seconds_between(occurred_at, next_at).where(stays)
        events["occurred_on"] = local_day(occurred_at)

        testers = test_people["contact_id"]
        active_at = occurred_at[~events["is_robot"] & ~events["contact_id"].isin(testers)]
        days = [
            *local_day(active_at.iloc[:0] if active_at.empty else pd.Series([active_at.max()])),
            *last_order["ordered_on"],
        ]
        as_of_on = max((day for day in days if not pd.isna(day)), default=pd.NaT)

        for step in FUNNEL:
            events[f"reached_{step}"] = (events["event_name"] == step).to_numpy()
        for count, name in COUNTS.items():
            events[count] = (events["event_name"] == name).to_numpy()
        events["is_key_event"] = events["event_name"].isin(KEY_EVENTS).to_numpy()
        # pandas' first and last pass over what is empty
        sessions = events.groupby("session").agg(
            first_event_id=("event_id", "first"),
            visitor_id=("visitor_id", "first"),
            contact_id=("contact_id", "last"),
            landing_page_url=("page_url", "first"),
            landing_page_type=("page_type", "first"),
            device=("device", "first"),
            country_code=("country_code", "first"),
            events=("event_id", "size"),
            **{count: (count, "sum") for count in COUNTS},
            key_events=("is_key_event", "sum"),
            engaged_ms=("engaged_ms", "sum"),
            is_robot=("is_robot", "any"),
            started_at=("occurred_at", "first"),
            ended_at=("occurred_at", "last"),
            **{f"reached_{step}": (f"reached_{step}", "any") for step in FUNNEL},
        )
        # campaign and keyword of the event that gave the source, also when it has none
        origins = events.loc[events["traffic_source"].notna()].drop_duplicates("session").set_index("session")
        for name in ORIGINS:
            sessions[name] = origins[f"traffic_{name}"]
        purchases = events.loc[
            (events["event_name"] == "purchase") & events["order_id"].notna(),
            ["order_id", "session", "occurred_at", "event_id"],
        ]
        reported = purchases.sort_values(["occurred_at", "event_id"]).drop_duplicates("order_id")
        events = events[["session", *EVENT_COLUMNS]]

        funnel = {step: int(sessions[f"reached_{step}"].sum()) for step in FUNNEL}
        sessions = sessions.drop(columns=[f"reached_{step}" for step in FUNNEL]).reset_index()
        for name in ("visitor_id", "contact_id"):
            sessions[name] = sessions[name].astype(object)
        has_visitor = sessions["visitor_id"].notna()
        sessions["session_id"] = session_ids(
            sessions["visitor_id"].where(has_visitor, "event " + sessions["first_event_id"]),
            sessions["first_event_id"],
        )
        sessions["duration_seconds"] = seconds_between(sessions["started_at"], sessions["ended_at"])
        sessions["engaged_seconds"] = (sessions["engaged_ms"].astype("float64") / 1000).round()
        sessions["is_engaged"] = (
            (sessions["ended_at"] > sessions["started_at"] + pd.Timedelta(seconds=10))
            | (sessions["key_events"] > 0)
            | (sessions["page_views"] >= 2)
        )
        sessions["started_on"] = local_day(sessions["started_at"])

        # sessions are numbered by visitor and time: the last one with a source is the nearest
        nearest = sessions["session"].where(sessions["source"].notna()).ffill()
        credited = sessions.set_index("session").reindex(nearest)
        is_credited = (nearest == sessions["session"]).to_numpy() | (
            (credited["visitor_id"].array == sessions["visitor_id"].array)
            & (credited["started_at"].array >= (sessions["started_at"] - pd.Timedelta(days=SOURCE_DAYS)).array)
        )
        for name in ("source", "medium", "campaign"):
            sessions[f"conversion_{name}"] = pd.Series(credited[name].array).where(is_credited)

        # whose a session is: who logs in during it, soon after it or not long before it
        is_login = has_visitor & sessions["contact_id"].notna()
        logins = sessions.loc[is_login, ["visitor_id", "started_at", "contact_id"]].sort_values("started_at")
        anonymous = sessions.loc[has_visitor & ~is_login, ["session", "visitor_id", "started_at"]]
        nearby = {}
        for direction in ("forward", "backward"):
            near = pd.merge_asof(
                anonymous.sort_values("started_at"), logins, on="started_at", by="visitor_id", direction=direction,
                tolerance=pd.Timedelta(days=IDENTITY_DAYS),
            )  # fmt: skip
            nearby[direction] = sessions["session"].map(near.set_index("session")["contact_id"])
        identified_by = pd.Series(None, index=sessions.index, dtype=object)
        identified_by = identified_by.mask(nearby["backward"].notna(), "earlier_login")
        identified_by = identified_by.mask(nearby["forward"].notna(), "later_login")
        sessions["identified_by"] = identified_by.mask(sessions["contact_id"].notna(), "login").where(has_visitor)
        contact_id = sessions["contact_id"].fillna(nearby["forward"]).fillna(nearby["backward"])
        sessions["contact_id"] = contact_id.where(has_visitor)

        # which orders a session brought: those it reported, else those of its visitor while it was open
        opened = sessions.loc[has_visitor, ["visitor_id", "started_at", "ended_at", "session"]]
        ordered = pd.merge_asof(
            web_orders.astype({"ordered_at": "datetime64[us]"}).sort_values("ordered_at"),
            opened.sort_values("started_at"), left_on="ordered_at", right_on="started_at", by="visitor_id",
        )  # fmt: skip
        ordered["session"] = ordered["session"].where(ordered["ordered_at"] < ordered["ended_at"] + timeout)
        by_report = ordered["order_id"].map(reported.astype({"order_id": object}).set_index("order_id")["session"])
        ordered["session"] = by_report.fillna(ordered["session"])
        by_session = ordered.groupby("session")["net_amount"].agg(["size", "sum"])
        orders = sessions["session"].map(by_session["size"])
        sessions["has_order"] = orders.notna()
        sessions["orders"] = orders.fillna(0)
        sessions["net_amount"] = sessions["session"].map(by_session["sum"]).fillna(0).round(AMOUNT_PLACES)

        sessions["is_staff"] = sessions["contact_id"].isin(testers)
        sessions["is_valid"] = (
            ~sessions["is_robot"] & ~sessions["is_staff"] & has_visitor & (sessions["started_on"] <= as_of_on)
        )
        sessions["account_id"] = sessions["contact_id"].map(people.set_index("contact_id")["account_id"])
        periods = account_periods.astype({"valid_from": "datetime64[us]", "valid_until": "datetime64[us]"})
        in_period = pd.merge_asof(
            sessions.loc[sessions["account_id"].notna(), ["session", "account_id", "started_on"]]
            .astype({"started_on": "datetime64[us]"}).sort_values("started_on"),
            periods.sort_values("valid_from"), left_on="started_on", right_on="valid_from", by="account_id",
        )  # fmt: skip
        in_period = in_period[in_period["started_on"] < in_period["valid_until"]]
        sessions["account_period_id"] = sessions["session"].map(in_period.set_index("session")["account_period_id"])

        write(connection, sessions[list(SESSION_COLUMNS)], folder / FILES["fct_sessions"])
        of_events = sessions[list(SESSION_COLUMNS_OF_EVENTS)].rename(columns={"started_on": "session_started_on"})
        write(
            connection, events.merge(of_events, on="session").drop(columns="session"), folder / FILES["fct_web_events"]
        )
    return funnel


PEERS: dict[str, Callable[[Path, Path, Path], dict[str, int]]] = {"polars": with_polars, "pandas": with_pandas}


def main() -> None:
    """Prints seconds and the funnel as JSON."""
    name, *paths = sys.argv[1:]
    __import__(name)
    started = time.perf_counter()
    funnel = PEERS[name](*map(Path, paths))
    print(json.dumps({"seconds": time.perf_counter() - started, "funnel": funnel}))


if __name__ == "__main__":
    main()
