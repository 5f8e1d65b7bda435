"""What the site is made of: every text translated, the same bytes each time, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest
import yaml
from command_line import CommandLine
from warehouse.project import PROJECT_ROOT
from warehouse.report.catalogues import texts
from warehouse.report.words import catalogue
from warehouse.semantics.cards import LANGUAGES, TRANSLATED

PLACEHOLDER = re.compile(r"\{\w+\}|#")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    known, marked = catalogue(language), texts()
    assert len(marked) > 500
    assert [text for text in marked if not known.get(text)] == [], "python -m warehouse.report.catalogues"
    assert known.keys() - set(marked) == set()
    for text, translation in known.items():
        assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(text)), translation


def test_the_project_knows_what_the_site_reads() -> None:
    """An exposure names each table, so that a change of its contract names the site among its readers."""
    table = re.compile(r"(?:from|join) ((?:kpi|fct|dim)_\w+|reconciliation|rejected_rows|publication_info)\b")
    report = PROJECT_ROOT / "scripts" / "warehouse" / "report"
    read = {name for path in report.glob("*.py") for name in table.findall(path.read_text(encoding="utf-8"))}
    named = {
        name
        for path in (PROJECT_ROOT / "models" / "marts").glob("*/_*__exposures.yml")
        for exposure in yaml.safe_load(path.read_text(encoding="utf-8"))["exposures"]
        if exposure["type"] == "dashboard"
        for name in re.findall(r"ref\('(\w+)'\)", " ".join(exposure["depends_on"]))
    }
    assert len(read) > 60
    assert read - named == set()


def test_every_language_has_every_page(site: Path) -> None:
    pages = {language: sorted(path.name for path in (site / language).glob("*.html")) for language in LANGUAGES}
    assert len(pages["en"]) >= 18
    assert all(pages[language] == pages["en"] for language in LANGUAGES)


def test_the_same_publication_gives_the_same_bytes(site: Path, demo: CommandLine, tmp_path: Path) -> None:
    output = demo.succeed("report", "--output", str(tmp_path / "again"))
    assert f"{tmp_path / 'again' / 'index.html'}" in output
    written = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    again = {
        path.relative_to(tmp_path / "again"): path.read_bytes()
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }
    assert written.keys() == again.keys()
    assert [path for path, content in written.items() if content != again[path]] == []
    # nothing is left of the folder that it was written in
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_pages_ask_for_nothing_elsewhere(site: Path) -> None:
    asking = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(\s*["']?https?:|@import""")
    for path in site.rglob("*"):
        if path.suffix in (".html", ".css") and path.parent.name != "lineage":
            assert not asking.search(path.read_text(encoding="utf-8")), path


def test_without_a_publication_it_says_what_to_do(tmp_path: Path) -> None:
    process = CommandLine(tmp_path, "demo").run("report")
    assert process.returncode == 1
    assert "warehouse build --workspace demo" in process.stderr
    assert not (tmp_path / "demo" / "site").exists()
