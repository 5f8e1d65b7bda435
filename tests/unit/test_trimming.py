"""Values without blanks at their ends: the quick look at a column (macros/sql/engine.sql) misses none."""

import random
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import duckdb
from jinja2 import Environment

ENGINE = Path(__file__).parents[2] / "macros" / "sql" / "engine.sql"
# Visible and not, ASCII and not: tab, no-break space, soft hyphen, zero-width space and joiner, byte order mark, ...
CHARACTERS = "aZ09!~- \t\n\r\f\x00\x1f\x7f\u00a0\u00ad\u00e9\u200b\u200d\u2028\u3000\u4f60\ufeff\U0001f600"


def rendered(macro: str, *arguments: str) -> str:
    """SQL of a macro for DuckDB."""
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.globals["adapter"] = SimpleNamespace(dispatch=lambda name: getattr(module, f"duckdb__{name}"))
    module = environment.from_string(ENGINE.read_text(encoding="utf-8")).module
    return str(getattr(module, macro)(*arguments))


def is_blank(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("Z") or category == "Cf" or character in "\t\n\r\f"


def without_blanks(text: str) -> str | None:
    """Worked out character by character."""
    visible = [position for position, character in enumerate(text) if not is_blank(character)]
    return text[visible[0] : visible[-1] + 1] if visible else None


def test_blanks_at_the_ends_are_found_whatever_they_are() -> None:
    draw = random.Random(1)
    texts = {"".join(draw.choices(CHARACTERS, k=draw.randint(0, 5))) for _ in range(20_000)}
    with duckdb.connect() as connection:
        connection.execute("create table texts as select unnest(?) as t union all select null", [sorted(texts)])
        trimmed = dict(connection.execute(f"select t, {rendered('trimmed_or_null', 't')} from texts").fetchall())
    assert trimmed.pop(None) is None
    assert {text for text, found in trimmed.items() if found != without_blanks(text)} == set()
    assert len(trimmed) == len(texts)
