"""The queries of the README and the analyses run on the demo and answer something."""

import re
import shlex

import pytest
from command_line import CommandLine
from warehouse.project import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r'^\.venv/bin/warehouse sql "([^"]+)"$', README, flags=re.MULTILINE)
SEMANTIC_QUERIES = re.findall(r"^\.venv/bin/warehouse mf -- (.+)$", README, flags=re.MULTILINE)
ANALYSES = sorted((PROJECT_ROOT / "analyses").glob("*.sql"))


def test_there_are_queries_to_start_with() -> None:
    assert len(QUERIES) == 4
    assert len(SEMANTIC_QUERIES) == 6


@pytest.mark.parametrize("query", QUERIES)
def test_queries(demo: CommandLine, query: str) -> None:
    assert demo.rows(query)


@pytest.mark.parametrize("query", SEMANTIC_QUERIES)
def test_semantic_queries(demo: CommandLine, query: str) -> None:
    assert "✔" in demo.succeed("mf", "--", *shlex.split(query))


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_analyses(demo: CommandLine, path: object) -> None:
    # what `dbt compile` makes of it, on the published names
    sql = re.sub(r"\{\{\s*ref\('(\w+)'\)\s*\}\}", r"\1", path.read_text(encoding="utf-8"))
    assert demo.rows(sql)
