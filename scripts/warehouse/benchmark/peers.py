"""The same sessions and the same funnel in Polars (lazy, streaming) and in pandas, from the same Parquet.

Run in a process of its own, whose memory is measured: python -m warehouse.benchmark.peers polars RAW_LAKE SESSIONS
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

TIMEOUT_MINUTES = 30
COLUMNS = ["event_id", "visitor_id", "occurred", "event", "_loaded_at"]
# A session reaches a step when it has such an event.
FUNNEL = ("product_view", "add_to_cart", "checkout_start", "purchase")


def with_polars(raw_lake: Path, sessions_file: Path) -> dict[str, int]:
    """Writes sessions by Polars' streaming engine; returns the funnel."""
    import polars as pl

    owner = pl.coalesce("visitor_id", pl.concat_str(pl.lit("event "), "event_id"))
    events = (
        pl.scan_parquet(raw_lake / "demo_web" / "events" / "*.parquet")
        .select(COLUMNS)
        .sort("_loaded_at", descending=True)
        .unique(subset="event_id", keep="first", maintain_order=True)
        .with_columns(
            owner.alias("owner"),
            pl.col("occurred").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us").alias("occurred_at"),
        )
        .sort("owner", "occurred_at", "event_id")
        .with_columns(
            (pl.col("occurred_at") - pl.col("occurred_at").shift(1).over("owner")).alias("gap"),
        )
        .with_columns(
            (pl.col("gap").is_null() | (pl.col("gap") >= pl.duration(minutes=TIMEOUT_MINUTES)))
            .cum_sum()
            .alias("session")
        )
    )
    sessions = events.group_by("session").agg(
        pl.col("owner").first(),
        pl.col("event_id").first().alias("first_event_id"),
        pl.len().alias("events"),
        (pl.col("event") == "page_view").sum().alias("page_views"),
        pl.col("occurred_at").min().alias("started_at"),
        pl.col("occurred_at").max().alias("ended_at"),
        *((pl.col("event") == step).any().alias(step) for step in FUNNEL),
    )
    collected = sessions.collect(engine="streaming")
    collected.write_parquet(sessions_file)
    return {step: int(collected[step].sum()) for step in FUNNEL}


def with_pandas(raw_lake: Path, sessions_file: Path) -> dict[str, int]:
    """Writes sessions by pandas, which has DuckDB read and write its Parquet here; returns the funnel."""
    import duckdb
    import pandas as pd

    files = raw_lake / "demo_web" / "events" / "*.parquet"
    connection = duckdb.connect()
    events = connection.execute(f"select {', '.join(COLUMNS)} from read_parquet('{files}')").df()
    events = events.sort_values("_loaded_at", ascending=False, kind="stable").drop_duplicates("event_id")
    events["owner"] = events["visitor_id"].fillna("event " + events["event_id"])
    events["occurred_at"] = pd.to_datetime(events["occurred"], format="ISO8601").dt.tz_localize(None)
    events = events.sort_values(["owner", "occurred_at", "event_id"])
    gap = events.groupby("owner", sort=False)["occurred_at"].diff()
    events["session"] = (gap.isna() | (gap >= pd.Timedelta(minutes=TIMEOUT_MINUTES))).cumsum()
    for step in FUNNEL:
        events[step] = events["event"] == step
    events["is_page_view"] = events["event"] == "page_view"
    sessions = events.groupby("session").agg(
        owner=("owner", "first"),
        first_event_id=("event_id", "first"),
        events=("event_id", "size"),
        page_views=("is_page_view", "sum"),
        started_at=("occurred_at", "min"),
        ended_at=("occurred_at", "max"),
        **{step: (step, "any") for step in FUNNEL},
    )
    connection.register("sessions", sessions)
    connection.execute(f"copy sessions to '{sessions_file}' (format parquet)")
    return {step: int(sessions[step].sum()) for step in FUNNEL}


PEERS: dict[str, Callable[[Path, Path], dict[str, int]]] = {"polars": with_polars, "pandas": with_pandas}


def main() -> None:
    """Prints seconds, peak memory in bytes and the funnel as JSON."""
    name, raw_lake, sessions_file = sys.argv[1:]
    __import__(name)
    started = time.perf_counter()
    funnel = PEERS[name](Path(raw_lake), Path(sessions_file))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "funnel": funnel}))


if __name__ == "__main__":
    main()
