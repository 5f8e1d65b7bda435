"""The words around the cards of the metrics, in each language (words.yml)."""

from functools import cache
from pathlib import Path

import yaml

from warehouse.semantics.cards import ENGLISH


def word(kind: str, code: str, language: str) -> str:
    """What a code is called; a clock that the metrics state in English is the English text itself.

    Args:
        kind: a section of words.yml, such as `unit`.
        code: an entry of it.
        language: one of `warehouse.semantics.cards.LANGUAGES`.
    """
    if kind == "clock" and language == ENGLISH:
        return code
    return words()[kind][code][language]


@cache
def words() -> dict[str, dict[str, dict[str, str]]]:
    """All of words.yml."""
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
