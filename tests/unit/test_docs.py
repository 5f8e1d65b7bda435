"""What the docs say is true: generated pages are fresh, names exist, and the README's queries run."""

import re

import pytest
import yaml
from warehouse.contract_docs import PAGE, contract_page
from warehouse.manifest import AREAS, Manifest, metrics_with_cards
from warehouse.metric_docs import DEFINITIONS, FOLDER, metric_page
from warehouse.project import PROJECT_ROOT, known_systems, raw_tables
from warehouse.semantics.cards import LANGUAGES
from warehouse.semantics.words import words

MODELS = PROJECT_ROOT / "models"
LAYERS = ("conformed", "intermediate", "marts")


def test_the_contract_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == contract_page(), "run `make docs`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_metric_dictionary_is_fresh(manifest: Manifest, language: str) -> None:
    assert (FOLDER / f"{language}.md").read_text(encoding="utf-8") == metric_page(manifest, language), "run `make docs`"


def test_every_metric_has_words_in_every_language(manifest: Manifest) -> None:
    used = {
        (kind, metric["config"]["meta"][kind])
        for metric in metrics_with_cards(manifest).values()
        for kind in ("area", "unit", "direction", "additivity", "clock", "owner")
    }
    lacking = [
        f"{kind}: {code}"
        for kind, code in used
        if not {*LANGUAGES} - ({"en"} if kind == "clock" else set()) <= words()[kind].get(code, {}).keys()
    ]
    assert not lacking, f"not in words.yml: {sorted(lacking)}"
    clocks = {code for kind, code in used if kind == "clock"}
    assert words()["clock"].keys() <= clocks, "no metric has such a clock"


def test_the_areas_of_metrics_are_folders_and_have_pages() -> None:
    folders = [path.name for path in (MODELS / "marts").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted([*AREAS, "core", "quality"])
    assert DEFINITIONS.keys() == set(AREAS) == words()["area"].keys()


def test_flat_file_takes_every_entity() -> None:
    entities = sorted(path.stem for path in (MODELS / "conformed").glob("*.sql"))
    assert sorted(known_systems()["flat_file"]) == entities
    assert sorted(raw_tables("flat_file")) == entities


@pytest.mark.parametrize("system", sorted(known_systems()))
def test_a_system_provides_what_it_has_models_for(system: str) -> None:
    models = {path.stem.split("__")[1] for path in (MODELS / "staging" / system).glob(f"stg_{system}__*.sql")}
    # a model may prepare what others of its system share; it provides no entity of its own
    assert models - {"invoice_lines"} == set(known_systems()[system])


@pytest.mark.parametrize("path", sorted(MODELS.rglob("*.sql")), ids=lambda path: path.stem)
def test_every_model_states_its_grain_and_has_yaml(path: object) -> None:
    assert path.read_text(encoding="utf-8").startswith("-- Grain: "), f"{path} does not open with its grain"
    described = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"][0]
    assert described["name"] == path.stem
    assert len(described["description"]) > 30


def test_links_of_the_docs_lead_somewhere() -> None:
    pages = [*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_analysis_opens_with_its_question() -> None:
    analyses = sorted((PROJECT_ROOT / "analyses").glob("*.sql"))
    assert len(analyses) >= 8
    for path in analyses:
        comment = re.match(r"(?:--.*\n)+", path.read_text(encoding="utf-8"))
        assert comment, f"{path.name} does not open with a comment"
        assert "?" in comment[0], f"{path.name} asks nothing"


def test_every_headline_metric_has_an_entry() -> None:
    board = (MODELS / "marts" / "overview" / "kpi_board.yml").read_text(encoding="utf-8")
    metrics = re.findall(r"^ {18}- (\w+)$", board, flags=re.MULTILINE)
    entries = (PROJECT_ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert len(metrics) == 14
    for metric in metrics:
        assert f"| `{metric}` |" in entries
