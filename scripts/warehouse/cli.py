"""The command line `warehouse`."""

import csv
import io
import json
import sys
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from warehouse import pipeline, publication
from warehouse.audit import CheckResult
from warehouse.dbt import run_dbt
from warehouse.erasure import erase as erase_person
from warehouse.errors import WarehouseError
from warehouse.load.databases import Extract, is_url
from warehouse.load.files import table_named
from warehouse.load.run import load_database, load_files
from warehouse.load.web import is_web_address
from warehouse.metric_card import Metric, MetricBook, card_rows
from warehouse.new_system.draft import add_to_system, draft_system, guess_rows
from warehouse.project import PROJECT_ROOT, dbt_variables
from warehouse.semantics import run_mf
from warehouse.semantics.words import word
from warehouse.status import status_facts, status_lines
from warehouse.unchanged import Unchanged
from warehouse.workspace import DEFAULT_WORKSPACE, Workspace, open_workspace

HELP = """
Audited B2B commerce KPIs from your exports.

Start with [bold]warehouse build[/bold]: it builds the demo company, audits it and publishes a DuckDB file that any BI
tool can open. Then ask it something: [bold]warehouse sql "select * from kpi_board"[/bold].

For your own company, write workspaces/NAME.yml (README, "Bring your own data"), then
[bold]warehouse load flat_file orders.csv --workspace NAME[/bold] and [bold]warehouse build --workspace NAME[/bold].
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)
console = Console(soft_wrap=True)
errors = Console(stderr=True, soft_wrap=True)

WorkspaceOption = Annotated[
    str, typer.Option("--workspace", "-w", help="The company to work on: a file in workspaces/.")
]


WaitOption = Annotated[
    float, typer.Option("--wait", min=0, metavar="SECONDS", help="How long to wait for another run to end.")
]


class Format(StrEnum):
    """How `warehouse sql` prints rows."""

    table = "table"
    csv = "csv"
    json = "json"


class Language(StrEnum):
    """The languages of the metric cards."""

    en = "en"
    pl = "pl"
    ru = "ru"
    zh = "zh"


@app.command()
def load(
    system: Annotated[str, typer.Argument(help="What exported the data, such as flat_file or online_retail.")],
    source: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders or patterns: CSV, TSV, JSON lines or Parquet, compressed with gzip or zstd or not."
            " Or their web addresses. Or one database: 'postgresql://user@host/database', mysql://... or mariadb://..."
        ),
    ],
    table: Annotated[str | None, typer.Option(help="Raw table; by default the one the file is named after.")] = None,
    rename: Annotated[
        list[str] | None, typer.Option(help="A column of the file under its contract name: OLD=NEW. May be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the verdict and ten rows; load nothing.")] = False,
    from_table: Annotated[
        str | None,
        typer.Option("--from", help="Table of the database, as schema.table; by default named like --table."),
    ] = None,
    cursor: Annotated[
        str | None, typer.Option(help="Column of the database that grows: only rows past the last load are read.")
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    wait: WaitOption = 0,
) -> None:
    """Land exports in the raw lake, files or a table of a database. The next build picks them up."""
    opened = open_workspace(workspace)
    renames = _pairs("--rename", "OLD=NEW", rename or [])
    if any(is_url(given) and not is_web_address(given) for given in source):
        if len(source) > 1:
            raise WarehouseError("Load one database at a time, and files apart from it.")
        name = from_table or table
        if name is None:
            raise WarehouseError(
                "Say which table with --table, and its name in the database with --from if it differs."
            )
        raw_table = table_named(system, name.rpartition(".")[2], table)
        outcomes = load_database(console, opened, raw_table, Extract(source[0], name, cursor), renames, dry_run, wait)
    else:
        if from_table or cursor:
            raise WarehouseError("--from and --cursor are for databases.")
        outcomes = load_files(console, opened, system, source, table, renames, dry_run, wait)
    if all(outcome.is_refused for outcome in outcomes):
        raise WarehouseError("\n".join(outcome.refusal for outcome in outcomes))
    if any(outcome.is_refused for outcome in outcomes):
        for outcome in outcomes:
            if outcome.is_refused:
                _print_error(outcome.refusal)
        raise typer.Exit(1)
    if not dry_run and any(outcome.is_landed for outcome in outcomes):
        console.print(f"Next: warehouse build --workspace {workspace}")


@app.command("new-system")
def new_system(
    name: Annotated[str, typer.Argument(help="Name of the new system, such as acme_shop.")],
    source: Annotated[list[str], typer.Option("--from", help="An export, or a folder of them. May be repeated.")],
    timezone: Annotated[
        str | None, typer.Option(help="Of timestamps without offset, such as Europe/Berlin; UTC if not given.")
    ] = None,
    entity: Annotated[
        list[str] | None,
        typer.Option(help="What a file is, where you know it: FILE=ENTITY, such as kunden=accounts. May be repeated."),
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Add further exports to a system drafted before.")] = False,
) -> None:
    """Draft the staging models of an unknown export. Guesses are marked as guesses, for you to check."""
    if timezone is not None and timezone not in available_timezones():
        near = get_close_matches(timezone, available_timezones(), n=1)
        raise WarehouseError(f"There is no time zone '{timezone}'" + (f"; did you mean '{near[0]}'?" if near else "."))
    entities = _pairs("--entity", "FILE=ENTITY", entity or [])
    if add and timezone:
        raise WarehouseError("With --add, the system keeps its time zone: it stands in dbt_project.yml.")
    if add:
        draft = add_to_system(name, source, entities=entities)
    else:
        draft = draft_system(name, source, timezone, entities=entities)
    console.print(_rows_table(["entity", "column", "guess"], guess_rows(draft.models), f"Guessed for {name}"))
    for said in [*draft.left_out, *(remark for model in draft.models for remark in model.mapping.remarks)]:
        console.print(said, highlight=False, markup=False)
    console.print(f"Drafted {len(draft.models)} models: {draft.folder}. Each guess is marked: check them.")
    if draft.registration.is_done:
        console.print("Registered it in dbt_project.yml.")
    else:
        console.print("dbt_project.yml has another shape than expected and was left alone. Add to it:")
        for section, line in draft.registration.lines.items():
            console.print(f"under {section}:\n{line}", highlight=False, markup=False)
    console.print("Next: name it in workspaces/NAME.yml, for the domains of what it exports:")
    console.print("systems:", highlight=False)
    for domain, entities in dbt_variables()["domains"].items():
        if any(model.mapping.entity in entities for model in draft.models):
            console.print(f"  {domain}: [{name}]", highlight=False, markup=False)
    for table, file in {model.table: model.file for model in draft.models}.items():
        command = f"warehouse load {name} {quote(str(file))} --table {table} --workspace NAME"
        console.print(f"then: {command}", highlight=False, markup=False)


@app.command()
def demo(
    scale: Annotated[float, typer.Option(help="Size: 1 is some 260 accounts, 1,600 orders, 12,000 sessions.")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that generate; the files are the same.")] = 1,
    workspace: WorkspaceOption = "demo_large",
    wait: WaitOption = 0,
) -> None:
    """Write the demo company, as large as you like, to the raw lake of a workspace."""
    opened = open_workspace(workspace)
    if opened.settings.variables.get("demo_data") != "lake":
        raise WarehouseError(
            f"The workspace '{workspace}' does not read the demo company from its raw lake: set `demo_data: lake` under"
            f" `variables:` in workspaces/{workspace}.yml, or take the workspace demo_large."
        )
    # its library of random numbers takes time to import, which other commands need not wait for
    from warehouse.demo import write_lake

    if scale <= 0:
        raise WarehouseError(f"--scale has to be above 0, not {scale:g}.")
    with pipeline.exclusive(opened, "demo", wait), Progress(console=console) as progress:
        task = progress.add_task("Writing the demo company", total=None)
        rows = write_lake(
            opened.raw_lake,
            scale,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
            workers=workers,
        )
    console.print(f"Wrote {sum(rows.values()):,} rows in {len(rows)} tables: {opened.raw_lake}")
    console.print(f"Next: warehouse build --workspace {workspace}")


@app.command()
def build(
    report: Annotated[bool, typer.Option(help="Write the report site of what was published.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Build everything anew, whatever has changed.")] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    wait: WaitOption = 0,
) -> None:
    """Build all models, audit them, and publish: the one command for every day."""
    opened = open_workspace(workspace)
    built = pipeline.build(opened, console, wait, force)
    if isinstance(built, Unchanged):
        console.print(f"Nothing has changed since the build of {built.built_at}.")
        console.print(f"Published: {built.publication.path} ({built.publication.build_id})")
        # a site is made of the publication alone: one that is lost, or was left out before, needs no build
        if report and not _is_site_of(opened, built.publication.build_id):
            _write_report(opened)
        console.print("Build anyhow with --force.")
        return
    tests = [node for node in built.nodes if node.kind == "test"]
    warned = [node for node in built.nodes if node.status == "warn"]
    console.print(f"Built {len(built.nodes) - len(tests)} models and seeds; {len(tests)} tests passed.")
    for node in warned:
        console.print(f"Warning from {node.name}: {node.message}")
    _print_checks(built.checks)
    _print_rejected(opened)
    console.print(_counts_table(built.publication.row_counts, "Published tables"))
    console.print(f"Published: {built.publication.path} ({built.publication.build_id})")
    if report:
        _write_report(opened)
    console.print("Ask it something:")
    suffix = "" if workspace == DEFAULT_WORKSPACE else f" --workspace {workspace}"
    console.print(
        '  .venv/bin/warehouse sql "select month_start, metric, round(value, 3) as value, trend from kpi_board'
        f' where is_complete_period order by month_start desc, metric_position limit 9"{suffix}',
        highlight=False,
        markup=False,
    )


@app.command()
def benchmark(
    events: Annotated[int, typer.Option(min=1, help="Web events of all days together.")] = 5_000_000,
    days: Annotated[
        str, typer.Option(help="Sizes in days; to each, three more are added, one at a time.", metavar="DAYS,...")
    ] = "7,30,180,365",
    turns: Annotated[
        int, typer.Option(min=1, help="How often builds, floor and peers are measured; the median counts.")
    ] = 3,
    scale: Annotated[
        float | None,
        typer.Option(help="Size of the company, as of `warehouse demo`; by default one that goes with the events."),
    ] = None,
    seed: Annotated[int, typer.Option(min=1, help="Of the events: another one is another year of the same kind.")] = 1,
    skip_peers: Annotated[bool, typer.Option("--skip-peers", help="Without Polars and pandas.")] = False,
    skip_readers: Annotated[
        bool, typer.Option("--skip-readers", help="Without all other models, the publication and its readers.")
    ] = False,
    skip_demo: Annotated[bool, typer.Option("--skip-demo", help="Without dbt's own time on the demo.")] = False,
    output: Annotated[Path, typer.Option(help="Folder of results.md and results.json.")] = PROJECT_ROOT / "benchmarks",
    keep: Annotated[bool, typer.Option("--keep", help="Leave what was built in the benchmark's folder.")] = False,
    wait: WaitOption = 0,
) -> None:
    """Measure how fast the warehouse is, in a folder of its own: full build, one more day, memory, peers, readers."""
    # no other command needs what it measures with
    from warehouse.benchmark.report import write_results
    from warehouse.benchmark.run import Plan
    from warehouse.benchmark.run import benchmark as run_benchmark

    # Polars and pandas come with `make install-dev`, and are no part of the product
    missing = [name for name in ("polars", "pandas") if not skip_peers and find_spec(name) is None]
    if missing:
        raise WarehouseError(
            f"{' and '.join(missing)} cannot be imported: run `make install-dev`, or add --skip-peers."
        )
    sizes = tuple(sorted({int(size) for size in days.split(",") if size.strip().isdecimal()}))
    if len(sizes) != len(days.split(",")):
        raise WarehouseError(f"--days takes different sizes in days, such as 30,180,365, not '{days}'.")
    if scale is not None and scale <= 0:
        raise WarehouseError(f"--scale has to be above 0, not {scale:g}.")
    plan = Plan(events, sizes, turns, scale, seed, not skip_peers, not skip_readers, not skip_demo)
    results = run_benchmark(plan, console, keep, wait)
    for path in write_results(results, output):
        console.print(f"Wrote {path}")


@app.command()
def check(
    raw: Annotated[bool, typer.Option("--raw", help="Audit the raw lake instead, before anything is built.")] = False,
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="With --raw: the day the data should be fresh for.", show_default=False
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    wait: WaitOption = 0,
) -> None:
    """Audit the marts of the last build, without publishing them."""
    opened = open_workspace(workspace)
    if today is not None and not raw:
        raise WarehouseError("--today is for --raw: the marts are audited for the day they state numbers for.")
    if raw:
        _print_checks(pipeline.check_raw(opened, today and today.date(), wait))
    else:
        _print_checks(pipeline.check(opened, wait))
    console.print(f"Pages: {opened.data_docs / 'index.html'}", highlight=False)


@app.command()
def publish(workspace: WorkspaceOption = DEFAULT_WORKSPACE, wait: WaitOption = 0) -> None:
    """Publish the last build, if it passed its audit."""
    opened = open_workspace(workspace)
    published = pipeline.publish_audited(opened, wait)
    console.print(f"Published {len(published.row_counts)} tables: {published.path} ({published.build_id})")
    _say_whether_the_site_is_older(opened, published.build_id)


@app.command()
def rollback(
    build_id: Annotated[
        str | None,
        typer.Argument(help="Which publication, as `warehouse status` lists them; by default the one before."),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    wait: WaitOption = 0,
) -> None:
    """Go back to an earlier publication, or forward again. The next build replaces it as usual."""
    opened = open_workspace(workspace)
    published = pipeline.rollback(opened, build_id, wait)
    console.print(f"Current again: {published.build_id}, published {published.manifest['build']['published_at']}.")
    _say_whether_the_site_is_older(opened, published.build_id)


@app.command()
def status(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """Show what is published, how fresh it is, what could be gone back to, and what failed last and why."""
    facts = status_facts(open_workspace(workspace))
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for line in status_lines(facts):
        console.print(line, highlight=False, markup=False)


@app.command()
def erase(
    who: Annotated[
        str | None,
        typer.Argument(
            help="An e-mail address, or a contact as SYSTEM:NUMBER; without it, what was interrupted.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    wait: WaitOption = 0,
) -> None:
    """Erase a person from the raw lake, the working data and every publication, and search them afterwards."""
    opened = open_workspace(workspace)
    had_site = opened.site.exists()
    with pipeline.exclusive(opened, "erase", wait) as run:
        erased = erase_person(opened, who)
        run.forget_reasons()
    rows = [(place, f"{count:,}") for place, count in erased.removed.items()]
    console.print(_rows_table(["where", "rows"], rows, "Removed"))
    console.print(
        f"Searched {erased.searched_files} files, {erased.searched_columns:,} columns: nothing of the person is left."
    )
    if had_site and opened.publication.is_file():
        _write_report(opened)
    console.print(f"Next: warehouse build --workspace {workspace}, which makes the working data anew.")


@app.command()
def info(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """Show paths, the day the numbers are stated for, row counts, and what was rejected or left out."""
    opened = open_workspace(workspace)
    facts = _facts(opened)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False, default=str))
        return
    console.print(f"Workspace {workspace}: {opened.settings.description or 'no description'}")
    console.print(f"  as of        {facts['as_of'] or 'nothing published yet'}")
    for name, path in facts["paths"].items():
        console.print(f"  {name:<12} {path}", highlight=False)
    if not pipeline.is_audited(opened):
        _print_rows("Rejected rows of the last build, which is not published", facts["rejected_in_last_build"])
    if not facts["row_counts"]:
        console.print(f"Next: warehouse build --workspace {workspace}")
        return
    console.print(_counts_table(facts["row_counts"], "Published tables"))
    filled = [row for row in facts["reconciliation"] if row["raw_rows"]]
    _print_rows("Raw rows and what became of them", filled)
    _print_rows("Rejected rows", facts["rejected"])
    _print_rows("Orders out of the KPIs", facts["excluded_orders"])
    _print_rows("Returns out of the KPIs", facts["excluded_returns"])


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL query on the published tables.")],
    output: Annotated[Format, typer.Option("--format", "-f", help="table, csv or json.")] = Format.table,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Query the publication, read-only."""
    columns, rows = publication.query(open_workspace(workspace), query)
    if output is Format.json:
        if len(set(columns)) < len(columns):
            raise WarehouseError("Two columns have the same name, which JSON cannot hold: name them apart.")
        values = [dict(zip(columns, map(publication.json_value, row), strict=True)) for row in rows]
        typer.echo(json.dumps(values, ensure_ascii=False, allow_nan=False, default=str))
    elif output is Format.csv:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        typer.echo(text.getvalue(), nl=False)
    else:
        console.print(_rows_table(columns, rows))


@app.command()
def metric(
    name: Annotated[str | None, typer.Argument(help="A metric, such as revenue.", show_default=False)] = None,
    language: Annotated[Language, typer.Option("--language", "-l", help="Language of the card.")] = Language.en,
    only_sql: Annotated[bool, typer.Option("--sql", help="Only the SQL, to paste into `warehouse sql`.")] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the metrics instead.")] = False,
    search: Annotated[str, typer.Option(help="With --list: those that mention a text.", show_default=False)] = "",
    area: Annotated[str, typer.Option(help="With --list: those of an area, such as web.", show_default=False)] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Show what a metric means, what it says now, and the SQL behind it."""
    opened = open_workspace(workspace)
    with publication.open_publication(opened) as connection:
        variables = {**dbt_variables(), **opened.settings.variables}
        book = MetricBook(connection, variables["trend_threshold"])
        if list_all or search or area:
            _print_metrics(book.search(search, area), language.value)
        elif name is None:
            raise WarehouseError("Name a metric, or list them: warehouse metric --list")
        elif only_sql:
            typer.echo(book.metric(name)["sql"])
        else:
            _print_card(book.metric(name), book, language.value)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def dbt(context: typer.Context, workspace: WorkspaceOption = DEFAULT_WORKSPACE, wait: WaitOption = 0) -> None:
    """Run any dbt command on a workspace: warehouse dbt --workspace NAME -- test --select kpi_board."""
    if not context.args:
        raise WarehouseError("Say which dbt command to run, for example: warehouse dbt -- ls")
    opened = open_workspace(workspace)
    with pipeline.exclusive(opened, "dbt", wait):
        raise typer.Exit(run_dbt(opened, context.args))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def mf(context: typer.Context, workspace: WorkspaceOption = DEFAULT_WORKSPACE, wait: WaitOption = 0) -> None:
    """Ask MetricFlow on the last build: warehouse mf -- query --metrics revenue --group-by metric_time__month."""
    if not context.args:
        raise WarehouseError("Say what to ask, for example: warehouse mf -- list metrics")
    opened = open_workspace(workspace)
    with pipeline.exclusive(opened, "mf", wait):
        raise typer.Exit(run_mf(opened, context.args))


@app.command()
def report(
    output: Annotated[Path | None, typer.Option(help="Folder of the site, replaced.", show_default=False)] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Write the report site from the publication: boards, metric cards, data quality, in four languages."""
    _write_report(open_workspace(workspace), output)


def main() -> None:
    """Runs the command line; a WarehouseError becomes one message and exit status 1."""
    try:
        app()
    except WarehouseError as error:
        _print_error(str(error))
        sys.exit(1)


def _write_report(workspace: Workspace, output: Path | None = None) -> None:
    with console.status("Writing the report site"):
        # the chart library takes half a second to import, which other commands need not wait for
        from warehouse.report import write_report

        written = write_report(workspace, output)
    console.print(f"Report site: {written.folder / 'index.html'}")
    console.print(f"  {written.pages} pages in four languages, {written.charts} charts, {written.size / 1e6:.1f} MB")


def _is_site_of(workspace: Workspace, build_id: str) -> bool:
    from warehouse.report import site_build_id

    return site_build_id(workspace.site) == build_id


def _say_whether_the_site_is_older(workspace: Workspace, build_id: str) -> None:
    if workspace.site.exists() and not _is_site_of(workspace, build_id):
        console.print(f"The report site is of another publication. Next: warehouse report --workspace {workspace.name}")


def _print_error(message: str) -> None:
    errors.print(f"[bold red]Error:[/bold red] {_escape(message)}", highlight=False)


def _pairs(option: str, shape: str, given: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        left, separator, right = pair.partition("=")
        if not separator or not left or not right:
            raise WarehouseError(f"{option} takes {shape}, not '{pair}'.")
        pairs[left] = right
    return pairs


def _facts(workspace: Workspace) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "workspace": workspace.name,
        "as_of": None,
        "base_currency": workspace.settings.base_currency,
        "reporting_timezone": workspace.settings.reporting_timezone,
        "systems": workspace.settings.systems,
        "paths": {
            "project": str(PROJECT_ROOT),
            "raw lake": str(workspace.raw_lake),
            "publication": str(workspace.publication),
        },
        "row_counts": {},
        "reconciliation": [],
        "rejected": [],
        "excluded_orders": [],
        "excluded_returns": [],
        "rejected_in_last_build": publication.rejected_in_last_build(workspace),
    }
    if not workspace.publication.is_file():
        return facts
    facts["as_of"] = _dicts(workspace, "select max(as_of_on) as as_of from publication_info")[0]["as_of"]
    with publication.open_publication(workspace) as connection:
        facts["row_counts"] = publication.table_row_counts(connection)
    facts["reconciliation"] = _dicts(workspace, "select * from reconciliation order by all")
    facts["rejected"] = _dicts(
        workspace,
        publication.REJECTED_BY_REASON.format(table="rejected_rows"),
    )
    facts["excluded_returns"] = _dicts(
        workspace,
        "select exclusion_reason, count(*) as return_lines, sum(refund_amount) as refund_amount"
        " from fct_returns where not is_valid group by all order by all",
    )
    facts["excluded_orders"] = _dicts(
        workspace,
        "select exclusion_reason, count(*) as orders, sum(net_amount) as net_amount"
        " from fct_orders where not is_valid group by all order by all",
    )
    return facts


def _dicts(workspace: Workspace, query: str) -> list[dict[str, Any]]:
    columns, rows = publication.query(workspace, query)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _print_checks(checks: list[CheckResult]) -> None:
    console.print(f"Audit: {sum(result.passed for result in checks)} of {len(checks)} checks passed.")
    for result in checks:
        if not result.passed:
            console.print(
                f"  {result.severity}: {result.name}: {'; '.join(result.examples)}. {result.reason}",
                highlight=False, markup=False,
            )  # fmt: skip


def _print_rejected(workspace: Workspace) -> None:
    rejected = _dicts(workspace, "select reason, count(*) as rows from rejected_rows group by all order by all")
    if rejected:
        parts = ", ".join(f"{row['rows']:,} {row['reason']}" for row in rejected)
        console.print(f"Rejected rows: {parts}. See rejected_rows, or `warehouse info`.")


def _print_card(found: Metric, book: MetricBook, language: str) -> None:
    card = found["cards"][language]
    console.print(f"[bold]{_escape(card['label'])}[/bold] ({found['metric']})", highlight=False)
    console.print(_escape(card["meaning"]), highlight=False)
    grid = Table.grid(padding=(0, 2))
    for heading, text in card_rows(found, book, language):
        grid.add_row(_escape(heading), _escape(text))
    console.print(grid)
    typer.echo(f"SQL\n{found['sql']}")


def _print_metrics(metrics: list[Metric], language: str) -> None:
    if not metrics:
        raise WarehouseError("No metric mentions this. See `warehouse metric --list`.")
    cards = [(found, found["cards"][language]) for found in metrics]
    rows = [
        (word("area", found["area"], language), found["metric"], card["label"], card["meaning"])
        for found, card in cards
    ]
    headings = [word("headings", heading, language) for heading in ("area", "metric", "label", "meaning")]
    console.print(_rows_table(headings, rows))


def _print_rows(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        console.print(_rows_table(list(rows[0]), [tuple(row.values()) for row in rows], title))


def _counts_table(row_counts: dict[str, int], title: str) -> Table:
    return _rows_table(["table", "rows"], [(name, f"{rows:,}") for name, rows in row_counts.items()], title)


def _rows_table(columns: list[str], rows: list[tuple[Any, ...]], title: str | None = None) -> Table:
    """Rows as a table; where the terminal is too narrow for it, each row as a list of columns and values."""
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max([len(name), *(min(len(text[i]), 40) for text in texts)]) for i, name in enumerate(columns)]
    if len(columns) > 2 and sum(widths) + 3 * len(columns) + 1 > console.width:
        return _records_table(columns, texts, title)
    table = Table(title=title, title_justify="left")
    numeric = [all(isinstance(row[i], (int, float)) or row[i] is None for row in rows) for i in range(len(columns))]
    for name, is_number in zip(columns, numeric, strict=True):
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else _escape(str(value)) for value in row))
    return table


def _records_table(columns: list[str], texts: list[list[str]], title: str | None) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for row in texts:
        for name, text in zip(columns, row, strict=True):
            table.add_row(name, _escape(text))
        table.add_section()
    return table


def _escape(text: str) -> str:
    return text.replace("[", r"\[")
