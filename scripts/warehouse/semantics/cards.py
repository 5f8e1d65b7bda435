"""The cards of the metrics in four languages: python -m warehouse.semantics.cards.

English stands with the metric. Each other language has a gettext file an area, `_<area>__cards.<language>.po` beside
the metrics, one entry per metric and field: its context is `<metric>.<field>`, its msgid the English text. Where the
English text has changed since, the translation is kept and marked `fuzzy`: who has read it over takes the mark away.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from warehouse.manifest import AREAS, Manifest, metrics_with_cards, parse_project
from warehouse.project import PROJECT_ROOT

ENGLISH = "en"
TRANSLATED = ("pl", "ru", "zh")
LANGUAGES = (ENGLISH, *TRANSLATED)
FIELDS = ("label", "meaning", "reading", "formula")
MARTS = PROJECT_ROOT / "models" / "marts"
HEADER = """\
# Cards of the metrics of this folder; see scripts/warehouse/semantics/cards.py.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Card = dict[str, str]


def cards_of(manifest: Manifest, marts: Path = MARTS) -> dict[str, dict[str, Card]]:
    """The cards of all metrics, by metric, language and field; a text without translation is in English."""
    cards = {name: {ENGLISH: english_card(metric)} for name, metric in metrics_with_cards(manifest).items()}
    for language in TRANSLATED:
        translations = _translations(language, marts)
        for name, by_language in cards.items():
            by_language[language] = {
                field: (translations[f"{name}.{field}"].string if f"{name}.{field}" in translations else "") or text
                for field, text in by_language[ENGLISH].items()
            }
    return cards


def english_card(metric: dict[str, Any]) -> Card:
    """The card as the metric itself states it."""
    meta = metric["config"]["meta"]
    texts = {
        "label": metric["label"],
        "meaning": metric["description"],
        "reading": meta["reading"],
        "formula": meta["formula"],
    }
    return {field: " ".join(texts[field].split()) for field in FIELDS}


def gaps(manifest: Manifest, marts: Path = MARTS) -> Iterator[str]:
    """What the translations lack, one line a text: none there, of another English text, or of no metric."""
    wanted = dict(_english_texts(metrics_with_cards(manifest)))
    for language in TRANSLATED:
        translations = _translations(language, marts)
        for context, text in wanted.items():
            message = translations.get(context)
            if message is None or not message.string:
                yield f"{context}: no text in {language}"
            elif message.id != text or message.fuzzy:
                yield f"{context}: the English text changed, the one in {language} did not"
        for context in translations.keys() - wanted.keys():
            yield f"{context}: a text in {language}, and no such metric"


def write_catalogues(manifest: Manifest, marts: Path = MARTS) -> None:
    """Brings the files up to the metrics: keeps translations, adds empty entries, drops those of no metric."""
    metrics = metrics_with_cards(manifest)
    for language in TRANSLATED:
        for area in AREAS:
            in_area = {name: m for name, m in metrics.items() if m["config"]["meta"]["area"] == area}
            _write(marts, area, language, dict(_english_texts(in_area)))


def catalogue_path(marts: Path, area: str, language: str) -> Path:
    """The gettext file of an area and language."""
    return marts / area / f"_{area}__cards.{language}.po"


def _write(marts: Path, area: str, language: str, wanted: dict[str, str]) -> None:
    path = catalogue_path(marts, area, language)
    if not wanted:
        path.unlink(missing_ok=True)
        return
    known = _read(path)
    catalogue = Catalog()
    for context, text in wanted.items():
        message = Message(text, context=context)
        before = known.get(context)
        message.flags.clear()  # Babel takes "50 % of" for a placeholder
        if before and before.string:
            message.string = before.string
            if before.fuzzy or before.id != text:
                message.flags.add("fuzzy")
        catalogue[text] = message
    with path.open("wb") as file:
        # Babel's own header holds the time, by which every run would change the file.
        file.write(HEADER.format(language=language).encode())
        write_po(file, catalogue, width=110, omit_header=True)


def _translations(language: str, marts: Path) -> dict[str, Message]:
    return {
        context: message for area in AREAS for context, message in _read(catalogue_path(marts, area, language)).items()
    }


def _read(path: Path) -> dict[str, Message]:
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {message.context: message for message in read_po(file, charset="utf-8") if message.id}


def _english_texts(metrics: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, metric in metrics.items():
        for field, text in english_card(metric).items():
            yield f"{name}.{field}", text


def main(marts: Path = MARTS) -> None:
    """Writes the files, and says what is to be translated."""
    manifest = parse_project()
    write_catalogues(manifest, marts)
    missing = list(gaps(manifest, marts))
    print("\n".join([*missing, f"Wrote {marts}: {len(missing)} texts to be translated"]))


if __name__ == "__main__":
    main()
