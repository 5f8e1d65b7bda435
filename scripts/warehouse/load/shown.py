"""What the terminal shows of a load: how each file was read, what does not fit, and what to do about it."""

import re
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from warehouse.load.batches import Batch
from warehouse.load.columns import ColumnReport

EXAMPLE_LENGTH = 40
# A hash says nothing to a reader, and takes the width of five columns.
HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,}\b")
SHORT_HASH = r"\1…"
SAMPLE_ROWS = 10


@dataclass(frozen=True)
class Outcome:
    """What became of one export: its batch, or why it was refused, or neither when there was nothing to load."""

    name: str
    batch: Batch | None = None
    refusal: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether it was refused."""
        return bool(self.refusal)

    @property
    def is_landed(self) -> bool:
        """Whether there is something in the lake that was not, or that counts as the latest load now."""
        return self.batch is not None and (self.batch.is_new or self.batch.is_latest_again)


def show_batch(console: Console, batch: Batch) -> None:
    """How an export was read, and the verdict on its columns."""
    facts = f" ({'; '.join(batch.facts)})" if batch.facts else ""
    console.print(
        f"{batch.name}: {batch.rows:,} rows for {batch.table.system} {batch.table.name}{facts}",
        highlight=False, markup=False,
    )  # fmt: skip
    if batch.rows == 0:
        console.print("Warning: it has a header and no rows.")
    findings = _findings(batch.report)
    if findings:
        table = Table(title="Against the contract", title_justify="left")
        for heading in ("column", "finding", "what to do"):
            table.add_column(heading, overflow="fold")
        for row in findings:
            table.add_row(*map(escape, row))
        console.print(table)
    elif batch.rows and not batch.table.types:
        console.print("Every column that its models need is there; what they make of the values, the build says.")
    elif batch.rows:
        console.print("Against the contract: every column and value fits.")
    if batch.report.absent:
        _print(console, f"Not in it, read as empty: {', '.join(batch.report.absent)}.")
    others = [column for column in batch.report.unused if column not in batch.report.renamed]
    if others:
        _print(console, f"Kept, but not used by any model: {', '.join(others)}.")


def show_sample(console: Console, batch: Batch) -> None:
    """The first rows, as they would be landed."""
    columns, rows = batch.first_rows(SAMPLE_ROWS)
    if not rows:
        return
    table = Table(title=f"The first {len(rows)} rows", title_justify="left")
    for column in columns:
        table.add_column(escape(column), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else escape(HASH.sub(SHORT_HASH, str(value))) for value in row))
    console.print(table)


def show_landed(console: Console, batch: Batch) -> None:
    """Where the batch is now."""
    if batch.is_new:
        said = f"Loaded {batch.rows:,} rows of {batch.name} as {batch.table.system} {batch.table.name}: {batch.path}"
    elif batch.is_latest_again:
        said = f"{batch.name} had been loaded before; it is the latest load again: {batch.path}"
    else:
        said = f"{batch.name} had been loaded before ({batch.rows:,} rows): {batch.path}. Nothing to do."
    _print(console, said)


def show_summary(console: Console, outcomes: list[Outcome]) -> None:
    """All files in one table, and why some were refused."""
    table = Table(title="Summary", title_justify="left")
    for heading in ("file", "table", "rows", "batch", "outcome"):
        table.add_column(heading, justify="right" if heading == "rows" else "left", overflow="fold")
    for outcome in outcomes:
        batch = outcome.batch
        if batch is None:
            table.add_row(escape(outcome.name), "", "", "", "refused")
            continue
        doubtful = " (see findings)" if batch.report.misfits else ""
        table.add_row(
            escape(outcome.name), batch.table.name, f"{batch.rows:,}", batch.path.stem, batch.status + doubtful
        )
    console.print(table)


def _findings(report: ColumnReport) -> list[tuple[str, str, str]]:
    renamed = [
        (old, f"unknown; probably {new}, which is not there", f"--rename '{old}={new}'")
        for old, new in report.renamed.items()
    ]
    misfits = [
        (
            misfit.column,
            f"{_share(misfit.share)} of the rows: {misfit.problem}; first in row {misfit.first_row}"
            + (f": {misfit.example[:EXAMPLE_LENGTH]!r}" if misfit.example else ""),
            misfit.advice,
        )
        for misfit in report.misfits
    ]
    changes = [(column, said, "nothing, if that is meant") for column, said in report.changes]
    return renamed + misfits + changes


def _share(share: float) -> str:
    return "under 0.1 %" if share < 0.001 else f"{share * 100:.3g} %"


def _print(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False)
