"""Which column of the contract a column of an export probably is, by its name."""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import yaml

SYNONYM = 0.95
# what a decomposition leaves as it is
STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
# how Germans write umlauts where they have none
WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def folded(text: str) -> str:
    """A text in lower case, without the marks on its letters: Währung is wahrung, Außendienst aussendienst."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(STROKES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def spellings(text: str) -> list[str]:
    """How a word may be written, folded: fällig is fallig and faellig."""
    return list(dict.fromkeys([folded(text), folded(text.casefold().translate(WITHOUT_UMLAUTS))]))


def bare(name: str) -> str:
    """Letters and digits of a name, folded. A rate is not the amount of the same name: `%` is a word."""
    return "".join(character for character in folded(name).replace("%", "percent") if character.isalnum())


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Column or table of the contracts -> names that exports have for it, as `bare` makes them, commonest first."""
    listed = yaml.safe_load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))
    return {
        column: tuple(bare(spelling) for name in names for spelling in spellings(name))
        for column, names in listed.items()
    }


def likeness(name: str, column: str) -> float:
    """How much the name of an export's column is that of a contract's: 1 is the same, 0 has nothing in common."""
    if bare(name) == bare(column):
        return 1.0
    known = synonyms().get(column, ())
    if bare(name) in known:
        # the commoner synonym wins where a file has two
        return SYNONYM - known.index(bare(name)) / 1000
    return min(SequenceMatcher(None, bare(name), bare(column)).ratio(), 0.94)


def likely_pairs(names: Iterable[str], columns: Iterable[str], at_least: float) -> dict[str, str]:
    """Column of the export -> column of the contract, each once, the most alike first."""
    ranked = sorted(
        (
            (-likeness(name, column), position, place, name, column)
            for position, column in enumerate(columns)
            for place, name in enumerate(names)
        ),
    )
    pairs: dict[str, str] = {}
    for score, _, _, name, column in ranked:
        if -score >= at_least and name not in pairs and column not in pairs.values():
            pairs[name] = column
    return pairs
