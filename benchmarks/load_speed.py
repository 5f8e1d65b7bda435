"""How fast a CSV file is loaded, beside DuckDB's own COPY of the same file to Parquet: python benchmarks/load_speed.py.

Both are timed in turns in one run, so that other work on the machine slows both. A load also names the batch after the
file's content, numbers the rows, keeps text as text and judges the values; half of COPY's speed is the aim.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb
from warehouse.load.batches import land
from warehouse.project import raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

ORDER_LINES = """
    select
        'S-' || (i // 3) as order_id,
        'L' || i as order_line_id,
        'P' || (hash(i) % 5000) as product_id,
        hash(i + 1) % 50 + 1 as quantity,
        cast((hash(i + 2) % 100000) / 100 as decimal(18, 2)) as unit_price,
        cast((hash(i + 3) % 1000) / 100 as decimal(18, 2)) as discount_amount,
        date '2020-01-01' + cast(hash(i) % 2000 as integer) as promised_on
    from range({rows}) as numbers(i)
"""


def main() -> None:
    """Prints the seconds of both, and the ratio of their speeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "order_lines.csv"
        _run(f"copy ({ORDER_LINES.format(rows=arguments.rows)}) to '{file}' (header)")
        copies, loads = [], []
        for turn in range(arguments.turns):
            copies.append(_seconds(lambda: _run(f"copy (from '{file}') to '{folder / 'copy.parquet'}'")))
            loads.append(_seconds(lambda turn=turn: _load(folder / f"lake_{turn}", file)))
            print(f"turn {turn + 1}: COPY {copies[-1]:.1f} s, load {loads[-1]:.1f} s", flush=True)
        print(f"{arguments.rows:,} rows, {file.stat().st_size / 1e6:.0f} MB, medians of {arguments.turns} turns:")
        print(f"COPY {median(copies):.1f} s, load {median(loads):.1f} s")
        print(f"load runs at {median(copies) / median(loads):.2f} of COPY's speed (aim: at least 0.50)")


def _load(folder: Path, file: Path) -> None:
    settings = WorkspaceSettings(
        systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="Europe/Berlin"
    )
    land(Workspace("benchmark", settings, folder), raw_tables("flat_file")["order_lines"], file, {})


def _run(statement: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(statement)


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
