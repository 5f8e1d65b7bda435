"""Erasing a person: from the raw lake, the working data and every publication kept, with a search afterwards as proof.

A person is known by numbers and hashes only: contact numbers, what their address became, and the visitor numbers of the
browsers they logged in with. Their rows as a contact go. Elsewhere the numbers are taken out, so that revenue and
visits stay what they were: contact numbers are emptied; a guest's key and visitor numbers become a random one, which
leads to nobody.

Loads after it keep it up: who was erased is remembered by the same numbers and hashes, and taken out of every new load.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.sql import identifier, literal
from warehouse.privacy import hash_of, salt_of
from warehouse.project import RawTable, dbt_variables, known_systems, raw_tables
from warehouse.publication import DATABASE, PARQUET, Publication, clear_leftovers, publications, rewrite
from warehouse.working import forget_audit
from warehouse.workspace import Workspace

LEFT = "erased"


@dataclass
class Person:
    """What a person is known by.

    Attributes:
        contacts: contact numbers, as [system, number].
        hashes: what addresses became -> the random key that stands for them from now on.
        visitors: visitor numbers, as [system, number, random number that stands for it].
    """

    contacts: list[list[str]] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    visitors: list[list[str]] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether anything was found."""
        return bool(self.contacts or self.hashes)


@dataclass(frozen=True)
class Erased:
    """What was done: rows by where they were, and what was searched afterwards."""

    removed: dict[str, int]
    searched_files: int
    searched_columns: int


def erase(workspace: Workspace, who: str | None) -> Erased:
    """Erases a person; one that an earlier run did not finish comes first.

    The person is written down before anything is changed, and crossed out when nothing is left: a run that is killed
    half way is repeated by the next one, by the same numbers. For who holds the workspace.

    Args:
        workspace: the company.
        who: an e-mail address, or a contact number as `<system>:<number>`; None only finishes an earlier run.

    Raises:
        WarehouseError: nobody of that name is known, or something of the person is left.
    """
    variables = {**dbt_variables(), **workspace.settings.variables}
    if variables["demo_data"] == "seeds" and any(name.startswith("demo_") for name in workspace.enabled_systems):
        raise WarehouseError(
            "The people of the demo company are invented, and its files are a part of the project (seeds/), from which"
            " the next build would take them again. Choose another --workspace."
        )
    removed: dict[str, int] = {}
    journal = _journal(workspace)
    unfinished = Person(**json.loads(journal.read_text(encoding="utf-8"))) if journal.exists() else None
    persons = [unfinished] if unfinished else []
    if who is not None:
        found = find(workspace, who)
        if found.is_known:
            persons.append(found)
        elif not unfinished:
            raise WarehouseError(
                f"Nobody is known as {who}: neither in the raw lake of '{workspace.name}' nor in its publications."
                " Give the e-mail address, or the contact as <system>:<number>, such as flat_file:4711."
            )
    if not persons:
        raise WarehouseError("No erasure was interrupted: say who is to be erased.")
    files = columns = 0
    for person in persons:
        _write(journal, asdict(person))
        _remember(workspace, person)
        for name, rows in _erase(workspace, person).items():
            removed[name] = removed.get(name, 0) + rows
        left, files, columns = _search(workspace, person, who)
        if left:
            raise WarehouseError("Not everything could be removed; left in: " + "; ".join(left) + ". Run it again.")
        journal.unlink()
    return Erased(removed, files, columns)


def find(workspace: Workspace, who: str) -> Person:
    """What a person is known by, in the raw lake; an address is also looked for in publications, by its hash."""
    person = Person()
    with duckdb.connect() as connection:
        if "@" in who:
            for system in _systems_on_disk(workspace):
                hashed = hash_of(salt_of(workspace, system), who)
                if _is_hash_known(connection, workspace, hashed):
                    person.hashes.setdefault(hashed, f"{LEFT}-{secrets.token_hex(8)}")
            found = [_contacts_of(connection, workspace, hashed) for hashed in person.hashes]
            person.contacts = sorted({tuple(contact) for contacts in found for contact in contacts})
        else:
            person.contacts = _contacts_named(connection, workspace, who)
            for hashed in _hashes_of(connection, workspace, person.contacts):
                # an address that others have too, such as an office's, is not this person's alone
                if all(contact in person.contacts for contact in _contacts_of(connection, workspace, hashed)):
                    person.hashes[hashed] = f"{LEFT}-{secrets.token_hex(8)}"
        person.contacts = [list(contact) for contact in person.contacts]
        person.visitors = [
            [system, visitor, f"{LEFT}-{secrets.token_hex(8)}"]
            for system, visitor in _visitors_of(connection, workspace, person)
        ]
    return person


def clean_batch(
    connection: duckdb.DuckDBPyConnection, table: RawTable, source: Path, target: Path, person: Person
) -> int:
    """Writes a load without a person, if it names them.

    Returns:
        Rows that named them; nothing is written when there are none.
    """
    scan = f"read_parquet({literal(str(source))})"
    columns = [row[0] for row in connection.execute(f"describe from {scan}").fetchall()]
    deleted, replaced = _changes(table, columns, person)
    named = " or ".join([*deleted, *(condition for condition, _ in replaced.values())])
    if not named:
        return 0
    (rows,) = connection.execute(f"select count(*) from {scan} where {named}").fetchone()
    if not rows:
        return 0
    values = ", ".join(
        f"case when {replaced[name][0]} then {replaced[name][1]} else {identifier(name)} end as {identifier(name)}"
        if name in replaced
        else identifier(name)
        for name in columns
    )
    kept = f"where ({' or '.join(deleted)}) is not true" if deleted else ""
    metadata = connection.execute(
        "select decode(key), decode(value) from parquet_kv_metadata(?) where decode(key) <> 'ARROW:schema'",
        [str(source)],
    ).fetchall()
    remembered = ", ".join(f"{identifier(key)}: {literal(value)}" for key, value in metadata)
    options = f", kv_metadata {{{remembered}}}" if remembered else ""
    connection.execute(
        f"copy (select {values} from {scan} {kept}) to {literal(str(target))}"
        f" (format parquet, compression zstd{options})"
    )
    return rows


def erased_persons(workspace: Workspace) -> list[Person]:
    """Everybody who was erased."""
    path = _memory(workspace)
    return [Person(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def published_databases(workspace: Workspace) -> list[Path]:
    """The DuckDB file of every publication that is kept, the current one and those to go back to."""
    return [publication.folder / DATABASE for publication in publications(workspace)]


def _erase(workspace: Workspace, person: Person) -> dict[str, int]:
    removed = {}
    landing = workspace.raw_lake / ".landing"
    with duckdb.connect() as connection:
        for table, path in _batches(workspace):
            landing.mkdir(parents=True, exist_ok=True)
            half_written = landing / f"{os.getpid()}.tmp"
            rows = clean_batch(connection, table, path, half_written, person)
            if rows:
                half_written.replace(path)
                removed[f"raw {table.system} {table.name}"] = removed.get(f"raw {table.system} {table.name}", 0) + rows
    # made anew by the next build; a file that was patched would keep the old bytes in blocks that are free
    for path in (workspace.working_database, workspace.working_database.with_suffix(".duckdb.wal")):
        if path.exists():
            path.unlink()
            removed["working data (all of it; the next build makes it anew)"] = 1
    if workspace.site.exists():
        removed["report site (all of it; written anew from the publication)"] = 1
    for folder in (workspace.data_docs, workspace.site):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (workspace.folder / "tmp").glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    forget_audit(workspace)
    clear_leftovers(workspace)
    for publication in publications(workspace):
        for name, rows in _rewrite(workspace, publication, person).items():
            removed[f"published {publication.build_id} {name}"] = rows
    return removed


def _rewrite(workspace: Workspace, publication: Publication, person: Person) -> dict[str, int]:
    """Replaces a publication by one without the person, if it names them. Returns the rows that did, by table."""
    removed, selects = {}, {}
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(publication.folder / DATABASE))} as old (read_only)")
        for table, columns in _text_columns(connection, "old").items():
            conditions = {column: _named(column, person, table) for column in columns}
            named = " or ".join(conditions.values()) or "false"
            (rows,) = connection.execute(f"select count(*) from old.main.{identifier(table)} where {named}").fetchone()
            if rows:
                removed[table] = rows
            replaced = ", ".join(f"{_without(column, person, table)} as {identifier(column)}" for column in columns)
            star = f"* replace ({replaced})" if replaced else "*"
            kept = f"where ({conditions['contact_id']}) is not true" if table == "dim_contact" else ""
            selects[table] = f"select {star} from old.main.{identifier(table)} {kept}"
    if removed:
        rewrite(workspace, publication, selects)
    return removed


def _search(workspace: Workspace, person: Person, who: str | None) -> tuple[list[str], int, int]:
    """Looks through every text column of every load and publication for what the person was known by."""
    left, files, searched = [], 0, 0
    address = who if who and "@" in who else None
    with duckdb.connect() as connection:
        for table, path in _batches(workspace):
            files += 1
            scan = f"read_parquet({literal(str(path))})"
            described = connection.execute(f"describe from {scan}").fetchall()
            columns = [row[0] for row in described]
            deleted, replaced = _changes(table, columns, person)
            conditions = [*deleted, *(condition for condition, _ in replaced.values())]
            texts = [row[0] for row in described if row[1] == "VARCHAR"]
            conditions += [
                _contains(identifier(name), [*person.hashes, *([address] if address else [])]) for name in texts
            ]
            searched += len(columns)
            conditions = [condition for condition in conditions if condition]
            if (
                conditions
                and connection.execute(f"select 1 from {scan} where {' or '.join(conditions)} limit 1").fetchone()
            ):
                left.append(str(path))
        for publication in publications(workspace):
            database = publication.folder / DATABASE
            connection.execute(f"attach {literal(str(database))} as published (read_only)")
            for table, columns in _text_columns(connection, "published").items():
                conditions = [_named(column, person, table) for column in columns]
                conditions += [_contains(identifier(column), [address]) for column in columns if address]
                parquet = publication.folder / PARQUET / f"{table}.parquet"
                for scan in (f"published.main.{identifier(table)}", f"read_parquet({literal(str(parquet))})"):
                    searched += len(columns)
                    if (
                        conditions
                        and connection.execute(
                            f"select 1 from {scan} where {' or '.join(conditions)} limit 1"
                        ).fetchone()
                    ):
                        left.append(f"{publication.folder} {table}")
                files += 1
            files += 1
            connection.execute("detach published")
    if workspace.working_database.exists():
        left.append(str(workspace.working_database))
    return left, files, searched


def _changes(table: RawTable, columns: list[str], person: Person) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """Which rows of a raw table go, and which values are replaced by what: {column: (condition, value)}."""
    present = {name.lower(): name for name in columns}
    deleted: list[str] = []
    replaced: dict[str, tuple[str, str]] = {}
    is_contacts = "contacts" in table.entities
    # a row that is a company as well stays, without the person's address
    is_only_person = set(table.entities) == {"contacts"}
    own_key = next((name for name, kind in table.people.items() if kind == "contact"), None) if is_contacts else None
    for declared, kind in table.people.items():
        name = present.get(declared.lower())
        if name is None:
            continue
        text = f"trim(cast({identifier(name)} as varchar))"
        if kind == "contact":
            numbers = [number for system, number in person.contacts if _is_of(table.system, system)]
            if numbers and declared == own_key and is_only_person:
                deleted.append(f"{text} in ({_listed(numbers)})")
            elif numbers and declared != own_key:
                replaced[name] = (f"{text} in ({_listed(numbers)})", "null")
        else:
            tokens = {
                visitor: token
                for system, visitor, token in person.visitors
                if system == table.system or _is_one_web(table, system)
            }
            if tokens:
                whens = " ".join(f"when {literal(visitor)} then {literal(token)}" for visitor, token in tokens.items())
                replaced[name] = (f"{text} in ({_listed(list(tokens))})", f"case {text} {whens} end")
    for declared, rule in table.personal.items():
        name = present.get(declared.lower())
        if rule != "hash" or name is None or not person.hashes:
            continue
        known = f"{identifier(name)} in ({_listed(list(person.hashes))})"
        if is_only_person:
            deleted.append(known)
            continue
        whens = " ".join(f"when {literal(hashed)} then {literal(token)}" for hashed, token in person.hashes.items())
        replaced[name] = (known, f"case {identifier(name)} {whens} end")
        domain = present.get(f"{declared}_domain".lower())
        if domain:
            replaced[domain] = (known, "null")
    return deleted, replaced


def _is_of(table_system: str, contact_system: str) -> bool:
    """Whether the contact numbers in a system's tables are another system's: its own, unless it has no contacts."""
    has_contacts = any("contacts" in table.entities for table in raw_tables(table_system).values())
    return table_system == contact_system or not has_contacts


def _is_one_web(table: RawTable, visitor_system: str) -> bool:
    """Whether the visitor numbers in a table are those of another system's tracker: it has no web events of its own."""
    own = any("web_events" in other.entities for other in raw_tables(table.system).values())
    return table.system == visitor_system or not own


def _ids(column: str, person: Person, table: str) -> dict[str, str | None]:
    """What a published column may call the person -> what stands there afterwards.

    Elsewhere the same number is another's: small shops give a company and its only contact one number.
    """
    ids: dict[str, str | None] = {}
    if column.endswith("contact_id") or table == "rejected_rows":
        ids |= {f"{system}:{number}": None for system, number in person.contacts}
    if column.endswith("visitor_id") or table == "rejected_rows":
        ids |= {f"{system}:{visitor}": f"{system}:{token}" for system, visitor, token in person.visitors}
    return ids


def _named(column: str, person: Person, table: str) -> str:
    """SQL: whether a published text names the person."""
    text, ids = identifier(column), list(_ids(column, person, table))
    conditions = [_contains(text, list(person.hashes))] if person.hashes else []
    if ids:
        conditions.append(f"{text} in ({_listed(ids)})")
    if table == "rejected_rows":
        conditions += [f"regexp_matches({text}, {literal(_word(value))})" for value in _bare(person)]
    return "(" + (" or ".join(conditions) or "false") + ")"


def _without(column: str, person: Person, table: str) -> str:
    """SQL: a published text without the person."""
    text = identifier(column)
    for hashed, token in person.hashes.items():
        text = f"replace({text}, {literal(hashed)}, {literal(token)})"
    whens = [
        f"when {identifier(column)} = {literal(known)} then {'null' if left is None else literal(left)}"
        for known, left in _ids(column, person, table).items()
    ]
    if table == "rejected_rows":
        for value in _bare(person):
            text = (
                f"regexp_replace({text}, {literal(_word(value))}, {literal(chr(92) + '1' + LEFT + chr(92) + '2')}, 'g')"
            )
    return f"case {' '.join(whens)} else {text} end" if whens else text


def _bare(person: Person) -> list[str]:
    """Numbers as an export has them, which the row of a rejected one shows."""
    return [number for _, number in person.contacts] + [visitor for _, visitor, _ in person.visitors]


def _word(value: str) -> str:
    """A regular expression that finds a number, and not another one that begins or ends with it."""
    return f"(^|[^A-Za-z0-9_.-]){re.escape(value)}([^A-Za-z0-9_.-]|$)"


def _contains(column: str, values: list[str]) -> str:
    return " or ".join(f"contains(lower({column}), {literal(value.strip().lower())})" for value in values)


def _listed(values: list[str]) -> str:
    return ", ".join(map(literal, values))


def _text_columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    """Every table of a published database with its columns of text."""
    found: dict[str, list[str]] = {}
    for table, column, data_type in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and schema_name = 'main' order by table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, [])
        if data_type == "VARCHAR":
            found[table].append(column)
    return found


def _systems_on_disk(workspace: Workspace) -> list[str]:
    """Systems with loads, and those of the workspace, whose publications may know more than the lake does."""
    on_disk = [path.name for path in workspace.raw_lake.glob("*") if path.name in known_systems()]
    return sorted({*on_disk, *workspace.enabled_systems})


def _batches(workspace: Workspace) -> Iterator[tuple[RawTable, Path]]:
    for system in _systems_on_disk(workspace):
        for name, table in raw_tables(system).items():
            for path in sorted((workspace.raw_lake / system / name).glob("*.parquet")):
                yield table, path


def _scans(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace
) -> Iterator[tuple[RawTable, str, dict[str, str]]]:
    """Every load with its columns, by their name in lower case."""
    for table, path in _batches(workspace):
        scan = f"read_parquet({literal(str(path))})"
        yield table, scan, {row[0].lower(): row[0] for row in connection.execute(f"describe from {scan}").fetchall()}


def _hash_columns(table: RawTable, present: dict[str, str]) -> list[str]:
    names = (present.get(name.lower()) for name, rule in table.personal.items() if rule == "hash")
    return [name for name in names if name]


def _people_columns(table: RawTable, present: dict[str, str], kind: str) -> list[str]:
    names = (present.get(name.lower()) for name, which in table.people.items() if which == kind)
    return [name for name in names if name]


def _is_hash_known(connection: duckdb.DuckDBPyConnection, workspace: Workspace, hashed: str) -> bool:
    for table, scan, present in _scans(connection, workspace):
        for name in _hash_columns(table, present):
            if connection.execute(f"select 1 from {scan} where {identifier(name)} = ? limit 1", [hashed]).fetchone():
                return True
    for path in published_databases(workspace):
        connection.execute(f"attach {literal(str(path))} as published (read_only)")
        try:
            for table, columns in _text_columns(connection, "published").items():
                found = " or ".join(_contains(identifier(column), [hashed]) for column in columns)
                if (
                    found
                    and connection.execute(
                        f"select 1 from published.main.{identifier(table)} where {found} limit 1"
                    ).fetchone()
                ):
                    return True
        finally:
            connection.execute("detach published")
    return False


def _contacts_of(connection: duckdb.DuckDBPyConnection, workspace: Workspace, hashed: str) -> list[tuple[str, str]]:
    """The contacts that have an address, in the lake and in publications."""
    found: set[tuple[str, str]] = set()
    for table, scan, present in _scans(connection, workspace):
        if "contacts" in table.entities:
            for key in _people_columns(table, present, "contact")[:1]:
                for name in _hash_columns(table, present):
                    rows = connection.execute(
                        f"select distinct trim(cast({identifier(key)} as varchar)) from {scan}"
                        f" where {identifier(name)} = ? and {identifier(key)} is not null",
                        [hashed],
                    ).fetchall()
                    found |= {(table.system, number) for (number,) in rows}
    for path in published_databases(workspace):
        connection.execute(f"attach {literal(str(path))} as published (read_only)")
        try:
            if "email_hash" in _text_columns(connection, "published").get("dim_contact", []):
                rows = connection.execute(
                    "select distinct contact_id from published.main.dim_contact where email_hash = ?", [hashed]
                ).fetchall()
                found |= {tuple(contact.split(":", 1)) for (contact,) in rows}
        finally:
            connection.execute("detach published")
    return sorted(found)


def _contacts_named(connection: duckdb.DuckDBPyConnection, workspace: Workspace, who: str) -> list[tuple[str, str]]:
    """The contact of a number, if anything in the lake or in a publication names it."""
    system, colon, number = who.strip().partition(":")
    if not colon or system not in known_systems():
        owners = [
            name
            for name in _systems_on_disk(workspace)
            if any("contacts" in table.entities for table in raw_tables(name).values())
        ]
        if len(owners) != 1:
            return []
        system, number = owners[0], who.strip()
    contact = (system, number)
    for table, scan, present in _scans(connection, workspace):
        if not _is_of(table.system, system):
            continue
        for name in _people_columns(table, present, "contact"):
            if connection.execute(
                f"select 1 from {scan} where trim(cast({identifier(name)} as varchar)) = ? limit 1", [number]
            ).fetchone():
                return [contact]
    for path in published_databases(workspace):
        connection.execute(f"attach {literal(str(path))} as published (read_only)")
        try:
            if connection.execute(
                "select 1 from published.main.dim_contact where contact_id = ?", [f"{system}:{number}"]
            ).fetchone():
                return [contact]
        except duckdb.CatalogException:  # a publication without contacts
            continue
        finally:
            connection.execute("detach published")
    return []


def _hashes_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, contacts: list[tuple[str, str]]
) -> list[str]:
    found: set[str] = set()
    for table, scan, present in _scans(connection, workspace):
        numbers = [number for system, number in contacts if system == table.system]
        if "contacts" in table.entities and numbers:
            for key in _people_columns(table, present, "contact")[:1]:
                for name in _hash_columns(table, present):
                    rows = connection.execute(
                        f"select distinct {identifier(name)} from {scan} where {identifier(name)} is not null"
                        f" and trim(cast({identifier(key)} as varchar)) in ({_listed(numbers)})"
                    ).fetchall()
                    found |= {hashed for (hashed,) in rows}
    return sorted(found)


def _visitors_of(connection: duckdb.DuckDBPyConnection, workspace: Workspace, person: Person) -> list[tuple[str, str]]:
    """The visitor numbers of the browsers that a contact logged in with."""
    found: set[tuple[str, str]] = set()
    for table, scan, present in _scans(connection, workspace):
        numbers = [number for system, number in person.contacts if _is_of(table.system, system)]
        if "web_events" not in table.entities or not numbers:
            continue
        for contact in _people_columns(table, present, "contact"):
            for visitor in _people_columns(table, present, "visitor"):
                rows = connection.execute(
                    f"select distinct trim(cast({identifier(visitor)} as varchar)) from {scan}"
                    f" where {identifier(visitor)} is not null"
                    f" and trim(cast({identifier(contact)} as varchar)) in ({_listed(numbers)})"
                ).fetchall()
                found |= {(table.system, number) for (number,) in rows}
    return sorted(found)


def _journal(workspace: Workspace) -> Path:
    return workspace.folder / "erasing.json"


def _memory(workspace: Workspace) -> Path:
    return workspace.raw_lake / ".erased.json"


def _remember(workspace: Workspace, person: Person) -> None:
    known = [asdict(other) for other in erased_persons(workspace)]
    if asdict(person) not in known:
        _write(_memory(workspace), [*known, asdict(person)])


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half_written.replace(path)
