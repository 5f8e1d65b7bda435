"""The queries of the README and the analyses run on the demo and answer something."""

import re

import pytest
from command_line import CommandLine
from warehouse.project import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r'^\.venv/bin/warehouse sql "([^"]+)"$', README, flags=re.MULTILINE)
METRICS = re.findall(r"^\.venv/bin/warehouse (metric [^#\n]+)", README, flags=re.MULTILINE)
ANALYSES = sorted((PROJECT_ROOT / "analyses").glob("*.sql"))


def test_there_are_three_first_queries() -> None:
    assert len(QUERIES) == 3


@pytest.mark.parametrize("query", QUERIES)
def test_first_queries(demo: CommandLine, query: str) -> None:
    assert demo.rows(query)


@pytest.mark.parametrize("arguments", METRICS)
def test_metrics(demo: CommandLine, arguments: str) -> None:
    assert demo.succeed(*arguments.split())


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_analyses(demo: CommandLine, path: object) -> None:
    # what `dbt compile` makes of it, on the published names
    sql = re.sub(r"\{\{\s*ref\('(\w+)'\)\s*\}\}", r"\1", path.read_text(encoding="utf-8"))
    assert demo.rows(sql)
