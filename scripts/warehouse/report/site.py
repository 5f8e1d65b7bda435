"""Writes the report site: pages in four languages, and the data that they share."""

import csv
import io
import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import vl_convert
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_name
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from warehouse.metric_card import MetricBook, Reading, formatted
from warehouse.project import PROJECT_ROOT, dbt_variables
from warehouse.publication import current_publication, open_publication, table_row_counts
from warehouse.report.charts import specifications
from warehouse.report.codes import CODES, REASONS
from warehouse.report.datasets import DATASETS, FILTERS, MAX_CUBE_ROWS, MAX_LIST_ROWS, NEEDS, Dataset
from warehouse.report.drill import ACCOUNT_PARTS, MAX_KEYS, MAX_ROWS, PRODUCT_PARTS, Part, shards
from warehouse.report.lineage import dbt_docs, with_way_back
from warehouse.report.messages import MESSAGES
from warehouse.report.pages import BOARDS, DRILLS, KEY_PAGES, KeyPage
from warehouse.report.quality import read_quality
from warehouse.report.rows import MAX_MONTH_ROWS, ROW_LISTS
from warehouse.report.tables import Rows, rows_of, script
from warehouse.report.widgets import Column, Page
from warehouse.report.words import LANGUAGE_NAMES, LANGUAGES, Words, _
from warehouse.semantics.words import word
from warehouse.workspace import Workspace

REFERENCE = (("metrics", _("Metric cards")), ("quality", _("Data quality")), ("lineage", _("Lineage")))
LISTS = (
    ("account", _("Accounts")), ("rep", _("Reps")), ("catalog", _("Catalogs")), ("product", _("Products")),
)  # fmt: skip
# Which publication the site is of.
BUILD_ID = "build_id.txt"
VEGA = f"vega-{vl_convert.__version__}.js"


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        folder: the site; `index.html` opens it.
        pages: pages of all languages.
        charts: charts of one language.
        size: bytes of all files.
    """

    folder: Path
    pages: int
    charts: int
    size: int


def write_report(workspace: Workspace, output: Path | None = None) -> Report:
    """Writes the site of a publication, and makes it current in one step: a reader sees the old or the new one.

    Args:
        workspace: the company; nothing is read but its publication and what its last build left about its quality.
        output: folder of the site, which is replaced; `site` in the workspace's data when not given.

    Raises:
        WarehouseError: nothing is published.
    """
    folder = (output or workspace.site).resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    half_written = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(half_written, ignore_errors=True)
    # before it is opened: if another becomes current meanwhile, the site is written again rather than taken for its own
    current = current_publication(workspace)
    try:
        with open_publication(workspace) as connection:
            Site(workspace, connection, half_written).write()
        if current:
            (half_written / BUILD_ID).write_text(f"{current.build_id}\n", encoding="utf-8")
        _swap(half_written, folder)
    finally:
        shutil.rmtree(half_written, ignore_errors=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Report(
        folder,
        pages=len([path for path in files if path.suffix == ".html" and path.parent.name in LANGUAGES]),
        charts=sum(page.charts for page in (*BOARDS, *DRILLS)) + sum(len(page.measures) for page in KEY_PAGES),
        size=sum(path.stat().st_size for path in files),
    )


def site_build_id(folder: Path) -> str | None:
    """The publication that a site is of; nothing if there is no site, or not the whole of one."""
    try:
        return (folder / BUILD_ID).read_text(encoding="utf-8").strip() if (folder / "index.html").is_file() else None
    except OSError:
        return None


class Site:
    """One run of the generator."""

    def __init__(self, workspace: Workspace, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Reads what every page needs.

        Args:
            workspace: the company.
            connection: to its publication, read-only.
            folder: where the site is written.
        """
        self._workspace = workspace
        self._connection = connection
        self._folder = folder
        self._variables = {**dbt_variables(), **workspace.settings.variables}
        self._book = MetricBook(connection, self._variables["trend_threshold"])
        self._metrics = {metric["metric"]: metric for metric in self._book.search()}
        self._information = self._book.information()
        self._needs = {need: bool(connection.execute(query).fetchone()[0]) for need, query in NEEDS.items()}
        self._quality = read_quality(connection, workspace)
        self._environment = Environment(
            loader=PackageLoader("warehouse.report"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self) -> None:
        """Writes all files."""
        self._folder.mkdir(parents=True)
        self._write_assets()
        self._write_datasets()
        row_months = self._write_row_lists()
        files = {
            "account": self._write_shards("account", ACCOUNT_PARTS),
            "product": self._write_shards("product", PRODUCT_PARTS),
        }
        self._write_text("data/site.js", script("warehouse.site", self._site_data(row_months, files)))
        readings = {name: self._book.reading(metric) for name, metric in self._metrics.items()}
        self._write_text("data/metrics.js", script("warehouse.cards", self._metric_data()))
        has_docs = self._copy_docs()
        for language in LANGUAGES:
            self._write_language(Words(language), readings, has_docs)
        self._write_text("index.html", self._render("index.html", names=LANGUAGE_NAMES))

    def _write_assets(self) -> None:
        for name in ("site.css", "site.js"):
            text = resources.files("warehouse.report").joinpath("assets", name).read_text(encoding="utf-8")
            self._write_text(f"assets/{name}", text)
        self._write_text("assets/charts.js", script("warehouse.charts", specifications()))
        # Vega's code takes seconds to bundle, and is the same for every site
        bundle = PROJECT_ROOT / "target" / VEGA
        if not bundle.is_file():
            bundle.parent.mkdir(exist_ok=True)
            half_written = bundle.with_suffix(f".{os.getpid()}.tmp")
            half_written.write_text(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), encoding="utf-8")
            half_written.replace(bundle)
        self._write_text(f"assets/{VEGA}", bundle.read_text(encoding="utf-8"))

    def _write_datasets(self) -> None:
        for name, dataset in DATASETS.items():
            query = dataset.sql.replace("$dso_days", str(self._variables["dso_days"]))
            if dataset.dimensions:
                rows, count = self._cube(dataset, query), None
            else:
                rows = rows_of(self._connection, f"select * from ({query}) order by {dataset.order}")
                count = len(rows.rows)
            table = rows.to_json() | {"totals": list(dataset.totals)}
            if count is not None and count > MAX_LIST_ROWS:
                self._write_text(f"csv/{name}.csv", _csv(rows))
                table = Rows(rows.columns, rows.rows[:MAX_LIST_ROWS]).to_json() | {"all": count}
            self._write_text(f"data/{name}.js", script("warehouse.put", name, table))

    def _cube(self, dataset: Dataset, query: str) -> Rows:
        """Sums by all dimensions; by fewer when there would be too many rows for a page."""
        dimensions = list(dataset.dimensions)
        dispensable = [name for name in dataset.dispensable if name in dimensions]
        while True:
            names = ", ".join(dimensions)
            sums = ", ".join(f"sum({measure}) as {measure}" for measure in dataset.measures)
            rows = rows_of(
                self._connection,
                f"select {names}, bool_and(complete) as complete, {sums} from ({query})"
                f" group by {names} order by {names}",
            )
            if len(rows.rows) <= MAX_CUBE_ROWS or not dispensable:
                return rows
            dimensions.remove(dispensable.pop(0))

    def _write_row_lists(self) -> dict[str, dict[str, int]]:
        """Writes the rows behind the figures, a file a month, and says how many each month has."""
        counts: dict[str, dict[str, int]] = {}
        for name, row_list in ROW_LISTS.items():
            rows = rows_of(
                self._connection,
                f"select *, count(*) over (partition by month) as rows_of_month from ({row_list.sql})"
                " where month is not null"
                f" qualify row_number() over (partition by month order by {row_list.order}) <= {MAX_MONTH_ROWS}"
                f" order by month, {row_list.order}",
            )
            at, of = rows.columns.index("month"), rows.columns.index("rows_of_month")
            months: dict[str, list[tuple[Any, ...]]] = {}
            for row in rows.rows:
                months.setdefault(row[at], []).append(row)
            counts[name] = {month: in_month[0][of] for month, in_month in months.items()}
            columns = [column for column in rows.columns if column != "rows_of_month"]
            for month, in_month in months.items():
                kept = [tuple(v for i, v in enumerate(row) if i != of) for row in in_month]
                table = Rows(columns, kept).to_json()
                self._write_text(f"data/rows/{name}-{month}.js", script("warehouse.put", f"{name}-{month}", table))
        return counts

    def _write_shards(self, kind: str, parts: dict[str, Part]) -> int:
        files, contents = shards(self._connection, parts)
        for number, content in contents:
            self._write_text(f"data/{kind}/{number}.js", script("warehouse.shelf", kind, number, content))
        return files

    def _site_data(self, row_months: dict[str, dict[str, int]], files: dict[str, int]) -> dict[str, Any]:
        months = rows_of(
            self._connection,
            """
            select strftime(month_start, '%Y-%m') as month, bool_and(is_complete_period) as complete
            from kpi_board where metric = 'revenue' group by 1 order by 1
            """,
        )
        names = {
            kind: {key: name or key for key, name in self._connection.execute(query).fetchall()}
            for kind, query in {
                "rep": "select rep_id, rep_name from dim_sales_rep order by rep_name, rep_id",
                "catalog": "select catalog_id, catalog_name from dim_catalog order by catalog_name, catalog_id",
            }.items()
        }
        return {
            "workspace": self._workspace.name,
            "as_of": _iso(self._information["as_of_on"]),
            "currency": self._information["base_currency"],
            "months": [[month, complete] for month, complete in months.rows],
            "names": names,
            "members": self._members(),
            "threshold": self._variables["trend_threshold"],
            "few": self._variables["min_reportable_n"],
            "files": files,
            "row_months": row_months,
            "max_rows": MAX_ROWS,
            "max_keys": MAX_KEYS,
            "max_month_rows": MAX_MONTH_ROWS,
            "vega": VEGA,
            "filters": list(FILTERS),
        }

    def _members(self) -> dict[str, list[str]]:
        """What the filters offer."""
        queries = {
            "segment": "select distinct segment from kpi_board_measures order by 1",
            "country": "select distinct coalesce(country_code, 'unknown') from dim_account order by 1",
            "rep": "select distinct coalesce(owner_rep_id, 'unknown') from dim_account_history"
            " union select rep_id from dim_sales_rep order by 1",
            "catalog": "select distinct coalesce(catalog_id, 'unknown') from dim_account_history"
            " union select catalog_id from dim_catalog order by 1",
        }
        return {name: [row[0] for row in rows_of(self._connection, query).rows] for name, query in queries.items()}

    def _metric_data(self) -> dict[str, Any]:
        """The SQL of each metric, and what it gives by month."""
        return {
            name: {"sql": metric["sql"], "values": [[m, v] for m, v in self._book.months(metric)]}
            for name, metric in self._metrics.items()
        }

    def _copy_docs(self) -> dict[str, bool]:
        """Takes dbt's docs and the data docs of the audit into the site, as far as the last build left them."""
        lineage = dbt_docs(self._workspace)
        if lineage:
            self._write_text("lineage/index.html", lineage)
        data_docs = self._workspace.folder / "data_docs"
        if (data_docs / "index.html").is_file():
            for page in sorted(data_docs.rglob("*.html")):
                path = page.relative_to(data_docs.parent)
                to_site = "/".join([".."] * (len(path.parts) - 1))
                self._write_text(path.as_posix(), with_way_back(page.read_text(encoding="utf-8"), to_site))
        return {"lineage": lineage is not None, "data_docs": (self._folder / "data_docs").is_dir()}

    def _write_language(self, words: Words, readings: dict[str, Reading], has_docs: dict[str, bool]) -> None:
        language = words.language
        self._write_text(f"{language}/words.js", script("warehouse.words", self._words_data(words)))
        for page in (*BOARDS, *DRILLS):
            self._write_board(page, words)
        for page in KEY_PAGES:
            self._write_key_page(page, words)
        self._write_rows_page(words)
        for name, context in {
            "metrics": self._cards_context(words, readings),
            "quality": {"quality": self._quality, "has_docs": has_docs["data_docs"]},
            "lineage": {"tables": self._lineage(words), "has_docs": has_docs["lineage"]},
        }.items():
            self._write_page(name, dict(REFERENCE)[name], words, **context)

    def _write_board(self, page: Page, words: Words) -> None:
        sections = [
            {
                "title": words(section.title),
                "widgets": [widget.to_json(words, self._metrics) for widget in section.widgets],
                "missing": bool(section.needs) and not self._needs[section.needs],
            }
            for section in page.sections
        ]
        self._write_page(
            page.name,
            page.title,
            words,
            template="board.html",
            question=words(page.question),
            sections=sections,
            datasets=page.datasets,
            content={
                "filters": ["month", "span", *page.filters],
                "datasets": page.datasets,
                "pin": page.pin,
                "sections": sections,
            },
        )

    def _write_key_page(self, page: KeyPage, words: Words) -> None:
        parts = [
            {"name": name, "title": words(part.title), "columns": _columns(part.columns, words)}
            for name, part in page.parts.items()
            if part.columns
        ]
        facts = [
            {
                "field": fact.field,
                "label": words(fact.label),
                "unit": fact.unit,
                "metric": fact.metric if fact.metric in self._metrics else "",
            }
            for fact in page.facts
        ]
        chosen = page.choose.to_json(words, self._metrics)
        self._write_page(
            page.name,
            page.title,
            words,
            template="key.html",
            question=words(page.question),
            datasets=[page.choose.dataset],
            content={
                "filters": ["segment", "country", "rep"] if page.name == "account" else [],
                "datasets": [page.choose.dataset],
                "key_page": page.name,
                "name_field": page.name_field,
                "parts": parts,
                "facts": facts,
                "choose": chosen,
                "measures": [measure.to_json(words, self._metrics) for measure in page.measures],
            },
        )

    def _write_rows_page(self, words: Words) -> None:
        lists = {
            name: {"title": words(row_list.title), "columns": _columns(row_list.columns, words)}
            for name, row_list in ROW_LISTS.items()
        }
        self._write_page(
            "rows",
            _("Rows behind a number"),
            words,
            template="key.html",
            question=words(_("What a figure is made of, row by row, with the same filters.")),
            datasets=[],
            content={"filters": ["month", "span", *FILTERS], "lists": lists},
        )

    def _cards_context(self, words: Words, readings: dict[str, Reading]) -> dict[str, Any]:
        currency = self._information["base_currency"]
        cards = []
        for name, metric in self._metrics.items():
            reading = readings[name]
            cards.append(
                {
                    "name": name,
                    "card": metric["cards"][words.language],
                    "area": metric["area"],
                    "area_name": word("area", metric["area"], words.language),
                    "value": formatted(reading.value, metric["unit"], currency, words.language),
                    "raw": reading.value,
                    "month": format_date(reading.month, "LLLL y", locale=words.locale) if reading.month else "",
                    "trend": reading.trend,
                    "facts": [
                        (word("headings", kind, words.language), word(kind, metric[kind], words.language))
                        for kind in ("unit", "direction", "additivity", "clock", "owner")
                    ],
                    "variants": [
                        (other, self._metrics[other]["cards"][words.language]["label"])
                        for other in metric["variants"]
                        if other in self._metrics
                    ],
                    "mart": (metric["mart"] or {}).get("model", ""),
                }
            )
        areas = {card["area"]: card["area_name"] for card in cards}
        headings = {
            heading: word("headings", heading, words.language)
            for heading in ("reading", "formula", "variants", "mart", "area", "value")
        }
        return {"cards": cards, "areas": areas, "headings": headings, "datasets": ["metrics"]}

    def _lineage(self, words: Words) -> list[dict[str, Any]]:
        """The published tables, their rows and the metrics that they state."""
        stated: dict[str, list[tuple[str, str]]] = {}
        for name, metric in self._metrics.items():
            model = (metric["mart"] or {}).get("model")
            if model:
                stated.setdefault(model, []).append((name, metric["cards"][words.language]["label"]))
        upstream = self._quality.upstream
        return [
            {
                "name": name,
                "id": upstream.get(name, {}).get("id"),
                "rows": format_decimal(count, locale=words.locale),
                "count": count,
                "description": upstream.get(name, {}).get("description", ""),
                "parents": upstream.get(name, {}).get("parents", []),
                "systems": upstream.get(name, {}).get("sources", []),
                "metrics": sorted(stated.get(name, []), key=lambda pair: pair[1]),
            }
            for name, count in table_row_counts(self._connection).items()
        ]

    def _words_data(self, words: Words) -> dict[str, Any]:
        return {
            "language": words.language,
            "locale": words.tag,
            "messages": {key: words(text) for key, text in MESSAGES.items()},
            "codes": {code: words(text) for code, text in CODES.items()},
            "reasons": {reason: words(text) for reason, text in REASONS.items()},
            "countries": words.countries(),
        }

    def _write_page(
        self, name: str, title: str, words: Words, template: str = "", content: Any = None, **context: Any
    ) -> None:
        as_of = self._information["as_of_on"]
        text = self._render(
            template or f"{name}.html",
            **{"datasets": [], "question": ""} | context,
            _=words,
            language=words.language,
            tag=words.tag,
            names=LANGUAGE_NAMES,
            page=name,
            title=words(title),
            workspace=self._workspace.name,
            company=self._workspace.settings.description or self._workspace.name,
            as_of=format_date(as_of, "long", locale=words.locale) if as_of else "",
            currency=self._information["base_currency"],
            currency_name=get_currency_name(self._information["base_currency"], locale=words.locale),
            timezone=self._information["reporting_timezone"],
            boards=[(page.name, words(page.title)) for page in BOARDS],
            lists=[(kind, words(text)) for kind, text in LISTS],
            reference=[(kind, words(text)) for kind, text in REFERENCE],
            content=_embedded(content),
            number=lambda value: format_decimal(value, locale=words.locale),
            rows_of=lambda rows, fields: [[_named(row[field], field, words) for field in fields] for row in rows],
        )
        self._write_text(f"{words.language}/{name}.html", text)

    def _render(self, template: str, **context: Any) -> str:
        return self._environment.get_template(template).render(**context)

    def _write_text(self, path: str, text: str) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def _columns(columns: tuple[Column, ...], words: Words) -> list[dict[str, str]]:
    return [
        {"field": column.field, "label": words(column.label), "unit": column.unit, "link": column.link}
        for column in columns
    ]


def _named(value: Any, field: str, words: Words) -> Any:
    """A reason or a kind of fact by its name; anything else as it is."""
    return words(CODES[value]) if field in ("reason", "fact") and value in CODES else value


def _embedded(content: Any) -> str:
    """JSON inside a page: no text in it may end the element that it stands in."""
    return (
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/").replace("<!--", "<\\!--")
    )


def _csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.rows)
    return text.getvalue()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _swap(new: Path, current: Path) -> None:
    """Two renames: in between there is no site, but never half of one."""
    old = current.with_name(f".{current.name}.{os.getpid()}.old")
    if current.exists():
        current.replace(old)
    new.replace(current)
    shutil.rmtree(old, ignore_errors=True)
