"""Everything that is asked for is a column of a mart with a golden test, and docs/coverage.md says so."""

import pytest
import yaml
from warehouse.coverage_docs import PAGE, Answer, answers, coverage_page
from warehouse.project import PROJECT_ROOT

MARTS = {path.stem: path for path in (PROJECT_ROOT / "models" / "marts").rglob("kpi_*.yml")}
ANSWERS = list(answers())


def columns_of(mart: str) -> set[str]:
    (model,) = yaml.safe_load(MARTS[mart].read_text(encoding="utf-8"))["models"]
    return {column["name"] for column in model["columns"]}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.mart}: {answer.item}")
def test_what_is_asked_is_answered_and_tested(answer: Answer) -> None:
    assert answer.mart in MARTS, f"no mart {answer.mart}"
    missing = set(answer.columns) - columns_of(answer.mart)
    assert not missing, f"{answer.mart} has no column {sorted(missing)}"
    # an area may have several files: customers, customer_metrics
    files = (PROJECT_ROOT / answer.test.parent).glob(f"{answer.test.stem}*.py")
    tests = "".join(path.read_text(encoding="utf-8") for path in files)
    assert answer.mart in tests, f"{answer.test} does not name {answer.mart}"
    untested = [column for column in answer.columns if column not in tests]
    assert not untested, f"{answer.test} does not name {untested} of {answer.mart}"


def test_every_kpi_mart_answers_something() -> None:
    helpers = {"kpi_board_measures", "kpi_service_account", "kpi_competitor_price"}
    assert set(MARTS) - {answer.mart for answer in ANSWERS} == helpers


def test_the_coverage_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage_page(), "run `make docs`"
