"""results.json and results.md: the numbers, whether they are what was asked for, and where the time goes."""

import json
from pathlib import Path
from typing import Any

# What the ratios have to be, and how they are read.
TARGETS: dict[str, tuple[str, float | None, str]] = {
    "full_build_over_floor": ("<=", 1.5, "full build of the web part over the floor, largest size"),
    "peak_memory_gb": ("<=", 6.0, "peak memory of a full build, GB"),
    "growth_exponent": ("<=", 1.1, "growth of the full build with the number of events (1 is in proportion)"),
    "day_on_365_over_day_on_30": ("<=", 2.0, "one more day on the most days over one more on 30"),
    "day_over_full_build": ("<=", 0.03, "one more day over the full build"),
    "polars_over_ours": (">=", 1.0, "Polars over ours, same sessions and funnel"),
    "pandas_over_ours": (">=", 1.0, "pandas over ours, at the largest size it is given"),
    "dbt_ms_per_node": ("<=", 30.0, "dbt's own time a node beyond start-up, demo, ms"),
    "board_p95_ms": ("<=", 100.0, "board and work lists, warm, eight readers, p95 ms"),
}


def write_report(results: dict[str, Any], folder: Path) -> list[Path]:
    """Writes both files and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_text = folder / "results.json", folder / "results.md"
    as_json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    as_text.write_text(report(results), encoding="utf-8")
    return [as_text, as_json]


def report(results: dict[str, Any]) -> str:
    """The page for people."""
    machine = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    lines = [
        "# Benchmark",
        "",
        f"Written by `warehouse benchmark --events {results['events']}`: {machine['processors']} processors, "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}; {packages}.",
        "",
        "| what | measured | asked for | |",
        "|---|---|---|---|",
        *(_target_row(name, results.get(name)) for name in TARGETS),
        "",
        "Seconds of the web part: what dbt spends on its models, one after the other, without its start-up.",
        "",
        "| days | events | full build | floor's part of it | floor | Polars | pandas | one more day | its events |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_size_row(size) for size in results["sizes"]),
        "",
        "The same rows came out of ours and "
        + "; ".join(f"{name}: {_same(results, name)}" for name in ("floor", "polars", "pandas"))
        + "; one more day and a full refresh: "
        + _same(results, "day", "equals_full_refresh")
        + ".",
        "",
        "## Where the time goes",
        "",
        "| model | full build, s | one more day, s |",
        "|---|---|---|",
    ]
    largest = results["sizes"][-1]
    for name, seconds in sorted(largest["nodes"].items(), key=lambda item: -item[1]):
        lines.append(f"| {name} | {seconds:.2f} | {largest['day']['nodes'].get(name, 0):.2f} |")
    if results["whole_build"]:
        whole = results["whole_build"]
        lines += [
            "",
            f"All models: {whole['run_seconds']:.1f} s, of which the engine {whole['run_engine_seconds']:.1f} s "
            f"and dbt {whole['run_dbt_seconds']:.1f} s; tests {whole['test_seconds']:.1f} s; publication "
            f"{whole['publish_seconds']:.1f} s. Readers, p95 warm: one {whole['readers']['one']['warm_p95']:.0f} ms, "
            f"eight {whole['readers']['eight']['warm_p95']:.0f} ms.",
        ]
    return "\n".join(lines) + "\n"


def _target_row(name: str, value: float | None) -> str:
    sign, bound, meaning = TARGETS[name]
    if value is None:
        return f"| {meaning} | not measured | {sign} {bound:g} | |"
    holds = value <= bound if sign == "<=" else value >= bound
    return f"| {meaning} | {value:.3g} | {sign} {bound:g} | {'yes' if holds else '**no**'} |"


def _size_row(size: dict[str, Any]) -> str:
    peers = " | ".join(f"{size[name]['seconds']:.1f}" if name in size else "" for name in ("polars", "pandas"))
    return (
        f"| {size['days']} | {size['events']:,} | {size['web_part_seconds']:.1f} | {size['floor_work_seconds']:.1f} "
        f"| {size['floor']['total_seconds']:.1f} | {peers} | {size['day']['web_part_seconds']:.2f} "
        f"| {size['day']['events']:,} |"
    )


def _same(results: dict[str, Any], name: str, key: str = "equals_ours") -> str:
    found = [size[name][key] for size in results["sizes"] if name in size]
    return "yes" if found and all(found) else "**no**"
