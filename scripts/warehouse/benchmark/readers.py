"""How long readers of a publication wait: the board and the work lists, cold and warm, one reader and eight at once."""

import multiprocessing
import time
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import duckdb

from warehouse.benchmark.measure import drop_from_memory, percentile
from warehouse.errors import WarehouseError

# What a reader of the board and of the work lists asks, a query a list.
QUERIES = {
    "board": "select * from kpi_board order by month_start, metric_position",
    "board by segment": "select * from kpi_board_segments order by all",
    "overdue customers": "select * from kpi_account_profile where is_overdue order by overdue_ratio desc limit 50",
    "deals closing soon": "select * from kpi_deals_closing_soon order by all",
    "agreements due": "select * from kpi_agreements_due order by all",
    "quotes in negotiation": "select * from kpi_quote_outlook order by all",
    "open invoices": "select * from kpi_open_invoices order by all limit 200",
    "stock to clear": "select * from kpi_inventory_items order by all limit 200",
    "traffic": "select month_start, sum(sessions) from kpi_traffic group by month_start order by month_start",
    "carts": "select * from kpi_cart_outcomes order by all limit 200",
    "sources": "select * from kpi_source_conversion order by all limit 200",
}
TURNS = 20
# A reader that cannot even open the file must not keep the others waiting for ever.
PATIENCE_SECONDS = 120


def read(publication: Path, readers: int, turns: int = TURNS) -> dict[str, float]:
    """Latency of a query in milliseconds, over all readers and queries.

    Cold is the first time in a new process, opening the file included, with the file dropped from the system's memory
    where the system does that for users (Linux); warm are the times after it.

    Args:
        publication: the published file.
        readers: so many processes at once, each with a connection as a BI tool opens it.
        turns: how often each asks everything after the first time.

    Raises:
        WarehouseError: a reader failed.
    """
    drop_from_memory(publication)
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(readers), context.Queue()
    processes = [
        context.Process(target=_reader, args=(str(publication), turns, barrier, answers), daemon=True)
        for _ in range(readers)
    ]
    for process in processes:
        process.start()
    measured = [_answer(answers, processes) for _ in processes]
    for process in processes:
        process.join()
    for answer in measured:
        if isinstance(answer, str):
            raise WarehouseError(f"A reader of the publication failed: {answer}")
    cold = [first for first, _ in measured for first in first]
    warm = [later for _, later in measured for later in later]
    return {
        "readers": readers,
        "cold_p50_ms": percentile(cold, 0.5),
        "cold_p95_ms": percentile(cold, 0.95),
        "warm_p50_ms": percentile(warm, 0.5),
        "warm_p95_ms": percentile(warm, 0.95),
        "warm_max_ms": max(warm),
    }


def slowest_query(publication: Path) -> tuple[str, float]:
    """The query that takes longest, warm and alone, with its milliseconds."""
    with duckdb.connect(str(publication), read_only=True) as connection:
        for query in QUERIES.values():
            connection.execute(query).fetchall()
        times = {name: min(_milliseconds(connection, query) for _ in range(3)) for name, query in QUERIES.items()}
    name = max(times, key=lambda query: times[query])
    return name, times[name]


def _answer(answers: Queue[Any], processes: list[BaseProcess]) -> Any:
    """The next answer; an error of a reader that was killed before it could say anything."""
    while True:
        try:
            return answers.get(timeout=1)
        except Empty:
            dead = [process.exitcode for process in processes if process.exitcode]
            if dead:
                return f"it ended with exit status {dead[0]}"


def _reader(publication: str, turns: int, barrier: Barrier, answers: Queue[Any]) -> None:
    try:
        barrier.wait(PATIENCE_SECONDS)
        started = time.perf_counter()
        with duckdb.connect(publication, read_only=True) as connection:
            first = [_milliseconds(connection, query) for query in QUERIES.values()]
            first[0] = (time.perf_counter() - started) * 1000 - sum(first[1:])
            later = [_milliseconds(connection, query) for _ in range(turns) for query in QUERIES.values()]
        answers.put((first, later))
    except Exception as error:  # whatever it is, the parent waits for an answer
        answers.put(f"{type(error).__name__}: {error}")


def _milliseconds(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    started = time.perf_counter()
    connection.execute(query).fetchall()
    return (time.perf_counter() - started) * 1000
