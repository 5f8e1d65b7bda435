"""Writes docs/coverage.md from docs/coverage.yml: python -m warehouse.coverage_docs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from warehouse.project import PROJECT_ROOT

SOURCE = PROJECT_ROOT / "docs" / "coverage.yml"
PAGE = PROJECT_ROOT / "docs" / "coverage.md"

HEAD = """\
# What is asked, and where it is answered

Every question of a B2B commerce team that the warehouse answers: the mart, its columns, and the test that holds an
answer worked out by hand. Written by `make docs` from `docs/coverage.yml`; do not edit it here.

Not there yet: predictive customer value and demand forecasts.
"""


@dataclass(frozen=True)
class Answer:
    """One mart that answers an item.

    Attributes:
        area: heading under which it is asked.
        item: what is asked.
        mart: name of the KPI mart.
        columns: columns of the mart that answer it, or values of a column.
        test: file of the golden test, relative to the project.
    """

    area: str
    item: str
    mart: str
    columns: tuple[str, ...]
    test: Path


def answers() -> Iterator[Answer]:
    """All answers, in the order of the page."""
    for area, content in yaml.safe_load(SOURCE.read_text(encoding="utf-8")).items():
        for item, marts in content["items"].items():
            for named, columns in marts.items():
                mart, _, test = named.partition("@")
                yield Answer(area, item, mart, tuple(columns), Path(f"tests/golden/test_{test or content['test']}.py"))


def coverage_page() -> str:
    """The page as Markdown."""
    page, area = [HEAD], None
    for answer in answers():
        if answer.area != area:
            area = answer.area
            page.append(f"\n## {area}\n\n| asked | mart | columns or values | golden test |\n|---|---|---|---|\n")
        columns = ", ".join(f"`{column}`" for column in answer.columns)
        page.append(f"| {answer.item} | `{answer.mart}` | {columns} | `{answer.test.name}` |\n")
    return "".join(page)


if __name__ == "__main__":
    PAGE.write_text(coverage_page(), encoding="utf-8")
    print(f"Wrote {PAGE}")
