"""The same sessions, events and funnel in Polars (lazy, streaming engine) and in pandas, from the same Parquet.

Both write two Parquet files with the columns of fct_sessions and fct_web_events that come from the web events alone:
which session an event is of, what the session is like, whose it is and what brought it. Like the floor they may know
that the data are clean; accounts, staff and orders, which ours joins from other tables meanwhile, are left out, and in
place of a session's id, which is an MD5 that neither has, stand the two values it is made of. Then they count a funnel.

Run in a process of its own: python -m warehouse.benchmark.peers polars RAW_LAKE FOLDER
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

# A session reaches a step when it has such an event.
FUNNEL = ("product_view", "add_to_cart", "checkout_start", "purchase")
TIMEOUT_MINUTES = 30
IDENTITY_DAYS = 30
SOURCE_DAYS = 90
ZONE = "Europe/Warsaw"

PREFIXES = {
    "event_id": ("event_id", "demo_web:"), "visitor_id": ("visitor_id", "demo_web:"),
    "contact_id": ("contact_no", "demo_crm:"), "product_id": ("sku", "demo_shop:"),
    "cart_id": ("cart_id", "demo_web:"), "order_id": ("order_no", "demo_shop:"), "quote_id": ("quote_no", "demo_shop:"),
}  # fmt: skip
RENAMED = {
    "event_name": "event", "page_url": "path", "page_type": "page_kind", "country_code": "country",
    "source": "source", "medium": "medium", "campaign": "campaign", "keyword": "keyword", "referrer": "referrer",
    "device": "device", "user_agent": "user_agent",
}  # fmt: skip
EVENT_COLUMNS = (
    "event_id", "product_id", "cart_id", "order_id", "quote_id", "event_number", "event_name", "page_type", "page_url",
    "seconds_to_next_event", "engaged_ms", "load_time_ms", "occurred_at", "received_at", "occurred_on",
)  # fmt: skip
KEY_EVENTS = ("purchase", "quote_request", "checkout_start")


def files_of(raw_lake: Path) -> str:
    """The pattern of the raw web events."""
    return str(raw_lake / "demo_web" / "events" / "*.parquet")


def with_polars(raw_lake: Path, folder: Path) -> dict[str, int]:
    """By Polars. The rows are sorted once, by visitor and time; sessions follow from each row and the one before."""
    import polars as pl

    def local_day(column: str) -> pl.Expr:
        return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()

    def moment(column: str) -> pl.Expr:
        return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")

    def seconds_between(begin: pl.Expr, end: pl.Expr) -> pl.Expr:
        return (end.dt.truncate("1s") - begin.dt.truncate("1s")).dt.total_seconds()

    def first(column: str) -> pl.Expr:
        return pl.col(column).drop_nulls().first()

    timeout = pl.duration(minutes=TIMEOUT_MINUTES)
    is_click = pl.col("page_url").str.contains("gclid=", literal=True)
    is_google = pl.col("referrer").str.starts_with("www.google.")
    is_bing = pl.col("referrer").str.starts_with("www.bing.")
    has_source = pl.col("source").is_not_null()
    placed = (
        pl.scan_parquet(files_of(raw_lake))
        .unique(subset="event_id", keep="any")
        .select(
            *((pl.lit(prefix) + pl.col(raw)).alias(name) for name, (raw, prefix) in PREFIXES.items()),
            *(pl.col(raw).alias(name) for name, raw in RENAMED.items()),
            pl.col("engaged_ms").cast(pl.Int32),
            pl.col("load_ms").cast(pl.Int32).alias("load_time_ms"),
            moment("occurred").alias("occurred_at"),
            moment("received").alias("received_at"),
        )
        .with_columns(owner=pl.coalesce("visitor_id", pl.lit("event ") + pl.col("event_id")))
        .sort("owner", "occurred_at", "event_id")
        .with_row_index("row")
        .with_columns(
            is_new_owner=(pl.col("owner") != pl.col("owner").shift(1)).fill_null(True),
            is_last_of_owner=(pl.col("owner") != pl.col("owner").shift(-1)).fill_null(True),
            gap=pl.col("occurred_at") - pl.col("occurred_at").shift(1),
            next_at=pl.col("occurred_at").shift(-1),
        )
        .with_columns(
            session=(pl.col("is_new_owner") | (pl.col("gap") >= timeout)).cum_sum(),
            event_number=pl.col("row").cast(pl.Int64)
            - pl.when("is_new_owner").then(pl.col("row")).forward_fill().cast(pl.Int64)
            + 1,
            seconds_to_next_event=pl.when(
                ~pl.col("is_last_of_owner") & (pl.col("next_at") < pl.col("occurred_at") + timeout)
            ).then(seconds_between(pl.col("occurred_at"), pl.col("next_at"))),
            occurred_on=local_day("occurred_at"),
            traffic_source=pl.when(is_click).then(pl.lit("google")).when(has_source).then("source")
            .when(is_google).then(pl.lit("google")).when(is_bing).then(pl.lit("bing")).otherwise("referrer"),
            traffic_medium=pl.when(is_click).then(pl.lit("cpc")).when(has_source).then("medium")
            .when(is_google | is_bing).then(pl.lit("organic"))
            .when(pl.col("referrer").is_not_null()).then(pl.lit("referral")),
            is_robot=pl.col("user_agent").str.to_lowercase().str.contains("bot", literal=True).fill_null(False),
        )
        .collect(engine="streaming")
    )  # fmt: skip
    came_from = pl.col("traffic_source").is_not_null()
    sessions = (
        placed.lazy()
        .group_by("session")
        .agg(
            pl.col("owner").first(),
            pl.col("event_id").first().alias("first_event_id"),
            pl.col("visitor_id").first(),
            pl.col("contact_id").drop_nulls().last(),
            pl.col("traffic_source").filter(came_from).first().alias("source"),
            pl.col("traffic_medium").filter(came_from).first().alias("medium"),
            pl.col("campaign").filter(came_from).first(),
            pl.col("keyword").filter(came_from).first(),
            first("page_url").alias("landing_page_url"),
            first("page_type").alias("landing_page_type"),
            first("device"),
            first("country_code"),
            pl.len().cast(pl.Int64).alias("events"),
            *(
                (pl.col("event_name") == name).sum().cast(pl.Int64).alias(count)
                for count, name in {
                    "page_views": "page_view", "product_views": "product_view", "cart_additions": "add_to_cart",
                    "quote_requests": "quote_request",
                }.items()
            ),
            pl.col("event_name").is_in(KEY_EVENTS).sum().alias("key_events"),
            pl.col("engaged_ms").cast(pl.Int64).sum(),
            pl.col("is_robot").any(),
            pl.col("occurred_at").min().alias("started_at"),
            pl.col("occurred_at").max().alias("ended_at"),
            *((pl.col("event_name") == step).any().alias(f"reached_{step}") for step in FUNNEL),
        )
        .sort("session")
        .with_columns(
            duration_seconds=seconds_between(pl.col("started_at"), pl.col("ended_at")),
            engaged_seconds=(pl.col("engaged_ms") / 1000).round().cast(pl.Int32),
            is_engaged=(pl.col("ended_at") > pl.col("started_at") + pl.duration(seconds=10))
            | (pl.col("key_events") > 0)
            | (pl.col("page_views") >= 2),
            started_on=local_day("started_at"),
            # sessions are numbered by visitor and time: the last one with a source is the nearest
            source_session=pl.when(pl.col("source").is_not_null()).then("session").forward_fill(),
        )
        .collect(engine="streaming")
    )  # fmt: skip
    credited = sessions.lazy().select(
        pl.col("session").alias("source_session"),
        pl.col("owner").alias("credited_owner"),
        pl.col("started_at").alias("credited_at"),
        *(pl.col(name).alias(f"conversion_{name}") for name in ("source", "medium", "campaign")),
    )
    with_owner = pl.col("visitor_id").is_not_null()
    logins = (
        sessions.lazy()
        .filter(with_owner & pl.col("contact_id").is_not_null())
        .select("visitor_id", "started_at", pl.col("contact_id").alias("nearby_contact_id"))
        .sort("started_at")
    )
    anonymous = (
        sessions.lazy()
        .filter(with_owner & pl.col("contact_id").is_null())
        .select("session", "visitor_id", "started_at")
        .sort("started_at")
    )

    def nearest(strategy: str) -> pl.LazyFrame:
        tolerance = f"{IDENTITY_DAYS}d"
        joined = anonymous.join_asof(logins, on="started_at", by="visitor_id", strategy=strategy, tolerance=tolerance)
        return joined.select("session", pl.col("nearby_contact_id").alias(f"{strategy}_contact_id"))

    is_credited = (pl.col("credited_owner") == pl.col("owner")) & (
        pl.col("credited_at") >= pl.col("started_at") - pl.duration(days=SOURCE_DAYS)
    )
    session_facts = (
        sessions.lazy()
        .join(nearest("forward"), on="session", how="left")
        .join(nearest("backward"), on="session", how="left")
        .join(credited, on="source_session", how="left")
        .with_columns(
            contact_id=pl.when(with_owner).then(
                pl.coalesce("contact_id", "forward_contact_id", "backward_contact_id")
            ),
            identified_by=pl.when(with_owner).then(
                pl.when(pl.col("contact_id").is_not_null()).then(pl.lit("login"))
                .when(pl.col("forward_contact_id").is_not_null()).then(pl.lit("later_login"))
                .when(pl.col("backward_contact_id").is_not_null()).then(pl.lit("earlier_login"))
            ),
            **{
                f"conversion_{name}": pl.when(is_credited).then(f"conversion_{name}")
                for name in ("source", "medium", "campaign")
            },
        )
        .drop(
            "source_session", "credited_owner", "credited_at", "forward_contact_id", "backward_contact_id",
            "key_events", "engaged_ms",
        )
        .collect(engine="streaming")
    )  # fmt: skip
    session_facts.write_parquet(folder / "sessions.parquet")
    (
        placed.lazy()
        .select("session", *EVENT_COLUMNS)
        .join(
            session_facts.lazy().select(
                "session", "owner", "first_event_id", "visitor_id", "contact_id",
                pl.col("started_on").alias("session_started_on"),
            ),
            on="session",
        )
        .sink_parquet(folder / "events.parquet", engine="streaming")
    )  # fmt: skip
    return {step: int(session_facts[f"reached_{step}"].sum()) for step in FUNNEL}


def with_pandas(raw_lake: Path, folder: Path) -> dict[str, int]:
    """By pandas; DuckDB reads and writes its Parquet, which is faster than what pandas would do without PyArrow."""
    import duckdb
    import pandas as pd

    def local_day(moments: pd.Series) -> pd.Series:
        return moments.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()

    def moment(texts: pd.Series) -> pd.Series:
        return pd.to_datetime(texts, format="ISO8601", utc=True).dt.tz_localize(None)

    def seconds_between(begin: pd.Series, end: pd.Series) -> pd.Series:
        return (end.dt.floor("s") - begin.dt.floor("s")).dt.total_seconds()

    timeout = pd.Timedelta(minutes=TIMEOUT_MINUTES)
    raw_names = [
        *(raw for raw, _ in PREFIXES.values()),
        *RENAMED.values(),
        "engaged_ms",
        "load_ms",
        "occurred",
        "received",
    ]
    with duckdb.connect() as connection:
        raw = connection.execute(f"select {', '.join(raw_names)} from read_parquet(?)", [files_of(raw_lake)]).df()
        raw = raw.drop_duplicates("event_id")
        events = pd.DataFrame(
            {name: prefix + raw[column] for name, (column, prefix) in PREFIXES.items()}
            | {name: raw[column] for name, column in RENAMED.items()}
        )
        events["engaged_ms"] = pd.to_numeric(raw["engaged_ms"]).astype("Int32")
        events["load_time_ms"] = pd.to_numeric(raw["load_ms"]).astype("Int32")
        events["occurred_at"], events["received_at"] = moment(raw["occurred"]), moment(raw["received"])
        del raw
        events["owner"] = events["visitor_id"].fillna("event " + events["event_id"])
        events = events.sort_values(["owner", "occurred_at", "event_id"], ignore_index=True)
        by_owner = events.groupby("owner", sort=False)
        next_at = by_owner["occurred_at"].shift(-1)
        gap = by_owner["occurred_at"].diff()
        events["session"] = (gap.isna() | (gap >= timeout)).cumsum()
        events["event_number"] = by_owner.cumcount() + 1
        stays = next_at < events["occurred_at"] + timeout
        events["seconds_to_next_event"] = seconds_between(events["occurred_at"], next_at).where(stays)
        events["occurred_on"] = local_day(events["occurred_at"])

        is_click = events["page_url"].str.contains("gclid=", regex=False)
        is_google = events["referrer"].str.startswith("www.google.").fillna(False).astype(bool)
        is_bing = events["referrer"].str.startswith("www.bing.").fillna(False).astype(bool)
        has_source = events["source"].notna()
        traffic_source = events["source"].where(has_source, events["referrer"])
        traffic_source = traffic_source.mask(~has_source & is_google, "google").mask(~has_source & is_bing, "bing")
        events["traffic_source"] = traffic_source.mask(is_click, "google")
        traffic_medium = events["medium"].where(has_source)
        traffic_medium = traffic_medium.mask(~has_source & events["referrer"].notna(), "referral")
        traffic_medium = traffic_medium.mask(~has_source & (is_google | is_bing), "organic")
        events["traffic_medium"] = traffic_medium.mask(is_click, "cpc")
        events["is_robot"] = (
            events["user_agent"].str.lower().str.contains("bot", regex=False).fillna(False).astype(bool)
        )
        for step in FUNNEL:
            events[f"reached_{step}"] = events["event_name"] == step
        for count, name in {"page_views": "page_view", "quote_requests": "quote_request"}.items():
            events[count] = events["event_name"] == name
        events["is_key_event"] = events["event_name"].isin(KEY_EVENTS)

        # pandas' first and last pass over what is empty
        by_session = events.groupby("session")
        sessions = by_session.agg(
            owner=("owner", "first"),
            first_event_id=("event_id", "first"),
            visitor_id=("visitor_id", "first"),
            contact_id=("contact_id", "last"),
            landing_page_url=("page_url", "first"),
            landing_page_type=("page_type", "first"),
            device=("device", "first"),
            country_code=("country_code", "first"),
            events=("event_id", "size"),
            page_views=("page_views", "sum"),
            product_views=("reached_product_view", "sum"),
            cart_additions=("reached_add_to_cart", "sum"),
            quote_requests=("quote_requests", "sum"),
            key_events=("is_key_event", "sum"),
            engaged_ms=("engaged_ms", "sum"),
            is_robot=("is_robot", "any"),
            started_at=("occurred_at", "min"),
            ended_at=("occurred_at", "max"),
            **{f"reached_{step}": (f"reached_{step}", "any") for step in FUNNEL},
        )
        # campaign and keyword of the event that gave the source, also when it has none
        origins = events.loc[events["traffic_source"].notna()].drop_duplicates("session").set_index("session")
        sessions["source"], sessions["medium"] = origins["traffic_source"], origins["traffic_medium"]
        sessions["campaign"], sessions["keyword"] = origins["campaign"], origins["keyword"]
        sessions["duration_seconds"] = seconds_between(sessions["started_at"], sessions["ended_at"])
        sessions["engaged_seconds"] = (sessions["engaged_ms"].astype("float64") / 1000).round()
        sessions["is_engaged"] = (
            (sessions["ended_at"] > sessions["started_at"] + pd.Timedelta(seconds=10))
            | (sessions["key_events"] > 0)
            | (sessions["page_views"] >= 2)
        )
        sessions["started_on"] = local_day(sessions["started_at"])
        sessions = sessions.reset_index()

        # sessions are numbered by visitor and time: the last one with a source is the nearest
        nearest_source = sessions["session"].where(sessions["source"].notna()).groupby(sessions["owner"]).ffill()
        credited = sessions.set_index("session").reindex(nearest_source)
        is_credited = credited["started_at"].array >= (sessions["started_at"] - pd.Timedelta(days=SOURCE_DAYS)).array
        for name in ("source", "medium", "campaign"):
            sessions[f"conversion_{name}"] = pd.Series(credited[name].array).where(pd.Series(is_credited))

        with_owner = sessions["visitor_id"].notna()
        logins = sessions.loc[with_owner & sessions["contact_id"].notna(), ["visitor_id", "started_at", "contact_id"]]
        anonymous = sessions.loc[with_owner & sessions["contact_id"].isna(), ["session", "visitor_id", "started_at"]]
        nearby = {}
        for direction in ("forward", "backward"):
            joined = pd.merge_asof(
                anonymous.sort_values("started_at"), logins.sort_values("started_at"), on="started_at",
                by="visitor_id", direction=direction, tolerance=pd.Timedelta(days=IDENTITY_DAYS),
            )  # fmt: skip
            nearby[direction] = sessions["session"].map(joined.set_index("session")["contact_id"])
        identified_by = pd.Series(None, index=sessions.index, dtype="object")
        identified_by = identified_by.mask(nearby["backward"].notna(), "earlier_login")
        identified_by = identified_by.mask(nearby["forward"].notna(), "later_login")
        identified_by = identified_by.mask(sessions["contact_id"].notna(), "login")
        sessions["identified_by"] = identified_by.where(with_owner)
        contact_id = sessions["contact_id"].fillna(nearby["forward"]).fillna(nearby["backward"])
        sessions["contact_id"] = contact_id.where(with_owner)

        of_session = sessions[["session", "owner", "first_event_id", "visitor_id", "contact_id", "started_on"]]
        event_facts = events[["session", *EVENT_COLUMNS]].merge(
            of_session.rename(columns={"started_on": "session_started_on"}), on="session"
        )
        for name, frame in {"sessions": sessions, "events": event_facts}.items():
            connection.register("frame", frame)
            connection.execute(f"copy frame to '{folder / f'{name}.parquet'}' (format parquet)")
            connection.unregister("frame")
    return {step: int(sessions[f"reached_{step}"].sum()) for step in FUNNEL}


PEERS: dict[str, Callable[[Path, Path], dict[str, int]]] = {"polars": with_polars, "pandas": with_pandas}


def main() -> None:
    """Prints seconds and the funnel as JSON."""
    name, raw_lake, folder = sys.argv[1:]
    __import__(name)
    started = time.perf_counter()
    funnel = PEERS[name](Path(raw_lake), Path(folder))
    print(json.dumps({"seconds": time.perf_counter() - started, "funnel": funnel}))


if __name__ == "__main__":
    main()
