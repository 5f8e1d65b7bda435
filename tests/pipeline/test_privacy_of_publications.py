"""Nobody can be read in what a build leaves behind, and whoever is erased is gone from it, end to end."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from command_line import CommandLine, write_csv
from once import MakeOnce
from warehouse.project import PROJECT_ROOT

ADDRESS = re.compile(r"[a-z0-9._-]+(@|%40)[a-z0-9-]+\.[a-z]{2,}", re.IGNORECASE)
PHONE = re.compile(r"\+\d{2,3}[ -]\d{3}[ -]\d{3}")
PLANTED = ("jo.doe", "Joanna Doe", "Max Mustermann", "555 0101", "5550102", "max@")


def text_of(database: Path) -> Iterator[tuple[str, str]]:
    """Every value of every table of a database as text, lists and JSON too, with where it is."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall():
            query = f'select row::varchar from "{schema}"."{table}" as row'
            yield f"{schema}.{table}", "\n".join(text for (text,) in connection.execute(query).fetchall())


def test_nobody_of_the_demo_can_be_read_in_its_publication(demo: CommandLine) -> None:
    seeds = PROJECT_ROOT / "seeds" / "demo_crm"
    with (seeds / "demo_crm__contacts.csv").open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    with (seeds / "demo_crm__reps.csv").open(encoding="utf-8") as file:
        # our own reps are shown
        reps = {name for row in csv.DictReader(file) for name in (row["name"], row["manager"])}
    names = {row["full_name"] for row in people} - reps
    phones = {row["phone"] for row in people if row["phone"]}
    assert len(names) > 200 and len(phones) > 400
    for table, text in text_of(demo.publication):
        assert not ADDRESS.search(text), table
        assert not PHONE.search(text), table
        assert not [name for name in names if name in text], table
        assert not [phone for phone in phones if phone in text], table


@pytest.fixture(scope="module")
def company(made_once: MakeOnce) -> CommandLine:
    """A company of flat files full of people, built and published twice."""

    def make(folder: Path) -> None:
        warehouse = CommandLine(folder, "example")
        exports = folder / "exports"
        exports.mkdir()
        contacts = [
            ("1", "A", "Jo.Doe@acme.example", "Joanna Doe", "+49 555 0101", "Buyer"),
            ("2", "A", "max@acme.example", "Max Mustermann", "5550102", "Head"),
            # rejected, and shown in rejected_rows
            ("3", "A", "max@b.example", "Max Mustermann", "5550102", "Head"),
            ("3", "B", "jo.doe@b.example", "Joanna Doe", "5550102", "Buyer"),
        ]
        write_csv(
            exports / "contacts.csv",
            ("contact_id", "account_id", "email_hash", "full_name", "phone", "job_title"),
            contacts,
        )
        write_csv(exports / "accounts.csv", ("account_id", "account_name"), [("A", "Acme"), ("B", "Bolt")])
        orders = [(n, "A", str(1 + n % 2), "", f"2026-0{1 + n % 6}-10 10:00:00") for n in range(1, 31)]
        orders += [(n, "", "", "jo.doe@home.example", f"2026-0{n - 39}-11 10:00:00") for n in (40, 41, 42)]
        orders.append((50, "", "", "max@home.example", "someday"))
        write_csv(exports / "orders.csv", ("order_id", "account_id", "contact_id", "guest_key", "ordered_at"), orders)
        lines = [(order[0], "P", 2, 10) for order in orders]
        write_csv(exports / "order_lines.csv", ("order_id", "product_id", "quantity", "unit_price"), lines)
        events = [
            (f"V{n}", "1" if n == 1 else "", f"2026-01-0{n} 09:00:00", "page_view", "/login?e=jo.doe%40acme.example")
            for n in (1, 2, 3)
        ]
        write_csv(
            exports / "web_events.csv", ("visitor_id", "contact_id", "occurred_at", "event_name", "page_url"), events
        )
        said = warehouse.succeed("load", "flat_file", str(exports))
        (folder / "said.txt").write_text(said + warehouse.succeed("build"), encoding="utf-8")
        warehouse.succeed("publish")

    return CommandLine(made_once("company_of_people", make), "example")


def left_behind(warehouse: CommandLine) -> Iterator[tuple[str, str]]:
    """All that a workspace holds, as text: databases and loads by their values, every other file as it is."""
    folder = warehouse.data / warehouse.workspace
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".duckdb":
            yield from ((f"{path} {table}", text) for table, text in text_of(path))
        elif path.suffix == ".parquet":
            with duckdb.connect() as connection:
                rows = connection.execute(f"select row::varchar from read_parquet('{path}') as row").fetchall()
                facts = connection.execute(f"select decode(value) from parquet_kv_metadata('{path}')").fetchall()
            yield str(path), "\n".join(text for (text,) in rows + facts)
        else:
            yield str(path), path.read_text(encoding="utf-8", errors="replace")


def test_nobody_can_be_read_in_anything_that_a_build_leaves(company: CommandLine) -> None:
    salt = (company.data / "example" / "salt").read_text(encoding="utf-8")
    places = 0
    for place, text in left_behind(company):
        places += 1
        assert not [word for word in PLANTED if word.lower() in text.lower()], place
        if not place.endswith("/salt"):
            assert salt not in text, f"{place} holds the salt"
    assert places > 200
    said = (company.data / "said.txt").read_text(encoding="utf-8")
    assert not [word for word in PLANTED if word.lower() in said.lower()]
    # they are there all the same: rejected rows with the reason, and one guest
    reasons = {row["reason"] for row in company.rows("select distinct reason from rejected_rows")}
    # the line of the order without a day goes with it
    assert reasons == {"dangling_reference", "repeated_key", "untypable_value"}
    assert company.value("select count(*) from dim_account where is_guest") == 1
    assert company.value("select count(*) from fct_web_events where page_url = '/login?e=(address)'") == 3


def test_an_erased_person_is_gone_and_the_next_build_says_the_same(company: CommandLine) -> None:
    sums = "select count(*) as orders, sum(net_amount) as amount, count(distinct account_id) as buyers from fct_orders"
    before = company.rows(sums)
    contact = company.value("select email_hash from dim_contact where contact_id = 'flat_file:1'")
    guest = company.value("select account_id from dim_account where is_guest").rpartition(":")[2]
    # a run that failed may have named rows
    record = company.data / "example" / "runs.json"
    runs = json.loads(record.read_text(encoding="utf-8"))
    runs[0] |= {"outcome": "failed", "error": f"row: email_hash {contact}"}
    record.write_text(json.dumps(runs), encoding="utf-8")
    for who, known_by in (("JO.DOE@acme.example", contact), ("jo.doe@home.example", guest)):
        said = company.succeed("erase", who)
        assert "nothing of the person is left" in said and "raw flat_file" in said and "published" in said
        assert not [
            place for place, text in left_behind(company) if known_by in text and not place.endswith(".erased.json")
        ]
    assert company.rows("select contact_id from dim_contact order by all") == [
        {"contact_id": "flat_file:2"}, {"contact_id": "flat_file:3"},
    ]  # fmt: skip
    assert company.rows(sums) == before
    company.succeed("build")
    assert company.rows(sums) == before
    assert not [place for place, text in left_behind(company) if contact in text and not place.endswith(".erased.json")]
    kept = json.loads((company.data / "example" / "raw" / ".erased.json").read_text(encoding="utf-8"))
    assert len(kept) == 2
