"""Personal data when it is loaded: hashed with a secret, dropped or masked, by the tag of its column."""

import hashlib
import hmac
import json
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from scratch import rows_of
from warehouse.demo import write_lake
from warehouse.errors import WarehouseError
from warehouse.load import databases
from warehouse.load.batches import land
from warehouse.load.databases import Extract, prepared_table
from warehouse.privacy import DEMO_SALT, SALT_VARIABLE, hash_of
from warehouse.project import known_systems, raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

SALT = "a secret of the tests, long enough"
CONTACTS = """\
contact_id,account_id,email_hash,job_title,full_name,Notes,Mobile
1,A,Jo@Acme.example,Buyer,Jo Doe,likes tea,+49 171 5550101
2,A, JO@ACME.EXAMPLE ,Buyer,Jo Doe,,
3,A,NULL,Buyer,Max Mustermann,,
4,A,,Buyer,,,
5,A,+49 171 5550102,Buyer,,,
"""


@pytest.fixture(autouse=True)
def no_salt_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SALT_VARIABLE, raising=False)


def workspace_in(folder: Path) -> Workspace:
    domains = ("crm", "commerce", "web")
    settings = WorkspaceSettings(
        systems={domain: ["flat_file"] for domain in domains}, base_currency="EUR", reporting_timezone="UTC"
    )
    return Workspace("acme", settings, folder / "data")


def landed(folder: Path, table: str, text: str, name: str | None = None) -> tuple[list[dict[str, Any]], Any]:
    """The rows of a load, and the load."""
    file = folder / (name or f"{table}.csv")
    file.write_text(text, encoding="utf-8")
    batch = land(workspace_in(folder), raw_tables("flat_file")[table], file, {})
    with duckdb.connect() as connection:
        result = connection.execute(f"from read_parquet('{batch.path}') order by _row_number")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()], batch


def own_salt(folder: Path) -> bytes:
    return (workspace_in(folder).folder / "salt").read_text(encoding="utf-8").encode()


def expected(salt: bytes, text: str) -> str:
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


def test_an_address_becomes_its_keyed_hash_and_keeps_its_domain(tmp_path: Path) -> None:
    rows, batch = landed(tmp_path, "contacts", CONTACTS)
    address, phone = (expected(own_salt(tmp_path), text) for text in ("jo@acme.example", "+49 171 5550102"))
    assert [row["email_hash"] for row in rows] == [
        address,
        address,
        # names nobody: hashed, everybody without an address would be one person
        "null",
        None,
        # whatever it is, it is not shown
        phone,
    ]
    assert [row["email_hash_domain"] for row in rows] == ["acme.example", "acme.example", None, None, None]
    assert [row["job_title"] for row in rows] == ["Buyer"] * 5
    assert "hashed: email_hash" in batch.facts


def test_what_no_model_reads_is_dropped_when_it_looks_personal(tmp_path: Path) -> None:
    rows, batch = landed(tmp_path, "contacts", CONTACTS)
    assert not {"full_name", "Mobile"} & set(rows[0])
    assert rows[0]["Notes"] == "likes tea"
    assert "dropped as personal: full_name, Mobile" in batch.facts
    assert set(batch.report.unused) == {"Notes"}
    # by what is in it, too
    rows, batch = landed(tmp_path, "accounts", "account_id,remark\nA,ask jo@acme.example\n")
    assert "remark" not in rows[0]
    assert "dropped as personal: remark" in batch.facts


def test_addresses_in_pages_are_masked(tmp_path: Path) -> None:
    url = "https://shop.example/login?e=jo.doe%40acme.example&x=1"
    header = "event_id,visitor_id,occurred_at,event_name,page_url,referrer"
    text = f"{header}\n1,V,2026-01-01,view,{url},//x/?jo@acme.example\n"
    ((row,), _) = landed(tmp_path, "web_events", text)
    assert row["page_url"] == "https://shop.example/login?e=(address)&x=1"
    assert row["referrer"] == "//x/?(address)"


def test_nothing_personal_is_in_any_file_of_the_workspace(tmp_path: Path) -> None:
    landed(tmp_path, "contacts", CONTACTS)
    # the rest of the files: salt and fingerprint
    others = [path for path in workspace_in(tmp_path).folder.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert {path.name for path in others} == {"salt", ".salt_fingerprint"}
    (batch,) = workspace_in(tmp_path).raw_lake.rglob("*.parquet")
    said = str(rows_of(f"from read_parquet('{batch}')")) + str(rows_of(f"from parquet_kv_metadata('{batch}')"))
    assert not [word for word in ("jo@", "Jo Doe", "Mustermann", "5550101", "5550102") if word.lower() in said.lower()]


def test_the_salt_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first, _ = landed(tmp_path, "contacts", CONTACTS)
    file = workspace_in(tmp_path).folder / "salt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text(encoding="utf-8")) == 64
    again, _ = landed(tmp_path, "contacts", CONTACTS.replace("Buyer", "Head"), "contacts_2.csv")
    assert again[0]["email_hash"] == first[0]["email_hash"]
    other, _ = landed(tmp_path / "data", "contacts", CONTACTS)
    assert other[0]["email_hash"] != first[0]["email_hash"]


def test_a_salt_of_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SALT_VARIABLE, SALT)
    rows, _ = landed(tmp_path, "contacts", CONTACTS)
    assert rows[0]["email_hash"] == expected(SALT.encode(), "jo@acme.example")
    assert not (workspace_in(tmp_path).folder / "salt").exists()
    for file in (path for path in workspace_in(tmp_path).folder.rglob("*") if path.is_file()):
        assert SALT.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("change", ["another variable", "another file", "no file", "cut short"])
def test_another_salt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    landed(tmp_path, "contacts", CONTACTS)
    file = workspace_in(tmp_path).folder / "salt"
    if change == "another variable":
        monkeypatch.setenv(SALT_VARIABLE, SALT)
    elif change == "another file":
        file.write_text("0" * 64)
    elif change == "no file":
        file.unlink()
    else:
        file.write_text("")
    with pytest.raises(WarehouseError, match=r"not the one that earlier loads|cut short") as refused:
        landed(tmp_path, "contacts", CONTACTS + "6,A,new@acme.example,,,,\n", "contacts_2.csv")
    assert str(file) in str(refused.value)
    assert SALT not in str(refused.value)
    assert len(list(workspace_in(tmp_path).raw_lake.rglob("*.parquet"))) == 1


def test_a_short_salt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SALT_VARIABLE, "demo")
    with pytest.raises(WarehouseError, match="shorter than 16"):
        landed(tmp_path, "contacts", CONTACTS)


def test_tables_without_personal_columns_need_no_salt(tmp_path: Path) -> None:
    landed(tmp_path, "products", "product_id,product_name\nP,Tape\n")
    assert not (workspace_in(tmp_path).folder / "salt").exists()


def test_a_guest_is_one_however_the_address_is_written(tmp_path: Path) -> None:
    text = (
        "order_id,ordered_at,guest_key\n1,2026-01-01,jo@acme.example\n2,2026-01-02, Jo@ACME.example\n3,2026-01-02,DE1\n"
    )
    rows, _ = landed(tmp_path, "orders", text)
    assert rows[0]["guest_key"] == rows[1]["guest_key"] != rows[2]["guest_key"]


def test_rows_of_a_database_are_known_again_by_their_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows at the highest value of a cursor are read again: what has been landed is told by what it became."""
    source = tmp_path / "crm.sqlite"
    engine = sa.create_engine(f"sqlite:///{source}")
    with engine.begin() as database:
        database.execute(sa.text("create table people (contact_id text, mail text, full_name text, seen integer)"))
        database.execute(
            sa.text("insert into people values ('1', 'jo@acme.example', 'Jo', 1), ('2', 'al@b.example', 'Al', 2)")
        )

    monkeypatch.setattr(databases, "database_url", lambda text: sa.make_url(text))
    monkeypatch.setattr(databases, "_opened", lambda url: engine.connect())
    extract = Extract(f"sqlite:///{source}", "people", "seen")

    def load() -> int:
        table = raw_tables("flat_file")["contacts"]
        with prepared_table(workspace_in(tmp_path), table, extract, {"mail": "email_hash"}) as batch:
            if batch is None:
                return 0
            batch.land()
            return batch.rows

    assert load() == 2
    assert load() == 0
    with engine.begin() as database:
        database.execute(sa.text("insert into people values ('3', 'new@b.example', 'New', 2)"))
    assert load() == 1
    landed_rows = rows_of(f"from read_parquet('{workspace_in(tmp_path).raw_lake}/**/*.parquet', union_by_name = true)")
    assert "acme.example'" not in str(landed_rows).replace("'acme.example'", "")
    assert "@" not in str(landed_rows) and "'Jo'" not in str(landed_rows)
    with pytest.raises(WarehouseError, match="cannot be the cursor"), prepared_table(
        workspace_in(tmp_path), raw_tables("flat_file")["contacts"], Extract(extract.url, "people", "mail"),
        {"mail": "email_hash"},
    ):  # fmt: skip
        pass


def test_the_demo_company_is_landed_by_the_same_rule(tmp_path: Path) -> None:
    write_lake(tmp_path, 1)
    contacts = f"read_parquet('{tmp_path}/demo_crm/contacts/*.parquet')"
    ((number, hashed, domain),) = rows_of(
        f"select contact_no, email, email_domain from {contacts} where contact_no = 'C10001'"
    )
    assert hashed == hash_of(DEMO_SALT, f"{number}@{domain}")
    assert not {"full_name", "phone"} & {row[0] for row in rows_of(f"describe from {contacts}")}
    assert "email" not in {
        row[0] for row in rows_of(f"describe from read_parquet('{tmp_path}/demo_crm/reps/*.parquet')")
    }


def test_every_tag_is_one_that_is_known() -> None:
    for system in known_systems():
        for table in raw_tables(system).values():
            assert set(table.personal.values()) <= {"hash", "drop", "mask"}, (system, table.name)
            assert set(table.people.values()) <= {"contact", "visitor"}, (system, table.name)


def test_no_file_of_the_project_holds_a_secret_of_a_workspace() -> None:
    """Workspaces that people make keep their salt in data/, which git ignores."""
    project = Path(__file__).parents[2]
    assert "data/*" in (project / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "salt" not in json.dumps([path.name for path in (project / "workspaces").iterdir()])
