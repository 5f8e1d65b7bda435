"""Erasing a person: gone from loads, working data and publications, nobody else touched, and kept so by later loads."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from handmade import pass_audit
from scratch import rows_of
from warehouse import erasure, publication
from warehouse.erasure import Person, clean_batch, erase, find
from warehouse.errors import WarehouseError
from warehouse.load.batches import land
from warehouse.privacy import hash_of, salt_of
from warehouse.project import RawTable, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings, open_workspace

# 2 is a colleague whose number begins with Jo's; 3 and 4 share an address of their office
FILES = {
    "contacts": "contact_id,account_id,email_hash,job_title\n"
    "C1,A,jo@acme.example,Buyer\nC12,A,al@acme.example,Head\nC3,B,office@b.example,x\nC4,B,Office@b.example,y\n",
    "orders": "order_id,account_id,contact_id,guest_key,visitor_id,ordered_at\n"
    "1,A,C1,,V1,2026-01-01\n2,A,C12,,V2,2026-01-01\n3,,,jo@acme.example,V3,2026-01-02\n4,,,jo@acme.example,,2026-01-03\n"
    "5,,,guest@c.example,,2026-01-04\n",
    "web_events": "event_id,visitor_id,contact_id,occurred_at,event_name\n"
    "1,V1,,2026-01-01,view\n2,V1,C1,2026-01-01,login\n3,V2,C12,2026-01-01,login\n",
    "inquiries": "inquiry_id,contact_id,created_at\nI1,C1,2026-01-01\nI2,C12,2026-01-01\n",
}


@pytest.fixture(autouse=True)
def no_salt_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAREHOUSE_SALT", raising=False)


def load(workspace: Workspace, folder: Path, name: str, table: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return land(workspace, raw_tables("flat_file")[table], file, {}).path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    systems = {domain: ["flat_file"] for domain in ("crm", "commerce", "web", "service")}
    settings = WorkspaceSettings(systems=systems, base_currency="EUR", reporting_timezone="UTC")
    made = Workspace("acme", settings, tmp_path / "data")
    for table, text in FILES.items():
        load(made, tmp_path, f"{table}.csv", table, text)
    publish(made)
    publish(made)
    with duckdb.connect(str(made.working_database)) as connection:
        connection.execute(f"create table x as select '{key(made, 'jo@acme.example')}' as y")
    return made


def key(workspace: Workspace, address: str) -> str:
    return hash_of(salt_of(workspace, "flat_file"), address)


def publish(workspace: Workspace) -> None:
    """A publication of a small build."""
    jo, al = key(workspace, "jo@acme.example"), key(workspace, "al@acme.example")
    guest = f"flat_file:guest:{jo}"
    rejected = ("flat_file", "orders", "dangling_reference")
    with duckdb.connect(str(workspace.working_database)) as connection:
        connection.execute("create schema if not exists marts")
        for table, rows in {
            "dim_contact(contact_id, email_hash)": [("flat_file:C1", jo), ("flat_file:C12", al)],
            "dim_account(account_id, account_name)": [("flat_file:A", "Acme"), (guest, "Guest")],
            "fct_orders(order_id, account_id, account_period_id, contact_id, visitor_id)": [
                ("flat_file:1", "flat_file:A", "flat_file:A@0001-01-01", "flat_file:C1", "flat_file:V1"),
                ("flat_file:2", "flat_file:A", "flat_file:A@0001-01-01", "flat_file:C12", "flat_file:V2"),
                ("flat_file:3", guest, f"{guest}@0001-01-01", None, "flat_file:V3"),
            ],
            "rejected_rows(row_key, detail, raw_row, system_name, table_name, reason)": [
                (
                    "flat_file:9",
                    "dangling_reference: contact_id flat_file:C1 is not there",
                    '{"contact_id":"C1"}',
                    *rejected,
                ),
                (
                    "flat_file:8",
                    "dangling_reference: contact_id flat_file:C12",
                    '{"contact_id":"C12","n":"C1-5"}',
                    *rejected,
                ),
            ],
        }.items():
            name, columns = table.split("(")
            definitions = ", ".join(f"{column.strip()} varchar" for column in columns.rstrip(")").split(","))
            connection.execute(f"create or replace table marts.{name} ({definitions})")
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"insert into marts.{name} values ({marks})", rows)
    pass_audit(workspace)
    publication.publish(workspace)


def raw(workspace: Workspace, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    scan = f"read_parquet('{workspace.raw_lake}/flat_file/{table}/*.parquet', union_by_name = true)"
    return rows_of(f"select {columns} from {scan} order by _loaded_at, _row_number")


def paths(workspace: Workspace) -> list[Path]:
    return sorted(workspace.raw_lake.rglob("*.parquet"))


def databases(workspace: Workspace) -> list[Path]:
    """The published files, oldest first."""
    return sorted(workspace.publications.glob("*/*.duckdb"))


def published(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def all_text(workspace: Workspace) -> str:
    """All that every load and publication says, asked without the code under test."""
    said = [str(rows_of(f"from read_parquet('{path}')")) for path in workspace.raw_lake.rglob("*.parquet")]
    for path in databases(workspace):
        for (table,) in published(path, "show tables"):
            said.append(str(published(path, f"from {table}")))
    said += [str(rows_of(f"from read_parquet('{path}')")) for path in workspace.publications.rglob("*.parquet")]
    return "\n".join(said)


def test_an_address_is_removed_everywhere_and_nobody_else_is(workspace: Workspace) -> None:
    jo, al = key(workspace, "jo@acme.example"), key(workspace, "al@acme.example")
    assert jo in all_text(workspace) and "'C1'" in all_text(workspace)
    erased = erase(workspace, " Jo@Acme.example")

    said = all_text(workspace)
    assert jo not in said
    assert not [word for word in ("'C1'", ":C1'", ":C1 ", '"C1"', "'V1'", ":V1'") if word in said]
    # the lake: the contact's row is gone, the others are as they were
    assert raw(workspace, "contacts", "contact_id, job_title") == [("C12", "Head"), ("C3", "x"), ("C4", "y")]
    orders = raw(workspace, "orders", "order_id, contact_id, guest_key, guest_key_domain, visitor_id")
    assert [(row[0], row[1]) for row in orders] == [("1", None), ("2", "C12"), ("3", None), ("4", None), ("5", None)]
    # one guest stays one guest, under a key that leads to nobody
    token = orders[2][2]
    assert token == orders[3][2] and token.startswith("erased-") and orders[2][3] is None
    assert orders[4][2:4] == (key(workspace, "guest@c.example"), "c.example")
    # the browser that the person logged in with stays one browser
    events = raw(workspace, "web_events", "event_id, visitor_id, contact_id")
    assert events[0][1] == events[1][1] == orders[0][4] and events[0][1].startswith("erased-")
    assert events[2] == ("3", "V2", "C12")
    assert raw(workspace, "inquiries", "inquiry_id, contact_id") == [("I1", None), ("I2", "C12")]
    # every publication, also the ones kept for going back
    assert len(databases(workspace)) == 2
    for path in databases(workspace):
        assert published(path, "from dim_contact") == [("flat_file:C12", al)]
        assert published(
            path, "select contact_id, account_id, account_period_id from fct_orders order by order_id"
        ) == [
            (None, "flat_file:A", "flat_file:A@0001-01-01"),
            ("flat_file:C12", "flat_file:A", "flat_file:A@0001-01-01"),
            (None, f"flat_file:guest:{token}", f"flat_file:guest:{token}@0001-01-01"),
        ]
        assert published(path, "select detail, raw_row from rejected_rows order by row_key desc") == [
            ("dangling_reference: contact_id flat_file:erased is not there", '{"contact_id":"erased"}'),
            ("dangling_reference: contact_id flat_file:C12", '{"contact_id":"C12","n":"C1-5"}'),
        ]
    assert workspace.publication.samefile(databases(workspace)[1])
    # they are whole: what the manifest says is what is there
    assert [found.sequence for found in publication.publications(workspace)] == [1, 2]
    assert [publication.damaged_files(found) for found in publication.publications(workspace)] == [[], []]
    # the old bytes are in no file
    for path in (file for file in workspace.folder.rglob("*") if file.is_file() and file.suffix != ".json"):
        assert jo.encode() not in path.read_bytes(), path
    assert not workspace.working_database.exists()
    assert erased.removed["raw flat_file contacts"] == 1
    assert erased.removed["raw flat_file orders"] == 3
    (removed,) = (rows for place, rows in erased.removed.items() if re.match("published 000002-.* dim_contact", place))
    assert removed == 1
    # loads, and two publications of a database and four tables as Parquet
    assert erased.searched_files == 4 + 2 * (1 + 4)


def test_a_company_of_the_same_number_stays(workspace: Workspace, tmp_path: Path) -> None:
    with duckdb.connect(str(workspace.working_database)) as connection:
        connection.execute("create table marts.fct_quotes as select 'flat_file:C1' as account_id, 'Q' as quote_id")
    pass_audit(workspace)
    publication.publish(workspace)
    erase(workspace, "jo@acme.example")
    assert published(databases(workspace)[-1], "from fct_quotes") == [("flat_file:C1", "Q")]
    # a customer file of a small shop: one number for the company and for who buys there
    customers = RawTable(
        "flat_file", "customers", ("number", "mail"), ("name",), entities=("accounts", "contacts"),
        personal={"mail": "hash"}, people={"number": "contact"},
    )  # fmt: skip
    before, after = tmp_path / "before.parquet", tmp_path / "after.parquet"
    person = Person(contacts=[["flat_file", "C1"]], hashes={"abc": "erased-1"})
    with duckdb.connect() as connection:
        connection.execute(
            "copy (from (values ('C1', 'Acme', 'abc'), ('C2', 'Bolt', 'def')) as t(number, name, mail))"
            f" to '{before}' (format parquet)"
        )
        assert clean_batch(connection, customers, before, after, person) == 1
    assert rows_of(f"from '{after}' order by all") == [("C1", "Acme", "erased-1"), ("C2", "Bolt", "def")]


def test_a_contact_number_finds_the_address_and_its_guest_orders(workspace: Workspace) -> None:
    person = find(workspace, "flat_file:C1")
    assert person.contacts == [["flat_file", "C1"]]
    assert list(person.hashes) == [key(workspace, "jo@acme.example")]
    assert [visitor[:2] for visitor in person.visitors] == [["flat_file", "V1"]]
    # there is one system with contacts: its name may be left out
    assert find(workspace, "C1").contacts == person.contacts


def test_an_address_that_others_share_stays_with_them(workspace: Workspace) -> None:
    erase(workspace, "flat_file:C3")
    assert raw(workspace, "contacts", "contact_id, email_hash")[2:] == [("C4", key(workspace, "office@b.example"))]
    erase(workspace, "office@b.example")
    assert [row[0] for row in raw(workspace, "contacts", "contact_id")] == ["C1", "C12"]


def test_loads_keep_their_time_number_and_what_they_remember(workspace: Workspace) -> None:
    origin = "_source_file, _loaded_at, _batch_id"
    before = raw(workspace, "orders", origin)
    names = paths(workspace)
    remembered = [rows_of(f"from parquet_kv_metadata('{path}')") for path in paths(workspace)]
    erase(workspace, "jo@acme.example")
    assert raw(workspace, "orders", origin) == before
    assert paths(workspace) == names
    assert [rows_of(f"from parquet_kv_metadata('{path}')") for path in paths(workspace)] == remembered


def test_a_later_load_does_not_bring_the_person_back(workspace: Workspace, tmp_path: Path) -> None:
    erase(workspace, "jo@acme.example")
    load(workspace, tmp_path, "contacts_again.csv", "contacts", FILES["contacts"])
    load(workspace, tmp_path, "orders_again.csv", "orders", FILES["orders"] + "6,A,C1,,V1,2026-02-01\n")
    said = all_text(workspace)
    assert key(workspace, "jo@acme.example") not in said and "'C1'" not in said and "'V1'" not in said
    assert ("6", None) in raw(workspace, "orders", "order_id, contact_id")


@pytest.mark.parametrize("step", ["_remember", "_rewrite", "_search", "clean_batch"])
def test_an_erasure_that_is_interrupted_is_finished_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real, calls = getattr(erasure, step), []

    def fails_at_the_second_call(*arguments: Any) -> Any:
        calls.append(step)
        if len(calls) == (1 if step in ("_remember", "_search") else 2):
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(erasure, step, fails_at_the_second_call)
        with pytest.raises(KeyboardInterrupt):
            erase(workspace, "jo@acme.example")
    # by a number, or by nothing at all: who was interrupted is known
    erase(workspace, None)
    said = all_text(workspace)
    assert key(workspace, "jo@acme.example") not in said and "'C1'" not in said and ":C1'" not in said
    assert not (workspace.folder / "erasing.json").exists()
    # what stands for the guest is the same everywhere
    (token,) = {guest for (guest,) in raw(workspace, "orders", "guest_key") if str(guest).startswith("erased-")}
    for path in databases(workspace):
        assert published(path, f"select 1 from dim_account where account_id = 'flat_file:guest:{token}'") == [(1,)]


def test_a_killed_erasure_leaves_readable_files_and_is_repeated(workspace: Workspace) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from warehouse import erasure\n"
        "from warehouse.workspace import Workspace, WorkspaceSettings\n"
        "settings = WorkspaceSettings.model_validate_json(sys.argv[1])\n"
        "real = erasure._rewrite\n"
        "def slow(*a):\n    print('half way', flush=True)\n    time.sleep(60)\n    return real(*a)\n"
        "erasure._rewrite = slow\n"
        "erasure.erase(Workspace('acme', settings, Path(sys.argv[2])), 'jo@acme.example')\n"
    )
    arguments = [sys.executable, "-c", program, workspace.settings.model_dump_json(), str(workspace.folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "half way\n"
        process.send_signal(signal.SIGKILL)
    time.sleep(0.1)
    assert published(workspace.publication, "select count(*) from dim_contact") == [(2,)]
    erase(workspace, "jo@acme.example")
    assert key(workspace, "jo@acme.example") not in all_text(workspace)


@pytest.mark.parametrize("who", ["no@acme.example", "flat_file:C", "flat_file:", "", "'; drop table x --", "../x@y.z"])
def test_nobody_of_that_name_changes_nothing(workspace: Workspace, who: str) -> None:
    before = all_text(workspace)
    with pytest.raises(WarehouseError, match="Nobody is known as"):
        erase(workspace, who)
    assert all_text(workspace) == before
    assert not (workspace.folder / "erasing.json").exists()


def test_what_is_left_is_said(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "_rewrite", lambda *arguments: {})
    with pytest.raises(WarehouseError, match=r"left in: .*000001-[0-9a-f]+ dim_contact"):
        erase(workspace, "jo@acme.example")


def test_who_was_erased_is_remembered_without_a_name(workspace: Workspace) -> None:
    erase(workspace, "jo@acme.example")
    memory = workspace.raw_lake / ".erased.json"
    assert memory.stat().st_mode & 0o077 == 0
    assert "jo@" not in memory.read_text(encoding="utf-8")
    (remembered,) = json.loads(memory.read_text(encoding="utf-8"))
    assert Person(**remembered).contacts == [["flat_file", "C1"]]


def test_the_invented_people_of_the_demo_stay() -> None:
    with pytest.raises(WarehouseError, match="are invented"):
        erase(open_workspace("demo"), "c10001@a1001.example")
