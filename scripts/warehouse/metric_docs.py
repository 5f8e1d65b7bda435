"""Writes docs/metrics/<language>.md from the metrics and their cards: python -m warehouse.metric_docs."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel import Locale

from warehouse.manifest import AREAS, Manifest, metrics_with_cards, parse_project
from warehouse.project import PROJECT_ROOT
from warehouse.semantics.cards import ENGLISH, LANGUAGES, Card, cards_of
from warehouse.semantics.words import word

FOLDER = PROJECT_ROOT / "docs" / "metrics"

# Where the choices behind the metrics of an area are written down.
DEFINITIONS = {
    "overview": "metrics.md",
    "customers": "metrics_customers.md",
    "catalogs": "metrics_catalogs.md",
    "quotes": "metrics_quotes_sales.md",
    "sales": "metrics_quotes_sales.md",
    "web": "metrics_web.md",
    "orders": "metrics_catalogs.md",
    "marketing": "metrics_marketing.md",
    "operations": "metrics_operations.md",
    "finance": "metrics_finance.md",
    "service": "metrics_marketing.md",
}


def metric_page(manifest: Manifest, language: str) -> str:
    """The dictionary in one language, as Markdown; the order is that of the English labels in all."""
    metrics = metrics_with_cards(manifest)
    cards = {name: card[language] for name, card in cards_of(manifest).items()}
    by_area = {
        area: sorted(
            (name for name, metric in metrics.items() if _meta(metric)["area"] == area),
            key=lambda name: metrics[name]["label"],
        )
        for area in AREAS
    }
    colon = word("texts", "colon", language)
    lines = [
        f"# {word('headings', 'title', language)}",
        "",
        word("texts", "introduction", language).format(page="[docs/metrics.md](../metrics.md)"),
        "",
        word("texts", "languages", language)
        + word("texts", "colon", language)
        + _joined(_other_pages(language), language),
        "",
        f"## {word('headings', 'contents', language)}",
        "",
    ]
    for area, names in by_area.items():
        if names:
            links = _joined((_link(name, cards) for name in names), language)
            lines.append(f"- [**{word('area', area, language)}**](#area_{area}){colon}{links}")
    for area, names in by_area.items():
        if names:
            lines += ["", f'## <a id="area_{area}"></a>{word("area", area, language)}', ""]
            lines.append(_line("source", f"[{DEFINITIONS[area]}](../{DEFINITIONS[area]})", language))
        for name in names:
            lines += _metric(name, _meta(metrics[name]), cards, language)
    return "\n".join(lines) + "\n"


def _metric(name: str, meta: dict[str, Any], cards: dict[str, Card], language: str) -> Iterator[str]:
    card = cards[name]
    facts = [word(kind, meta[kind], language) for kind in ("unit", "direction", "additivity")]
    yield from ("", f'### <a id="{name}"></a>{card["label"]}', "", f"`{name}` · {' · '.join(facts)}", "")
    yield from (_escaped(card["meaning"]), "")
    if language == ENGLISH:  # questions are asked in English only
        yield _item("question", _escaped(meta["question"]), language)
    yield _item("formula", _escaped(card["formula"]), language)
    yield _item("reading", _escaped(card["reading"]), language)
    yield _item("clock", word("clock", meta["clock"], language), language)
    yield _item("owner", word("owner", meta["owner"], language), language)
    if meta["variants"]:
        yield _item("variants", _joined((_link(other, cards) for other in meta["variants"]), language), language)
    if meta["mart"]:
        yield _item("mart", f"`{meta['mart']['model']}`", language)


def _item(heading: str, text: str, language: str) -> str:
    return "- " + _line(heading, text, language)


def _line(heading: str, text: str, language: str) -> str:
    return f"**{word('headings', heading, language)}**{word('texts', 'colon', language)}{text}"


def _joined(texts: Iterable[str], language: str) -> str:
    return word("texts", "comma", language).join(texts)


def _link(name: str, cards: dict[str, Card]) -> str:
    return f"[{cards[name]['label']}](#{name})"


def _other_pages(language: str) -> Iterator[str]:
    for other in LANGUAGES:
        if other != language:
            yield f"[{Locale(other).get_display_name(other)}]({other}.md)"


def _meta(metric: dict[str, Any]) -> dict[str, Any]:
    return metric["config"]["meta"]


def _escaped(text: str) -> str:
    """Text in which Markdown marks nothing: `3 * 4 * 5` is no emphasis."""
    return text.replace("*", r"\*").replace("_", r"\_").replace("<", r"\<")


def main(folder: Path = FOLDER) -> None:
    """Writes the pages."""
    manifest = parse_project()
    folder.mkdir(exist_ok=True)
    for language in LANGUAGES:
        page = folder / f"{language}.md"
        page.write_text(metric_page(manifest, language), encoding="utf-8")
        print(f"Wrote {page}")


if __name__ == "__main__":
    main()
