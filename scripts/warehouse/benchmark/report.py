"""results.json and results.md: the numbers, whether they are what was asked for, and where the time goes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse import durable

# What the ratios have to be, and how they are read.
TARGETS: dict[str, tuple[str, float, str]] = {
    "full_build_over_floor": ("≤", 1.5, "full build of the web part over the floor"),
    "peak_memory_gb": ("≤", 6.0, "peak memory of a full build, GB"),
    "growth_exponent": ("≤", 1.1, "growth of the full build with the number of events (1 is in proportion)"),
    "day_on_365_over_day_on_30": ("≤", 2.0, "one more day on the most days over one more on 30 days"),
    "day_over_full_build": ("≤", 0.03, "one more day over the full build"),
    "polars_over_ours": (">", 1.0, "Polars over ours"),
    "pandas_over_ours": (">", 1.0, "pandas over ours"),
    "dbt_ms_per_node": ("≤", 30.0, "dbt's own time a node of the demo beyond its start-up, ms"),
    "board_p95_ms": ("≤", 100.0, "board and work lists, warm, eight readers, p95, ms"),
}
NOTES = "notes.md"
PARTS = ("full", "day", "floor", "polars", "pandas")
PEER_NAMES = ("Polars", "pandas")
COMPARED = """\
## What is compared

The same Parquet files in, the same rows out. Generated web events of a year lie in the raw lake, a file a day, around
the demo company; some come days late, some twice, and people log in from browsers that were anonymous before.

- **Ours**: the models between the raw web events and the four facts `fct_sessions`, `fct_web_events`, `fct_carts`,
  `fct_touchpoints`, as dbt's manifest tells them. Their seconds are those that dbt spends on them one after the other,
  compilation and hooks included, its start-up not. They also find out what the floor may know: whether every value
  can be cast, which rows to reject, which of two versions holds.
- **The floor**: the same four facts to the last column, by hand in plain DuckDB, without dbt
  (`scripts/warehouse/benchmark/floor.py`). It is given the rest of the company in a small database.
- **Polars** (lazy, streaming engine) and **pandas**: `fct_sessions` and `fct_web_events` to the last column, and a
  funnel (`scripts/warehouse/benchmark/peers.py`). They are given the same small database as the floor, and check every
  row as ours does: text is trimmed, casts are tried, rows that do not fit are set aside with the reason, of repeated
  events the newest sound version holds. Ours, beside them, is the models of these two facts and the funnel's query.
  They start from nothing each time: what ours does besides for the next day, they do not. pandas reads and writes by
  DuckDB, and holds text as Python's own, because PyArrow is not part of this project. Both hold all rows in memory, and
  are left out where those would not fit; the ratios are of the largest size that they were given.
- **One more day**: the file of the next day arrives, and dbt runs on the same models without `--full-refresh`. Of three
  days, one after the other, the middle one counts.
- **Same rows**: before anything is written here, the rows of the facts are compared with the floor's and the peers',
  every column by value, and after the extra days with those of a full refresh. A difference ends the run with an error
  that shows the rows.
- **Memory**: the most that a process and its children held resident at a time.
- **Readers**: each a process of its own, with DuckDB as a BI tool opens it; cold is the first time, with the file
  dropped from the system's memory, warm are twenty times after it, over all queries of
  `scripts/warehouse/benchmark/readers.py`.

What is compared takes turns, and medians count. Each begins when what others wrote is on the disk and the files that it
reads are in the system's memory, as far as they fit: of one more day also the working database.
"""


def write_results(results: dict[str, Any], folder: Path) -> list[Path]:
    """Writes both files; the page ends with `notes.md` of the same folder, which people write. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    as_text, as_json = folder / "results.md", folder / "results.json"
    notes = folder / NOTES
    said = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    # first made in full: an error leaves both files as they were
    text = "\n".join([*_page(results), *([said] if said else [])]).rstrip("\n") + "\n"
    numbers = json.dumps(_rounded(results), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    durable.write_text(as_text, text)
    durable.write_text(as_json, numbers)
    return [as_text, as_json]


def _page(results: dict[str, Any]) -> Iterator[str]:
    machine, plan, largest = results["machine"], results["plan"], results["sizes"][-1]
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    yield "# Benchmark"
    yield ""
    yield (
        f"Written by `warehouse benchmark --events {plan['events']} --days {','.join(map(str, plan['days']))} --turns"
        f" {plan['turns']}`; the largest size is **{largest['events']:,} web events** of {largest['days']} days."
    )
    yield ""
    yield (
        f"Machine: {machine['processors']} processors ({machine['processor']}), {machine['memory_gb']} GB, "
        f"{machine['system']}, load {machine['load_before']:.1f} before and {machine['load_after']:.1f} after. "
        f"Python {machine['python']}; {packages}."
    )
    yield ""
    yield from _heading("what", "measured", "asked for", "")
    for name, (sign, bound, meaning) in TARGETS.items():
        yield _target_row(meaning, results[name], sign, bound)
    yield from (
        "",
        COMPARED,
        "## Sizes",
        "",
        'Seconds. "Its part" is what of the full build peers do too; one more day is its run on the same models.',
        "",
    )
    yield from _heading("days", "events", "full build", "floor", "its part", *PEER_NAMES, "one more day", "its events")
    for size in results["sizes"]:
        yield _size_row(size)
    yield from ("", "Peak memory, GB:", "")
    yield from _heading("events", "full build", "one more day", "floor", *PEER_NAMES)
    for size in results["sizes"]:
        peaks = [size[part]["peak_bytes"] if part in size else None for part in PARTS]
        yield _row(f"{size['events']:,}", *("" if peak is None else f"{peak / 1e9:.2f}" for peak in peaks))
    yield ""
    yield from _same_rows(results["sizes"])
    yield from ("", "## The whole build", "")
    yield from _whole(results["whole_build"], results["dbt_overhead"])
    yield from ("", "## What limits us now", "")
    yield from _limits(results)


def _heading(*names: str) -> tuple[str, str]:
    return _row(*names), "|" + "---|" * len(names)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _target_row(meaning: str, value: float | None, sign: str, bound: float) -> str:
    if value is None:
        return f"| {meaning} | not measured | {sign} {bound:g} | |"
    holds = value <= bound if sign == "≤" else value > bound
    return f"| {meaning} | {value:.3g} | {sign} {bound:g} | {'yes' if holds else '**no**'} |"


def _size_row(size: dict[str, Any]) -> str:
    full = size["full"]
    peers = " | ".join(f"{size[name]['seconds']:.1f}" if name in size else "" for name in ("polars", "pandas"))
    return (
        f"| {size['days']} | {size['events']:,} | {full['seconds']:.1f} | {size['floor']['seconds']:.1f} "
        f"| {full['sessions_and_events_seconds']:.1f} | {peers} | {size['day']['seconds']:.1f} "
        f"| {size['day']['events']:,} |"
    )


def _same_rows(sizes: list[dict[str, Any]]) -> Iterator[str]:
    compared = ["the floor", *(name for name in ("polars", "pandas") if any(name in size for size in sizes))]
    yield (
        f"Found equal, row for row: ours and {', '.join(compared)}, in every size that they were given; and the facts "
        "after the extra days and after a full refresh, in every size."
    )
    last = sizes[-1]
    yield (
        f"Disk at {last['events']:,} events: raw files {last['raw_bytes'] / 1e9:.2f} GB, working database "
        f"{last['working_database_bytes'] / 1e9:.2f} GB."
    )


def _whole(whole: dict[str, Any] | None, demo: dict[str, Any] | None) -> Iterator[str]:
    if whole is None:
        yield "Not measured: `--skip-readers`."
    else:
        yield (
            f"All {whole['nodes']} models, seeds and tests on the largest size: {whole['dbt_command_seconds']:.1f} s. "
            f"Of these the engine was at work for {whole['engine_seconds']:.1f} s, dbt alone for "
            f"{whole['dbt_seconds']:.1f} s; its start-up and end took {whole['start_up_seconds']:.1f} s. Then metrics "
            f"{whole['metrics_seconds']:.1f} s, audit {whole['audit_seconds']:.1f} s, publication "
            f"{whole['publish_seconds']:.1f} s ({whole['publication_bytes'] / 1e9:.2f} GB). Peak memory "
            f"{whole['peak_bytes'] / 1e9:.2f} GB."
        )
        if whole["failed"]:
            yield from ("", "Models and tests that failed on the generated events, and what dbt said:", "")
            for node, message in whole["failed"].items():
                yield f"- `{node}`: {message}"
            yield ""
        if whole["audit_failed"]:
            yield f"Checks that would have stopped the publication: {', '.join(whole['audit_failed'])}."
        yield ""
        yield from _heading("readers", "cold p50", "cold p95", "warm p50", "warm p95", "warm max")
        for found in whole["readers"]:
            times = [found[key] for key in ("cold_p50_ms", "cold_p95_ms", "warm_p50_ms", "warm_p95_ms", "warm_max_ms")]
            yield _row(str(found["readers"]), *(f"{time:.0f} ms" for time in times))
        slowest = whole["slowest_query"]
        yield from ("", f"The slowest query, warm and alone: {slowest['name']}, {slowest['warm_ms']:.0f} ms.")
    yield ""
    if demo is None:
        yield "dbt's own time on the demo was not measured: `--skip-demo`."
    else:
        yield (
            f"The demo, {demo['nodes']} nodes one after the other: {demo['seconds']:.1f} s, of which the engine "
            f"{demo['engine_seconds']:.1f} s, dbt at the nodes {demo['dbt_seconds']:.1f} s, start-up and end "
            f"{demo['start_up_seconds']:.1f} s. Of {len(demo['all_ms_per_node'])} turns the middle one: dbt took "
            f"{', '.join(f'{ms:.1f}' for ms in demo['all_ms_per_node'])} ms a node."
        )


def _limits(results: dict[str, Any]) -> Iterator[str]:
    largest, profile = results["sizes"][-1], results["slowest_model"]
    nodes = sorted(largest["full"]["nodes"].items(), key=lambda node: -node[1])
    total = sum(seconds for _, seconds in nodes)
    top = nodes[:3]
    share = sum(seconds for _, seconds in top) / total
    yield (
        f"Of the {total:.1f} s that the models of the web part take on {largest['events']:,} events, "
        f"{', '.join(f'`{name}`' for name, _ in top)} take {share:.0%}. At the floor, the dearest steps are "
        f"{_dearest(largest['floor']['statements'])}."
    )
    yield ""
    yield from _heading("model", "full build, s", "share", "one more day, s")
    for name, seconds in nodes:
        day = largest["day"]["nodes"].get(name)
        yield _row(f"`{name}`", f"{seconds:.2f}", f"{seconds / total:.0%}", "" if day is None else f"{day:.2f}")
    yield ""
    yield (
        f"The slowest, `{profile['model']}`, by `EXPLAIN ANALYZE` (its statement without writing; seconds of all "
        f"threads, {profile['seconds_of_all_threads']:.1f} together):"
    )
    yield ""
    yield from _heading("operator", "seconds", "rows", "on")
    for operator in profile["operators"]:
        what = operator["what"].replace("|", r"\|").replace("`", "'")
        on = f"`{what}`" if what else ""
        yield _row(operator["operator"], f"{operator['seconds']:.2f}", f"{operator['rows']:,}", on)
    yield ""


def _dearest(statements: dict[str, float]) -> str:
    ordered = sorted(statements.items(), key=lambda statement: -statement[1])[:3]
    return ", ".join(f"{name} ({seconds:.1f} s)" for name, seconds in ordered)


def _rounded(value: Any) -> Any:
    """Numbers as they are worth reading: nobody measured more than four digits."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
