"""The cards of the metrics are complete in four languages, and follow the English text."""

import re
from pathlib import Path
from typing import Any

import pytest
from warehouse.manifest import AREAS, Manifest, metrics_with_cards
from warehouse.semantics.cards import FIELDS, LANGUAGES, TRANSLATED, cards_of, catalogue_path, gaps, write_catalogues

# What an analyst calls the same in every language.
NAMES = {"NPS", "CSAT", "OTIF", "ROAS"}
SCRIPTS = {"ru": "[\u0400-\u04ff]", "zh": "[\u4e00-\u9fff]"}


def made_up(**texts: str) -> Manifest:
    """A manifest with one metric and one that is only a part of others."""
    card = {"label": "Revenue", "description": "What was sold.", "reading": "50 % of it", "formula": "a / b", **texts}
    meta = {"area": "overview", "reading": card["reading"], "formula": card["formula"]}
    metric = {"name": "revenue", "label": card["label"], "description": card["description"], "config": {"meta": meta}}
    return {"metrics": {"a": metric, "b": {"name": "part", "config": {"meta": {}}}}}


def translate(marts: Path, field: str, text: str, language: str = "pl") -> None:
    """What a translator does: fills an entry by hand."""
    path = catalogue_path(marts, "overview", language)
    before = path.read_text(encoding="utf-8")
    after = re.sub(rf'(msgctxt "revenue\.{field}"\nmsgid ".*"\nmsgstr )".*"', rf'\1"{text}"', before)
    assert after != before
    path.write_text(after, encoding="utf-8")


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    """A folder of marts with the catalogues of the made-up metric."""
    for area in AREAS:
        (tmp_path / area).mkdir()
    write_catalogues(made_up(), tmp_path)
    return tmp_path


def test_every_text_of_every_language_is_asked_for(marts: Path) -> None:
    assert sorted(gaps(made_up(), marts)) == sorted(
        f"revenue.{field}: no text in {language}" for field in FIELDS for language in ("pl", "ru", "zh")
    )


def test_a_translation_is_read_and_the_rest_is_in_english(marts: Path) -> None:
    translate(marts, "label", "Przychody")
    assert cards_of(made_up(), marts)["revenue"]["pl"] == {
        "label": "Przychody",
        "meaning": "What was sold.",
        "reading": "50 % of it",
        "formula": "a / b",
    }
    assert cards_of(made_up(), marts).keys() == {"revenue"}


def test_a_changed_english_text_is_named_before_and_after_the_files_are_written_anew(marts: Path) -> None:
    translate(marts, "formula", "a przez b")
    changed = made_up(formula="a / c")
    named = "revenue.formula: the English text changed, the one in pl did not"
    assert named in set(gaps(changed, marts))
    for _ in range(2):
        write_catalogues(changed, marts)
        assert named in set(gaps(changed, marts))
        assert cards_of(changed, marts)["revenue"]["pl"]["formula"] == "a przez b"
    path = catalogue_path(marts, "overview", "pl")
    path.write_text(path.read_text(encoding="utf-8").replace("#, fuzzy\n", ""), encoding="utf-8")
    assert named not in set(gaps(changed, marts))


def test_a_text_of_no_metric_is_named_and_dropped(marts: Path) -> None:
    translate(marts, "label", "Przychody")
    none: Manifest = {"metrics": {}}
    assert "revenue.label: a text in pl, and no such metric" in set(gaps(none, marts))
    write_catalogues(none, marts)
    assert list(gaps(none, marts)) == []
    assert not catalogue_path(marts, "overview", "pl").exists()


def test_writing_anew_changes_nothing(marts: Path) -> None:
    translate(marts, "reading", "50 % tego")
    path = catalogue_path(marts, "overview", "pl")
    before = path.read_text(encoding="utf-8")
    write_catalogues(made_up(), marts)
    assert path.read_text(encoding="utf-8") == before
    assert "python-format" not in before


def test_every_metric_states_its_card(manifest: Manifest) -> None:
    metrics = metrics_with_cards(manifest)
    assert metrics
    for name, metric in metrics.items():
        meta: dict[str, Any] = metric["config"]["meta"]
        assert metric["original_file_path"] == f"models/marts/{meta['area']}/_{meta['area']}__metrics.yml", name
        assert set(meta["variants"]) <= metrics.keys(), f"{name}: no such variant"
        assert name not in meta["variants"]


def test_no_card_lacks_a_text(manifest: Manifest) -> None:
    lacking = list(gaps(manifest))
    assert not lacking, f"{len(lacking)} texts: " + "; ".join(lacking[:20])


@pytest.mark.parametrize("language", TRANSLATED)
def test_cards_are_translated(manifest: Manifest, language: str) -> None:
    wrong = []
    for name, by_language in cards_of(manifest).items():
        english, card = by_language["en"], by_language[language]
        for field in FIELDS:
            text = card[field]
            if text in NAMES:
                continue
            if text == english[field]:
                wrong.append(f"{name}.{field}: is the English text")
            elif language in SCRIPTS and not re.search(SCRIPTS[language], text, re.IGNORECASE):
                wrong.append(f"{name}.{field}: {text}")
        wrong += [f"{name}.formula: no {part}" for part in _figures(english["formula"]) - _figures(card["formula"])]
    assert not wrong, f"{len(wrong)} texts: " + "; ".join(wrong[:20])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_metrics_have_the_same_label(manifest: Manifest, language: str) -> None:
    labels = [by_language[language]["label"] for by_language in cards_of(manifest).values()]
    assert sorted({label for label in labels if labels.count(label) > 1}) == []


def _figures(text: str) -> set[str]:
    """Numbers and percent signs; the decimals of a number apart, because languages part them differently."""
    without_thousands = re.sub(r"(?<=\d)[ \u00a0\u202f,.](?=\d{3}\b)", "", text)
    return set(re.findall(r"\d+|%", without_thousands.replace("\uff05", "%")))
