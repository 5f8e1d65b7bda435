"""The kinds of charts, as Vega-Lite specifications without data: a page fills them with the rows of its selection.

Rows bear the same names in every kind: `x` and `y`, `label` for a member, `series` for a colour, `order` for sorting,
`text` for what is written on a mark, `tip` for what is shown under the pointer. `$unit` is replaced by the unit of the
numbers; the format type `show` and the function `month_label` are the page's own, so that an axis writes numbers and
months exactly as the tables do.
"""

from typing import Any

import altair as alt

DATA = alt.NamedData("rows")
UNIT = "$unit"


def specifications() -> dict[str, dict[str, Any]]:
    """Every kind of chart by name."""
    charts = {
        "trend": _trend(),
        "columns": _columns(stack="zero"),
        "shares": _columns(stack="normalize"),
        "bars": _bars(),
        "grouped": _grouped(),
        "heatmap": _heatmap(),
        "waterfall": _waterfall(),
        "scatter": _scatter(),
    }
    return {name: _finished(chart) for name, chart in charts.items()}


def _finished(chart: alt.TopLevelMixin) -> dict[str, Any]:
    specification = chart.properties(width="container").to_dict(validate=False)
    specification.pop("$schema")
    # the page brings its own colours and fonts, for light and dark
    specification["config"] = {"customFormatTypes": True}
    specification["autosize"] = {"type": "fit-x", "contains": "padding"}
    return specification


def _months(**more: Any) -> alt.X:
    axis = alt.Axis(
        labelExpr="month_label(datum.value)", labelOverlap=True, labelSeparation=8, labelAngle=0, title=None, grid=False
    )
    return alt.X("x:O", axis=axis, **more)


def _values(field: str = "y:Q", **more: Any) -> alt.Y:
    return alt.Y(field, axis=alt.Axis(format=UNIT, formatType="show", title=None, tickCount=5), **more)


def _colour(**more: Any) -> alt.Color:
    return alt.Color(
        "series:N", sort=alt.EncodingSortField("series_order", op="min"), legend=alt.Legend(title=None), **more
    )


def _tooltip() -> alt.Tooltip:
    return alt.Tooltip("tip:N")


def _members(**more: Any) -> alt.Y:
    axis = alt.Axis(title=None, domain=False, ticks=False, **more)
    return alt.Y("label:N", sort=alt.EncodingSortField("order", op="min"), axis=axis)


def _when(condition: str) -> Any:
    return alt.condition(condition, alt.value(1), alt.value(0))


def _trend() -> alt.LayerChart:
    base = alt.Chart(DATA).encode(x=_months(), y=_values(scale=alt.Scale(zero=False, nice=True)), color=_colour())
    line = base.mark_line(strokeWidth=2, interpolate="linear").encode(
        strokeDash=alt.condition("datum.is_target", alt.value([5, 4]), alt.value([1, 0])), detail="series:N"
    )
    # a month that is not over is a ring; all layers have the same rows, so that one scale fits them
    is_whole, is_partial = "!datum.is_target && !datum.partial", "!datum.is_target && datum.partial"
    whole = base.mark_point(size=30, filled=True).encode(opacity=_when(is_whole), tooltip=_tooltip())
    partial = base.mark_point(size=40, fill="$paper").encode(opacity=_when(is_partial))
    return alt.layer(line, whole, partial)


def _columns(stack: str) -> alt.Chart:
    axis = alt.Axis(format="rate" if stack == "normalize" else UNIT, formatType="show", title=None, tickCount=5)
    return (
        alt.Chart(DATA)
        .mark_bar()
        .encode(
            x=_months(scale=alt.Scale(paddingInner=0.25)),
            y=alt.Y("y:Q", stack=stack, axis=axis),
            color=_colour(),
            order=alt.Order("series_order:Q"),
            opacity=alt.condition("datum.partial", alt.value(0.45), alt.value(1)),
            tooltip=_tooltip(),
        )
    )


def _bars() -> alt.LayerChart:
    base = alt.Chart(DATA).encode(y=_members())
    value = alt.X("y:Q", axis=None, scale=alt.Scale(zero=True))
    # the period before lies behind, wider and lighter
    before = (
        base.transform_filter("isValid(datum.before)")
        .mark_bar(height={"band": 0.74}, cornerRadiusEnd=2, color="$ghost")
        .encode(x=alt.X("before:Q", axis=None), tooltip=_tooltip())
    )
    bar = base.mark_bar(height={"band": 0.46}, cornerRadiusEnd=2).encode(
        x=value,
        color=alt.condition("datum.muted", alt.value("$muted"), alt.value("$accent")),
        tooltip=_tooltip(),
    )
    text = base.mark_text(align="left", dx=5).encode(x=alt.X("edge:Q", axis=None), text="text:N")
    return alt.layer(before, bar, text)


def _grouped() -> alt.Chart:
    return (
        alt.Chart(DATA)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=_members(),
            yOffset=alt.YOffset("series:N", sort=alt.EncodingSortField("series_order", op="min")),
            x=alt.X("y:Q", axis=alt.Axis(format=UNIT, formatType="show", title=None, tickCount=4)),
            color=_colour(),
            tooltip=_tooltip(),
        )
    )


def _heatmap() -> alt.Chart:
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True, labelSeparation=4, domain=False, ticks=False)
    colour = alt.Color("y:Q", scale=alt.Scale(range=["$heat_low", "$heat_high"], zero=True), legend=None)
    return (
        alt.Chart(DATA)
        .mark_rect()
        .encode(
            x=alt.X("x:O", sort=alt.EncodingSortField("x_order", op="min"), axis=axis),
            y=_members(labelOverlap="greedy"),
            color=colour,
            tooltip=_tooltip(),
        )
    )


def _waterfall() -> alt.LayerChart:
    base = alt.Chart(DATA).encode(
        x=alt.X(
            "label:N",
            sort=alt.EncodingSortField("order", op="min"),
            axis=alt.Axis(title=None, labelAngle=0, labelLimit=90),
        )
    )
    bars = base.mark_bar(width={"band": 0.62}).encode(
        y=alt.Y("from:Q", axis=alt.Axis(format=UNIT, formatType="show", title=None, tickCount=5)),
        y2="y:Q",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=["total", "gain", "loss"], range=["$muted", "$accent", "$loss"]),
            legend=None,
        ),
        tooltip=_tooltip(),
    )
    text = base.mark_text(dy=-7).encode(y=alt.Y("top:Q"), text="text:N")
    return alt.layer(bars, text)


def _scatter() -> alt.Chart:
    axis = {"title": None, "tickCount": 5, "formatType": "show"}
    return (
        alt.Chart(DATA)
        .mark_circle(opacity=0.7, stroke="$paper", strokeWidth=0.5)
        .encode(
            x=alt.X("x:Q", axis=alt.Axis(format="$unit_x", **axis)),
            y=alt.Y("y:Q", axis=alt.Axis(format=UNIT, **axis)),
            size=alt.Size("size:Q", scale=alt.Scale(range=[20, 420]), legend=None),
            color=_colour(),
            tooltip=_tooltip(),
        )
    )
