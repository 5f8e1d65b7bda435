"""Brings the gettext files up to the texts of the code: python -m warehouse.report.catalogues.

A text is marked by `_` in the Python files and templates; English is the text itself. Entries stand in the order of the
code, translations that no text has any more are dropped.
"""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from warehouse.report.words import LOCALE_FOLDER, catalogue
from warehouse.semantics.cards import TRANSLATED

SOURCES = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
HEADER = """\
# Texts of the report site; see scripts/warehouse/report/catalogues.py.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def texts() -> list[str]:
    """Every English text of the site, each once."""
    found = extract_from_dir(str(Path(__file__).parent), method_map=SOURCES, keywords={"_": None})
    return list(dict.fromkeys(message for _, _, message, _, _ in found if isinstance(message, str)))


def write_catalogue(language: str, translations: dict[str, str]) -> None:
    """Writes the file of a language; a text without translation is an empty entry."""
    catalog = Catalog()
    for text in texts():
        message = Message(text, translations.get(text, ""))
        message.flags.clear()  # Babel takes "20 % of" for a placeholder
        catalog[text] = message
    with (LOCALE_FOLDER / f"{language}.po").open("wb") as file:
        # Babel's own header holds the time, by which every run would change the file
        file.write(HEADER.format(language=language).encode())
        write_po(file, catalog, width=110, omit_header=True, sort_output=False)


def main() -> None:
    """Writes the files, and says what is to be translated."""
    for language in TRANSLATED:
        known = catalogue(language)
        write_catalogue(language, known)
        missing = [text for text in texts() if not known.get(text)]
        print("\n".join([*(f"{language}: {text}" for text in missing), f"{language}: {len(missing)} to be translated"]))


if __name__ == "__main__":
    main()
