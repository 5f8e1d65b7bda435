"""One load from start to end: find, read, show the verdict, land. A refused file does not stop the others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from warehouse import pipeline
from warehouse.errors import WarehouseError
from warehouse.load.batches import Batch, batches_in_place, clear_leftovers, download_folder, prepared
from warehouse.load.databases import Extract, prepared_table
from warehouse.load.files import choose_table, find_files
from warehouse.load.shown import Outcome, show_batch, show_landed, show_sample, show_summary
from warehouse.load.web import fetched, is_web_address, name_of
from warehouse.project import RawTable, raw_tables
from warehouse.runs import Run
from warehouse.workspace import Workspace

DRY_RUN_ROWS = 1000


def load_files(
    console: Console,
    workspace: Workspace,
    system: str,
    sources: list[str],
    table_name: str | None,
    renames: dict[str, str],
    dry_run: bool,
    wait: float = 0.0,
) -> list[Outcome]:
    """Loads files, each as a batch of its own.

    Args:
        console: where progress and verdicts are shown.
        workspace: the company.
        system: what exported them.
        sources: paths, patterns, folders, and addresses of files of the web.
        table_name: the raw table; None for the one that each file is named after.
        renames: column of the file -> column of the table.
        dry_run: only look.
        wait: seconds to wait for another run to end.

    Raises:
        WarehouseError: there are no such files or no such system, or another run holds the workspace.
    """
    raw_tables(system)
    addresses = [source for source in sources if is_web_address(source)]
    found, skipped = find_files(source for source in sources if source not in addresses)
    files = [*found, *addresses]
    outcomes = []
    with _held(workspace, wait) as run, _progress(console) as progress:
        in_place = batches_in_place(workspace, _with_tables(system, found, table_name), renames)
        for number, given in enumerate(files, start=1):
            name = name_of(given) if isinstance(given, str) else given.name
            place = f" ({number} of {len(files)})" if len(files) > 1 else ""
            task = progress.add_task(f"Reading {name}{place}", total=1)
            watch = _watcher(progress, task)
            try:
                with ExitStack() as on_disk:
                    file = given
                    if isinstance(given, str):
                        progress.update(task, description=f"Fetching {name}{place}")
                        file = on_disk.enter_context(fetched(given, download_folder(workspace), watch))
                        progress.update(task, description=f"Reading {name}{place}", completed=0)
                    table = choose_table(system, file, table_name)
                    batch = on_disk.enter_context(prepared(workspace, table, file, renames, watch, in_place))
                    progress.remove_task(task)
                    _show_and_land(console, batch, dry_run)
                    outcomes.append(Outcome(name, batch))
            except WarehouseError as error:
                progress.update(task, visible=False)
                outcomes.append(Outcome(name, refusal=_named(name, str(error))))
        refusals = [outcome.refusal for outcome in outcomes if outcome.is_refused]
        if refusals and not dry_run:
            run.fail("\n".join(refusals))
    if len(files) > 1:
        show_summary(console, outcomes)
    if skipped:
        names = ", ".join(path.name for path in skipped)
        console.print(f"Not looked at, since no such files are loaded: {names}.", highlight=False, markup=False)
    return outcomes


def load_database(
    console: Console,
    workspace: Workspace,
    table: RawTable,
    extract: Extract,
    renames: dict[str, str],
    dry_run: bool,
    wait: float = 0.0,
) -> list[Outcome]:
    """Loads a table of a database as one batch.

    Raises:
        WarehouseError: it cannot be read or does not fit, or another run holds the workspace.
    """
    if dry_run:
        extract = Extract(extract.url, extract.name, extract.cursor, DRY_RUN_ROWS)
    with _held(workspace, wait), _progress(console) as progress:
        task = progress.add_task(f"Reading {extract.name}", total=None)

        def count(rows: int) -> None:
            progress.update(task, description=f"Reading {extract.name}: {rows:,} rows")

        with prepared_table(workspace, table, extract, renames, count) as batch:
            progress.remove_task(task)
            if batch is None:
                past = f" past the highest {extract.cursor} landed" if extract.cursor else ""
                console.print(f"{extract.name} has no rows{past}: nothing to load.", highlight=False, markup=False)
                return [Outcome(extract.name)]
            if extract.limit:
                console.print(f"Looked at the first {extract.limit:,} rows at most.")
            _show_and_land(console, batch, dry_run)
            return [Outcome(extract.name, batch)]


def _with_tables(system: str, files: list[Path], table_name: str | None) -> Iterator[tuple[RawTable, Path]]:
    """The files that can be loaded, each with its raw table; what is wrong with the others is told when they are."""
    for file in files:
        with suppress(WarehouseError):
            yield choose_table(system, file, table_name), file


def _show_and_land(console: Console, batch: Batch, dry_run: bool) -> None:
    show_batch(console, batch)
    if dry_run:
        show_sample(console, batch)
        console.print("A dry run: nothing was loaded.")
        return
    batch.land()
    show_landed(console, batch)


@contextmanager
def _held(workspace: Workspace, wait: float) -> Iterator[Run]:
    with pipeline.exclusive(workspace, "load", wait) as run:
        clear_leftovers(workspace)
        yield run


def _progress(console: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)


def _watcher(progress: Progress, task: object) -> Callable[[float], None]:
    return lambda share: progress.update(task, completed=share)


def _named(name: str, message: str) -> str:
    return message if name in message else f"{name}: {message}"
