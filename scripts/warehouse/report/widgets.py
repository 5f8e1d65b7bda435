"""What a page is made of: figures, charts and tables, described once and drawn by the browser in any language."""

from dataclasses import dataclass, replace
from typing import Any

from warehouse.report.words import Words


@dataclass(frozen=True)
class Measure:
    """A number of a dataset: a sum, or a ratio of sums.

    Attributes:
        name: names it in the page and in tests.
        dataset: where its columns are.
        plus, minus: columns that are added up and taken off.
        over, over_minus: the same of the denominator; without it the number is a sum.
        metric: the metric whose card says what it means; its label and unit are the card's.
        label: English label, where it is not the metric's.
        unit: unit, where it is not the metric's.
        direction: up, down or none: which way is good, where it is not the metric's.
        at: `period` adds up the months, `end` takes the last one, `as_of` has no month.
        where: column and value that its rows have.
        count: counts rows instead.
        rows: lists of the rows behind it, for the page of rows.
        page: `page.html#anchor` of the table behind it, where there is one.
        target: metric of the board that has a target for it.
        sparse: has no value in most months, as of surveys, and is compared with the last that has one.
    """

    name: str
    dataset: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    over_minus: tuple[str, ...] = ()
    metric: str = ""
    label: str = ""
    unit: str = ""
    direction: str = ""
    at: str = "period"
    where: tuple[tuple[str, Any], ...] = ()
    count: bool = False
    rows: tuple[str, ...] = ()
    page: str = ""
    target: str = ""
    sparse: bool = False

    def named(self, name: str, **changes: Any) -> "Measure":
        """The same with another name and other properties."""
        return replace(self, name=name, **changes)

    def to_json(self, words: Words, metrics: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For the page, in a language."""
        metric = metrics.get(self.metric)
        label = words(self.label) if self.label else metric["cards"][words.language]["label"] if metric else self.name
        unit = self.unit or (metric["unit"] if metric else "count")
        direction = self.direction or (metric["direction"] if metric else "none")
        return _without_defaults(
            {
                "name": self.name,
                "label": label,
                "unit": unit,
                "direction": direction,
                "metric": self.metric if metric else "",
                "meaning": metric["cards"][words.language]["meaning"] if metric else "",
                "dataset": self.dataset,
                "plus": list(self.plus),
                "minus": list(self.minus),
                "over": list(self.over),
                "over_minus": list(self.over_minus),
                "at": self.at,
                "where": dict(self.where),
                "count": self.count,
                "rows": list(self.rows),
                "page": self.page,
                "target": self.target,
                "sparse": self.sparse,
            }
        )


@dataclass(frozen=True)
class Tiles:
    """A board of figures with change, trend line and target."""

    name: str
    measures: tuple[Measure, ...]

    def to_json(self, words: Words, metrics: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For the page, in a language."""
        return {"type": "tiles", "name": self.name, "measures": [m.to_json(words, metrics) for m in self.measures]}

    @property
    def datasets(self) -> set[str]:
        """What it reads."""
        return {measure.dataset for measure in self.measures} | {"board"}


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        name: names it in the page and in tests.
        kind: of charts.py.
        measures: what it shows; several are series of one chart, or choices when `choose` is set.
        by: column whose members are the bars, rows or series.
        series: column whose members are the colours.
        x: `month`, or a column.
        choices: columns to choose `by` from, with English labels and the dataset that has them, if another one.
        say: the rule by which the title is written from the figures.
        about: English name of what it shows, for titles of several measures.
        top: how many members are shown; the others are added up.
        order: column that members are sorted by; by size without it.
        target: metric of the board whose target is drawn.
        wide: takes the whole width.
        months: how many months back a trend goes.
        extra: what only one kind of chart needs.
    """

    name: str
    kind: str
    measures: tuple[Measure, ...]
    by: str = ""
    series: str = ""
    x: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    say: str = "trend"
    about: str = ""
    top: int = 8
    order: str = ""
    target: str = ""
    wide: bool = False
    months: int = 25
    extra: tuple[tuple[str, Any], ...] = ()

    def to_json(self, words: Words, metrics: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For the page, in a language."""
        return _without_defaults(
            {
                "type": "chart",
                "name": self.name,
                "kind": self.kind,
                "measures": [measure.to_json(words, metrics) for measure in self.measures],
                "by": self.by,
                "series": self.series,
                "x": self.x,
                "choices": [[column, words(label), dataset] for column, label, dataset in self.choices],
                "say": self.say,
                "about": words(self.about) if self.about else "",
                "top": self.top,
                "order": self.order,
                "target": self.target,
                "wide": self.wide,
                "months": self.months,
                "extra": dict(self.extra),
            }
        )

    @property
    def datasets(self) -> set[str]:
        """What it reads."""
        chosen = {dataset for _, _, dataset in self.choices if dataset}
        return chosen | {measure.dataset for measure in self.measures} | ({"board"} if self.target else set())


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        field: column of the dataset; with `plus`, the name of what is worked out.
        label: English heading.
        unit: how its values are written: a unit of the metrics, `text`, `code`, `date` or `flag`.
        link: page that its values lead to, and the column that holds the key: `account:account`.
        plus, over: sums, for tables that add up rows.
    """

    field: str
    label: str
    unit: str = "text"
    link: str = ""
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableOf:
    """A table of a dataset.

    Attributes:
        name: names it in the page and in tests.
        dataset: what it shows.
        columns: its columns.
        title: English title with {count}, and {amount} when `amount` names a column; worked out from what is shown.
        group: columns by which rows are added up over the chosen months.
        sort: column it is sorted by at first, and whether descending.
        metric: metric whose card says more.
        where: column and value that its rows have.
        wide: takes the whole width.
        at: `period` adds up the chosen months, `end` takes the last one, `as_of` has no month.
        empty: English text for a company that has no such rows.
        size: rows at a time.
    """

    name: str
    dataset: str
    columns: tuple[Column, ...]
    title: str
    amount: str = ""
    unit: str = "currency"
    group: tuple[str, ...] = ()
    sort: tuple[str, bool] = ("", True)
    metric: str = ""
    where: tuple[tuple[str, Any], ...] = ()
    wide: bool = True
    at: str = "period"
    empty: str = ""
    size: int = 15

    def to_json(self, words: Words, metrics: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For the page, in a language."""
        return _without_defaults(
            {
                "type": "table",
                "name": self.name,
                "dataset": self.dataset,
                "columns": [
                    _without_defaults(
                        {
                            "field": column.field,
                            "label": words(column.label),
                            "unit": column.unit,
                            "link": column.link,
                            "plus": list(column.plus),
                            "minus": list(column.minus),
                            "over": list(column.over),
                        }
                    )
                    for column in self.columns
                ],
                "title": words(self.title),
                "amount": self.amount,
                "unit": self.unit,
                "group": list(self.group),
                "sort": list(self.sort),
                "metric": self.metric if self.metric in metrics else "",
                "where": dict(self.where),
                "wide": self.wide,
                "at": self.at,
                "empty": words(self.empty) if self.empty else "",
                "size": self.size,
            }
        )

    @property
    def datasets(self) -> set[str]:
        """What it reads."""
        return {self.dataset}


@dataclass(frozen=True)
class Attention:
    """Work lists side by side: how many, how much, the first rows with their reasons."""

    name: str
    lists: tuple[tuple[str, str, str, str], ...]  # dataset, English title, page#table, amount column

    def to_json(self, words: Words, metrics: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For the page, in a language."""
        return {
            "type": "attention",
            "name": self.name,
            "lists": [
                {"dataset": dataset, "title": words(title), "page": page, "amount": amount}
                for dataset, title, page, amount in self.lists
            ],
        }

    @property
    def datasets(self) -> set[str]:
        """What it reads."""
        return {dataset for dataset, *_ in self.lists}


Widget = Tiles | Chart | TableOf | Attention


@dataclass(frozen=True)
class Section:
    """Widgets under a heading.

    Attributes:
        title: English heading.
        widgets: what it shows.
        needs: datasets without which there is nothing to show.
    """

    title: str
    widgets: tuple[Widget, ...]
    needs: str = ""


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Attributes:
        name: file name without ending, and key of the navigation.
        title: English title.
        question: English line below it: what the page answers.
        sections: what it shows.
        filters: the filters that it offers.
        pin: filter that the address fixes, on pages of one rep or catalog.
    """

    name: str
    title: str
    question: str
    sections: tuple[Section, ...]
    filters: tuple[str, ...] = ("segment", "country", "rep", "catalog")
    pin: str = ""

    @property
    def datasets(self) -> list[str]:
        """What its widgets read."""
        return sorted({name for section in self.sections for widget in section.widgets for name in widget.datasets})

    @property
    def charts(self) -> int:
        """How many charts it has."""
        return sum(isinstance(widget, Chart) for section in self.sections for widget in section.widgets)


def _without_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """Pages stay small: what is empty is not written."""
    return {key: value for key, value in values.items() if value not in ("", [], {}, False, None, ())}


__all__ = ["Attention", "Chart", "Column", "Measure", "Page", "Section", "TableOf", "Tiles", "Widget"]
