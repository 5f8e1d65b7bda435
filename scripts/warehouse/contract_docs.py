"""Writes docs/contract.md from the contracts: python -m warehouse.contract_docs."""

from pathlib import Path
from typing import Any

import yaml

from warehouse.project import PROJECT_ROOT, dbt_variables, raw_tables

PAGE = PROJECT_ROOT / "docs" / "contract.md"

HEAD = """\
# The contracts

What a file has to look like to be loaded as `flat_file`, and what every other system is mapped to. Written by
`make docs` from the YAML in `models/conformed/`; do not edit it here.

- Only the columns marked **required** have to be there; leave the rest out, or empty.
- Ids are your own. Any text will do, as long as the same thing has the same id in every file: the `account_id` of an
  order is the `account_id` of the account. The warehouse puts the system before it (`flat_file:4711`).
- Numbers have a point and no thousands separator. Timestamps are ISO 8601 (`2026-01-31 17:05:00`), local time of
  `source_timezones` in the workspace unless they carry an offset (`...Z`, `...+02:00`); another way of writing them
  goes into `timestamp_formats`. Booleans are true/false, yes/no or 1/0.
- Numbers are kept to four decimals, rates to eight. A price, quantity or rate that rounding would change by more than
  a thousandth is rejected.
- A file may hold a table's rows in part: all files of a table are read together. Of rows with the same key the one
  from the latest load counts.

## Why a row is rejected

Nothing is dropped silently. Each row that cannot be used is in `rejected_rows` with its reason:

| reason | meaning |
|---|---|
| `untypable_value` | a value that is not what the column's type says, such as `abc` for a number, `NULL` for an id |
| `missing_key`, `missing_value` | a required column is empty |
| `unknown_code` | a code that is not in the column's list |
| `implausible_date` | a date outside `plausible_from` to `plausible_until` (dbt_project.yml), or later than its load |
| `impossible_value` | values that cannot be, such as a negative price or a deal closed before it was created |
| `repeated_key` | the key was already read in the same load, with other content; exact repeats are merged and counted |
| `dangling_reference` | it belongs to a row that does not exist, or that was itself rejected |
| `missing_exchange_rate` | an amount in a foreign currency on a day without exchange rate |
| `not_a_sale` | a line that the system's own rules say is no sale, such as a stock correction |

`reconciliation` counts them: for each raw table, raw = accepted + merged + rejected.
"""


def contract_page() -> str:
    """The page as Markdown."""
    domains = dbt_variables()["domains"]
    return HEAD + "".join(
        f"\n# {domain}\n" + "".join(_entity_section(entity) for entity in entities)
        for domain, entities in domains.items()
    )


def _entity_section(entity: str) -> str:
    path = PROJECT_ROOT / "models" / "conformed" / f"{entity}.yml"
    model: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
    required = raw_tables("flat_file")[entity].required
    derived = [
        column["name"]
        for column in model["columns"]
        if column.get("config", {}).get("meta", {}).get("required")
        and column["name"] not in (*required, "source_system")
    ]
    lines = [f"\n## {entity}\n\n{_one_line(model['description'])}\n\n| column | type | |\n|---|---|---|\n"]
    for column in model["columns"]:
        if column["name"] == "source_system":
            continue
        meta = column.get("config", {}).get("meta", {})
        notes = [_one_line(column["description"])]
        if column["name"] in required:
            notes.insert(0, "**Required.**")
        if column["name"] in derived:
            notes.append("Made by the warehouse when the file has none.")
        if "accepted_values" in meta:
            notes.append(f"One of: {', '.join(meta['accepted_values'])}.")
        lines.append(f"| `{column['name']}` | {column['data_type']} | {' '.join(notes)} |\n")
    return "".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def main(page: Path = PAGE) -> None:
    """Writes the page."""
    page.write_text(contract_page(), encoding="utf-8")
    print(f"Wrote {page}")


if __name__ == "__main__":
    main()
