"""The words of the site in four languages: gettext files beside this one, and names by Babel.

`_` marks a text in the code; `Words` gives it in a language. Codes of the warehouse, such as `web_self_service`, are
named in codes.py.
"""

from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

from warehouse.metric_card import LOCALES
from warehouse.semantics.cards import ENGLISH, LANGUAGES

LOCALE_FOLDER = Path(__file__).with_name("locale")
# each language by its own name, as a reader looks for it
LANGUAGE_NAMES = {"en": "English", "pl": "Polski", "ru": "Русский", "zh": "中文"}


def _(text: str) -> str:
    """Marks a text for translation, and leaves it as it is."""
    return text


class Words:
    """The texts of the site in one language."""

    def __init__(self, language: str) -> None:
        """Reads the language's catalogue; English is the language of the code itself."""
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._texts = catalogue(language)

    def __call__(self, text: str) -> str:
        """The text in this language; in English where there is no translation."""
        return self._texts.get(text) or text

    @property
    def tag(self) -> str:
        """The language for HTML and for Intl in the browser: the same locale as Babel's."""
        return {"en": "en-GB", "pl": "pl-PL", "ru": "ru-RU", "zh": "zh-CN"}[self.language]

    def countries(self) -> dict[str, str]:
        """Names of countries by ISO code."""
        return {code: name for code, name in sorted(self.locale.territories.items()) if len(code) == 2}


@cache
def catalogue(language: str) -> dict[str, str]:
    """The translations of a language by English text."""
    if language == ENGLISH:
        return {}
    with (LOCALE_FOLDER / f"{language}.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, charset="utf-8") if message.id}


__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "Words", "_", "catalogue"]
