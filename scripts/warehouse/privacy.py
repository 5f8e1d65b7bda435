"""Personal data: what becomes of it when it is loaded, and the secret that it is hashed with.

A column that says who somebody is carries a tag, in the contract of its entity or in the sources file of its system:

- `personal: hash`: an address or another name that has to stay the same person. Becomes HMAC-SHA256 of the trimmed
  lower-case text, keyed with the salt of the workspace; the domain of an address is kept as `<column>_domain`.
- `personal: drop`: a name, a phone number, whatever no number is made of. Not landed at all.
- `personal: mask`: text that may hold an address by accident, such as a page's. Landed with addresses replaced.

What is not declared is not read by any model, and is dropped when its name or its values look personal.
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.contract_types import ContractTypes
from warehouse.load.readers import Export, run
from warehouse.load.sql import identifier, literal
from warehouse.project import RawTable, raw_tables
from warehouse.workspace import Workspace

SALT_VARIABLE = "WAREHOUSE_SALT"
SHORTEST_SALT = 16
BLOCK_BYTES = 64
SAMPLE_ROWS = 1000
# the demo company's people are invented, and its files are public
DEMO_SALT = b""
PERSONAL_NAME = re.compile(
    r"e-?mail|phone|telefon|mobile|fax|street|stra(ss|ß)e|address|adress|ulica|vorname|nachname|imie|nazwisko"
    r"|(first|last|sur|full|contact|person)[ _-]?name|birth|geburt|handy|mobil"
    r"|ansprechpartner|kontaktperson|inhaber|iban|passport|ip[ _-]?addr",
    re.IGNORECASE,
)
# an address in any text, also where an address of a page spells the sign out
ADDRESS_IN_TEXT = r"""[^\s/?&=#:,;<>()"'@%]+(@|%40)[^\s/?&=#:,;<>()"'@%]+\.[A-Za-z]{2,}"""
MASK = "(address)"


def salt_of(workspace: Workspace, system: str) -> bytes:
    """The secret of a workspace: WAREHOUSE_SALT, or else a file that is made once and that only its owner may read.

    The demo company's systems have none.

    Raises:
        WarehouseError: it is too short, or another one than that of earlier loads.
    """
    if system.startswith("demo_"):
        return DEMO_SALT
    given = os.environ.get(SALT_VARIABLE)
    if given is not None and len(given.strip()) < SHORTEST_SALT:
        raise WarehouseError(
            f"{SALT_VARIABLE} is shorter than {SHORTEST_SALT} characters: addresses could be guessed from their hashes."
            f" Set a longer one, or none: then one is made in {_salt_file(workspace)}."
        )
    salt = given.strip().encode() if given is not None else _kept_salt(workspace)
    _check_fingerprint(workspace, salt)
    return salt


def hash_of(salt: bytes, text: str) -> str:
    """What a text became when it was landed."""
    return hmac.new(salt, text.strip().lower().encode(), hashlib.sha256).hexdigest()


def set_salt(connection: duckdb.DuckDBPyConnection, salt: bytes) -> None:
    """Gives the salt to a connection, for `hashed`; as variables, so that no statement and no error message has it."""
    key = (hashlib.sha256(salt).digest() if len(salt) > BLOCK_BYTES else salt).ljust(BLOCK_BYTES, b"\0")
    for name, byte in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
        connection.execute(f"set variable {name} = unhex($pad)", {"pad": bytes(b ^ byte for b in key).hex()})


def hashed(trimmed: str, no_identity: str) -> str:
    """SQL of HMAC-SHA256 (RFC 2104) of a trimmed text, in lower case.

    What names nobody, such as NULL, stays as it is: hashed, it would be somebody, and the same one in every row.
    """
    person = f"lower({trimmed})"
    inner = f"unhex(sha256(getvariable('inner_pad') || encode({person})))"
    return (
        f"case when {person} = '' or regexp_matches({person}, {literal(no_identity)}) then nullif({person}, '')"
        f" else sha256(getvariable('outer_pad') || {inner}) end"
    )


def domain_of(trimmed: str) -> str:
    """SQL of the domain of an address; null for what is none."""
    return f"nullif(lower(regexp_extract({trimmed}, '@([^@]+)$', 1)), '')"


def masked(text: str) -> str:
    """SQL of a text without addresses."""
    replaced = f"regexp_replace({text}, {literal(ADDRESS_IN_TEXT)}, {literal(MASK)}, 'g')"
    return f"case when contains({text}, '@') or contains({text}, '%40') then {replaced} else {text} end"


def rule_of(table: RawTable, column: str) -> str | None:
    """The tag of a column as it is landed, whatever its upper and lower case; None without one."""
    return next((rule for name, rule in table.personal.items() if name.lower() == column.lower()), None)


class LandingRule:
    """What becomes of the columns of one export."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        workspace: Workspace,
        table: RawTable,
        export: Export,
        given: dict[str, str],
    ) -> None:
        """Looks the columns over, and gives the salt to the connection if any of them is hashed.

        Args:
            connection: where the export is read.
            workspace: whose salt it is.
            table: where the rows go.
            export: what is landed.
            given: column in the lake -> column of the export.

        Raises:
            WarehouseError: the salt is not the one of earlier loads, or the export cannot be read.
        """
        self._rules = {name: rule_of(table, name) for name in given}
        undeclared = _undeclared_personal(connection, table, export, given)
        self.dropped = frozenset({name for name, rule in self._rules.items() if rule == "drop"} | undeclared)
        self._given = given
        if any(self._rules.values()):
            self._types = ContractTypes(workspace, table.system)
        if "hash" in self._rules.values():
            set_salt(connection, salt_of(workspace, table.system))

    def landed(self, name: str, value: str) -> str:
        """SQL of a column as it is landed."""
        if self._rules[name] == "hash":
            return hashed(self._types.trimmed(value), self._types.no_identity)
        return masked(f"cast({value} as varchar)") if self._rules[name] == "mask" else value

    def domains(self, landed: dict[str, str]) -> dict[str, str]:
        """SQL of the domains of what is hashed, by their columns."""
        return {
            f"{name}_domain": domain_of(self._types.trimmed(identifier(column)))
            for name, column in landed.items()
            if self._rules[name] == "hash"
        }

    @property
    def facts(self) -> tuple[str, ...]:
        """What was done, to be shown."""
        by_rule = {
            "hashed": [name for name, rule in self._rules.items() if rule == "hash"],
            "dropped as personal": [name for name in self._given if name in self.dropped],
        }
        return tuple(f"{done}: {', '.join(names)}" for done, names in by_rule.items() if names)


def landed_without_secret(system: str, table_name: str) -> dict[str, str]:
    """SQL of the columns of a table of the demo company, as they are landed; for a connection with DEMO_SALT."""
    table = raw_tables(system)[table_name]
    landed = {}
    for name in table.columns:
        rule = table.personal.get(name)
        if rule == "hash":
            landed[name] = hashed(f"trim({name})", "^$")
            landed[f"{name}_domain"] = domain_of(f"trim({name})")
        elif rule != "drop":
            landed[name] = masked(name) if rule == "mask" else name
    return landed


def _undeclared_personal(
    connection: duckdb.DuckDBPyConnection, table: RawTable, export: Export, given: dict[str, str]
) -> set[str]:
    """Columns that no model reads and that look personal, by their name or by the addresses in their first rows."""
    known = {column.lower() for column in table.columns}
    spare = {name: column for name, column in given.items() if name.lower() not in known}
    by_name = {name for name in spare if PERSONAL_NAME.search(name)}
    others = [name for name in spare if name not in by_name]
    if not others:
        return by_name
    texts = ", ".join(f"cast({identifier(spare[name])} as varchar) as c{i}" for i, name in enumerate(others))
    asked = ", ".join(f"bool_or(regexp_matches(c{i}, {literal(ADDRESS_IN_TEXT)}))" for i in range(len(others)))
    query = f"select {asked} from (select {texts} from {export.scan} limit {SAMPLE_ROWS})"
    ((*found,),) = run(connection, export.name, query)
    return by_name | {name for name, is_personal in zip(others, found, strict=True) if is_personal}


def _salt_file(workspace: Workspace) -> Path:
    return workspace.folder / "salt"


def _kept_salt(workspace: Workspace) -> bytes:
    path = _salt_file(workspace)
    if not path.exists():
        # made under another name, so that a load that is killed leaves no half of a salt; a load holds the workspace
        half_written = path.with_suffix(f".{os.getpid()}.tmp")
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        half_written.replace(path)
    salt = path.read_text(encoding="utf-8").strip()
    if len(salt) < SHORTEST_SALT:
        raise WarehouseError(f"The salt in {path} is gone or cut short: put the file back from a copy.")
    return salt.encode()


def _check_fingerprint(workspace: Workspace, salt: bytes) -> None:
    """Refuses another salt than the lake was landed with: everybody would be two people."""
    path = workspace.raw_lake / ".salt_fingerprint"
    fingerprint = hmac.new(salt, b"fingerprint of the salt", hashlib.sha256).hexdigest()[:16]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        half_written = path.with_suffix(f".{os.getpid()}.tmp")
        half_written.write_text(fingerprint + "\n", encoding="utf-8")
        half_written.replace(path)
    elif path.read_text(encoding="utf-8").strip() != fingerprint:
        raise WarehouseError(
            "The salt is not the one that earlier loads were hashed with, so that every person would become two. Put"
            f" the earlier one back ({SALT_VARIABLE}, or without it the file {_salt_file(workspace)}), or delete"
            f" {workspace.raw_lake} and load everything anew. Nothing was loaded."
        )
