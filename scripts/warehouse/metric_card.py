"""The card of a metric with its value, read from a publication: `warehouse metric`."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

import duckdb
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from warehouse.errors import WarehouseError
from warehouse.manifest import AREAS
from warehouse.metric_docs import DEFINITIONS
from warehouse.semantics.cards import ENGLISH
from warehouse.semantics.words import word

CATALOG = "metric_catalog"
LOCALES = {"en": "en_GB", "pl": "pl_PL", "ru": "ru_RU", "zh": "zh_Hans_CN"}
# Asked now and then: compared with the last wave of answers, as the board does.
ASKED_IN_WAVES = {"nps"}
UNITS_OF_TIME = {"seconds": "second", "hours": "hour", "days": "day", "months": "month"}

Metric = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a metric says.

    Attributes:
        month: the last complete month with a value; None for what is only known as of the last day of the data.
        value: its value; None when there is none.
        previous: the value of the month before, of a survey that of the wave before; None when that month is not
            complete, or there is none.
        previous_month: that month.
        trend: ↑ or ↓ from a relative change of the threshold on, → below it, empty when nothing can be compared.
    """

    month: date | None
    value: float | None
    previous: float | None
    trend: str
    previous_month: date | None = None

    @property
    def change(self) -> float | None:
        """The value less that of the month before."""
        return None if self.value is None or self.previous is None else self.value - self.previous

    @property
    def change_rate(self) -> float | None:
        """The same, relative to the size of the month before."""
        return self.change / abs(self.previous) if self.change is not None and self.previous else None


class MetricBook:
    """The metrics of a publication."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, trend_threshold: float) -> None:
        """Reads the catalog of metrics that the build left in the publication.

        Raises:
            WarehouseError: the publication has none.
        """
        self._connection = connection
        self._trend_threshold = trend_threshold
        if not _rows(connection, "select 1 as found from duckdb_tables() where table_name = ?", [CATALOG]):
            raise WarehouseError(
                f"This publication has no {CATALOG}: it was built before metrics were published. "
                "Run `warehouse build`, which publishes them."
            )
        rows = _rows(connection, f"select * from {CATALOG}")
        rows.sort(key=lambda row: (AREAS.index(row["area"]), row["metric"]))
        self._metrics = {row["metric"]: _decoded(row) for row in rows}
        self._by_month: dict[str, dict[date, float]] = {}

    def metric(self, name: str) -> Metric:
        """One metric.

        Raises:
            WarehouseError: there is none of this name; the message names the nearest.
        """
        if name not in self._metrics:
            near = get_close_matches(name.lower().replace(" ", "_").replace("-", "_"), self._metrics, n=3, cutoff=0.5)
            hint = f"Did you mean {', '.join(near)}?" if near else "See `warehouse metric --list`."
            raise WarehouseError(f"There is no metric '{name}'. {hint}")
        return self._metrics[name]

    def search(self, text: str = "", area: str = "") -> list[Metric]:
        """The metrics in whose name, question or cards a text occurs, in any language.

        Raises:
            WarehouseError: there is no such area.
        """
        if area and area not in AREAS:
            raise WarehouseError(f"There is no area '{area}'. Areas: {', '.join(AREAS)}.")
        return [
            metric
            for metric in self._metrics.values()
            if area in ("", metric["area"]) and text.casefold() in _searchable(metric)
        ]

    def reading(self, metric: Metric) -> Reading:
        """The value of the last complete month that has one, and how it compares with the month or wave before."""
        values = self._values(metric)
        if _is_snapshot(metric):
            return Reading(None, values[max(values)] if values else None, None, "")
        complete = self._complete_months(metric)
        missing = 0.0 if metric["additivity"] == "additive" else None
        stated = [month for month in complete if values.get(month, missing) is not None]
        if not stated:
            return Reading(None, None, None, "")
        month = max(stated)
        waves = [one for one in stated if one < month]
        before = max(waves) if metric["metric"] in ASKED_IN_WAVES and waves else _month_before(month)
        value = values.get(month, missing)
        previous = values.get(before, missing) if before in complete else None
        return Reading(month, value, previous, self._trend(value, previous), before)

    def months(self, metric: Metric) -> list[tuple[str, float]]:
        """Its value by month, as YYYY-MM; months that are not over are among them."""
        return [(month.isoformat()[:7], value) for month, value in sorted(self._values(metric).items())]

    def information(self) -> dict[str, Any]:
        """What the numbers are stated in and for."""
        (row,) = _rows(self._connection, "select * from publication_info")
        return row

    def _values(self, metric: Metric) -> dict[date, float]:
        name = metric["metric"]
        if name not in self._by_month:
            self._by_month[name] = {
                _day(row["metric_time__month"]): float(row[name])
                for row in _rows(self._connection, metric["sql"])
                # what has no day belongs to no month
                if row["metric_time__month"] is not None and row[name] is not None
            }
        return self._by_month[name]

    def _complete_months(self, metric: Metric) -> list[date]:
        """Months that are over and, for what is more than a sum of its days, ripe in the eyes of its mart."""
        mart = metric["mart"]
        query = "select 1 from duckdb_columns() where table_name = ? and column_name = 'is_complete_period'"
        if mart and metric["additivity"] != "additive" and _rows(self._connection, query, [mart["model"]]):
            where = f"where {mart['where']}" if mart.get("where") else ""
            rows = _rows(
                self._connection,
                f"select {mart['month']} as month from {mart['model']} {where} group by 1"
                " having bool_and(is_complete_period)",
            )
            return [_day(row["month"]) for row in rows if row["month"] is not None]
        information = self.information()
        first, last = information["data_starts_on"], information["as_of_on"]
        if last is None:
            return []
        months, month = [], _month_before((last + timedelta(days=1)).replace(day=1))
        while first <= month + timedelta(days=6):  # as int_months has it
            months.append(month)
            month = _month_before(month)
        return months

    def _trend(self, value: float | None, previous: float | None) -> str:
        rate = Reading(None, value, previous, "").change_rate
        if rate is None:
            return ""
        if abs(rate) < self._trend_threshold:
            return "→"
        return "↑" if rate > 0 else "↓"


def card_rows(metric: Metric, book: MetricBook, language: str) -> list[tuple[str, str]]:
    """The card as headings and texts: what it says now, then what it means."""
    card = metric["cards"][language]
    texts = {
        **({"question": metric["question"]} if language == ENGLISH else {}),  # questions are asked in English only
        "formula": card["formula"],
        "reading": card["reading"],
        **{kind: word(kind, metric[kind], language) for kind in ("unit", "direction", "additivity", "clock", "owner")},
        "variants": word("texts", "comma", language).join(
            f"{book.metric(other)['cards'][language]['label']} ({other})" for other in metric["variants"]
        ),
        "mart": (metric["mart"] or {}).get("model", ""),
        "source": f"docs/{DEFINITIONS[metric['area']]}",
    }
    rows = [(word("headings", heading, language), text) for heading, text in texts.items() if text]
    return [*_value_rows(metric, book, language), *rows]


def _value_rows(metric: Metric, book: MetricBook, language: str) -> list[tuple[str, str]]:
    reading, information = book.reading(metric), book.information()
    currency, locale = information["base_currency"], LOCALES[language]
    if reading.month is None:
        if not _is_snapshot(metric) or information["as_of_on"] is None:
            return [(word("headings", "value", language), word("texts", "no_complete_month", language))]
        day = word("texts", "as_of", language).format(day=format_date(information["as_of_on"], "long", locale=locale))
        return [(day, formatted(reading.value, metric["unit"], currency, language))]
    months = ((reading.month, reading.value), (reading.previous_month, reading.previous))
    rows = [
        (format_skeleton("yMMMM", month, locale=locale), formatted(value, metric["unit"], currency, language))
        for month, value in months
    ]
    if reading.change is not None:
        rows.append((word("headings", "change", language), _change_text(reading, metric, currency, language)))
    return rows


def _change_text(reading: Reading, metric: Metric, currency: str, language: str) -> str:
    locale, change = LOCALES[language], reading.change
    if metric["unit"] == "rate":  # a share changes by points; the percentage beside it is relative
        points = format_decimal(round(change * 100, 1), locale=locale)
        text = f"{points} {word('texts', 'points', language)}"
    else:
        text = formatted(change, metric["unit"], currency, language)
    parts = ["+" * (change > 0) + text]
    if reading.change_rate is not None:
        relative = format_percent(round(reading.change_rate, 3), locale=locale, decimal_quantization=False)
        parts.append(f"({'+' * (reading.change_rate > 0)}{relative})")
    parts.append(reading.trend)
    good = {"up": "↑", "down": "↓"}.get(metric["direction"])
    if good and reading.trend in ("↑", "↓"):
        parts.append(word("texts", "better" if reading.trend == good else "worse", language))
    return " ".join(part for part in parts if part)


def formatted(value: float | None, unit: str, currency: str, language: str) -> str:
    """A value as it is written in a language."""
    locale = LOCALES[language]
    if value is None:
        return word("texts", "no_value", language)
    if unit == "rate":
        return format_percent(round(value, 3), locale=locale, decimal_quantization=False)
    if unit in UNITS_OF_TIME:
        # Chinese has but one form of these units, which Babel calls the short one
        length = "short" if language == "zh" else "long"
        return format_unit(round(value, 1), f"duration-{UNITS_OF_TIME[unit]}", length=length, locale=locale)
    if unit in ("currency", "currency_per_day"):
        amount = format_currency(value, currency, locale=locale)
        return amount if unit == "currency" else word("texts", "per_day", language).format(amount=amount)
    return format_decimal(round(value, 2), locale=locale)


def _is_snapshot(metric: Metric) -> bool:
    """Whether it is only known as of the last day of the data, which is then the only day of its mart."""
    return "as_of_on" in (metric["mart"] or {}).get("month", "")


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _searchable(metric: Metric) -> str:
    texts = [text for card in metric["cards"].values() for text in card.values()]
    return "\n".join([metric["metric"], metric["metric"].replace("_", " "), metric["question"], *texts]).casefold()


def _decoded(row: Metric) -> Metric:
    return row | {name: json.loads(row[name]) if row[name] else None for name in ("cards", "mart")}


def _day(value: Any) -> date:
    return value.date() if hasattr(value, "date") else value


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> list[Metric]:
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
