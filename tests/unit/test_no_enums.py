"""No SQL of the project makes an enum: DuckDB 2.0.0 with two threads writes rows of enums wrongly to Parquet.

Measured with an enum of 60,000 words and a million rows: in 78 of 724 files an empty text stood for a word; in none of
445 with one thread, and in none of 400 of the same texts as varchar.
"""

import re
from pathlib import Path

from warehouse.project import PROJECT_ROOT

ENUM = re.compile(r"\bas\s+enum\s*\(|::\s*enum\s*\(|\bcreate\s+(or\s+replace\s+)?type\b", re.IGNORECASE)


def files_with_enums(*folders: Path) -> list[str]:
    return sorted(
        file.name
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in (".py", ".sql") and ENUM.search(file.read_text(encoding="utf-8"))
    )


def test_no_sql_makes_an_enum(tmp_path: Path) -> None:
    assert files_with_enums(*(PROJECT_ROOT / name for name in ("scripts", "macros", "models", "analyses"))) == []
    for number, text in enumerate(
        ["select cast(a as ENUM ('x'))", "select a::enum('x')", "create type t as enum ('x')", "from enum import Enum"]
    ):
        (tmp_path / f"{number}.sql").write_text(text, encoding="utf-8")
    assert files_with_enums(tmp_path) == ["0.sql", "1.sql", "2.sql"]
