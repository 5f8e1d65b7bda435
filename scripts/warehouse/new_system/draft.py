"""A new system's folder of staging models, drafted from its exports."""

import json
import re
from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill, indent

import duckdb
import yaml

from warehouse.errors import WarehouseError
from warehouse.load.files import find_files
from warehouse.load.names import folded
from warehouse.load.sql import identifier
from warehouse.new_system.mapping import Mapping, best_mapping, given_mapping, key_of, named_entities
from warehouse.new_system.profile import Profile, profile_of
from warehouse.new_system.registration import Registration, entities_registered, register, register_more
from warehouse.privacy import PERSONAL_NAME
from warehouse.project import PROJECT_ROOT, conformed_entities, known_systems

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 40
NOT_COUNTED = (
    "table is none, as the rows of {table} are counted by another model already: a row counted twice fails the test of"
    " reconciliation"
)
# columns of contracts that hold what an address became
ADDRESSES = ("email_hash", "guest_key")


@dataclass(frozen=True)
class Model:
    """A drafted staging model.

    Attributes:
        mapping: what it maps.
        table: raw table that it reads.
        file: export that it was drafted from.
        is_named: true when the table's rows only name the entity, so that there is one row per key.
    """

    mapping: Mapping
    table: str
    file: Path
    is_named: bool


@dataclass(frozen=True)
class Draft:
    """What was written.

    Attributes:
        name: the system.
        folder: its staging models.
        models: what was guessed.
        left_out: exports that no model was drafted for, and why.
        registration: what became of dbt_project.yml.
    """

    name: str
    folder: Path
    models: list[Model]
    left_out: list[str]
    registration: Registration


def draft_system(
    name: str,
    sources: list[str],
    timezone: str | None = None,
    project: Path = PROJECT_ROOT,
    entities: Dictionary[str, str] | None = None,
) -> Draft:
    """Drafts the staging of a system and registers it. Nothing that exists is overwritten.

    Args:
        name: of the new system.
        sources: files, folders or patterns; files of one name but for numbers are one table.
        timezone: of its timestamps without offset; UTC if not given.
        project: folder of dbt_project.yml.
        entities: name of a file, or of the table that it becomes -> its entity, where that is known and not guessed.

    Raises:
        WarehouseError: the name cannot be used or is taken, no file can be read, or there is no such entity or file.
            Nothing has been written then.
    """
    check_name(name)
    folder = project / "models" / "staging" / name
    if name in known_systems() or folder.exists():
        raise WarehouseError(
            f"There is a system named '{name}' already: choose another name, or add what is new to it with --add."
        )
    profiles = _profiles(sources)
    models, left_out = _models(profiles, _known_entities(profiles, entities or {}))
    if not models:
        raise WarehouseError("No model can be drafted. " + " ".join(left_out))
    texts = {f"_{name}__sources.yml": _sources(name, profiles, models), **_model_files(name, profiles, models)}
    folder.mkdir(parents=True)
    for file_name, text in texts.items():
        (folder / file_name).write_text(text, encoding="utf-8")
    drafted = [model.mapping.entity for model in models]
    return Draft(name, folder, models, left_out, register(project, name, drafted, timezone or "UTC"))


def add_to_system(
    name: str, sources: list[str], project: Path = PROJECT_ROOT, entities: Dictionary[str, str] | None = None
) -> Draft:
    """Drafts models of further exports of a system. What it has already is left as it is.

    Args:
        name: of the system, drafted before.
        sources: see draft_system; files of its tables are told, and left out.
        project: folder of dbt_project.yml.
        entities: see draft_system.

    Raises:
        WarehouseError: there is no such system, its files have another shape than a draft's, or nothing is new.
            Nothing has been written then.
    """
    check_name(name)
    folder = project / "models" / "staging" / name
    sources_file = folder / f"_{name}__sources.yml"
    registered = entities_registered(project, name)
    if not sources_file.is_file() or registered is None:
        raise WarehouseError(f"There is no system named '{name}' to add to: draft it without --add.")
    before = sources_file.read_text(encoding="utf-8")
    other_shape = WarehouseError(
        f"{sources_file} has another shape than a draft's: one source, with `tables` at its end."
        " Make it so, then try again."
    )
    try:
        (source,) = yaml.safe_load(before)["sources"]
    except (yaml.YAMLError, ValueError, TypeError, KeyError):
        raise other_shape from None
    tables = {table["name"] for table in source["tables"]}
    found = _profiles(sources)
    known = _known_entities(found, entities or {})
    profiles = {table: profile for table, profile in found.items() if table not in tables}
    kept = [
        f"{found[table].file.name}: {table} is a table of {name} already; load it."
        for table in found
        if table in tables
    ]
    models, left_out = _models(profiles, known, given=registered)
    left_out = kept + left_out
    if not models:
        raise WarehouseError("Nothing new can be drafted. " + " ".join(left_out))
    added = _tables(profiles, models)
    after = before.rstrip("\n") + "\n" + "\n".join(added) + "\n"
    expected = source["tables"] + yaml.safe_load("\n".join(added))
    try:
        is_whole = yaml.safe_load(after)["sources"] == [{**source, "tables": expected}]
    except yaml.YAMLError:
        is_whole = False
    if not is_whole:
        raise other_shape
    texts = {**_model_files(name, profiles, models), sources_file.name: after}
    for file_name in texts:
        if file_name != sources_file.name and (folder / file_name).exists():
            raise WarehouseError(f"{folder / file_name} is there already, though dbt_project.yml does not know of it.")
    for file_name, text in texts.items():
        (folder / file_name).write_text(text, encoding="utf-8")
    all_entities = [*registered, *(model.mapping.entity for model in models)]
    return Draft(name, folder, models, left_out, register_more(project, name, all_entities))


def _profiles(sources: list[str]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for file in find_files(sources)[0]:
        profiles.setdefault(table_of(file.name), profile_of(file))
    return profiles


def _model_files(name: str, profiles: dict[str, Profile], models: list[Model]) -> dict[str, str]:
    texts = {}
    for model in models:
        texts[f"stg_{name}__{model.mapping.entity}.sql"] = _sql(name, model, profiles[model.table])
        texts[f"stg_{name}__{model.mapping.entity}.yml"] = _yaml(name, model)
    return texts


def _known_entities(profiles: dict[str, Profile], entities: Dictionary[str, str]) -> dict[str, str]:
    """Table -> entity, as the user says."""
    known = {}
    for given, entity in entities.items():
        table = given if given in profiles else table_of(given)
        if table not in profiles:
            raise WarehouseError(f"--entity {given}={entity}: there is no such file. The files: {', '.join(profiles)}.")
        if entity not in conformed_entities():
            near = get_close_matches(entity, conformed_entities(), n=1)
            raise WarehouseError(
                f"--entity {given}={entity}: there is no such entity"
                + (f"; did you mean '{near[0]}'?" if near else f". The entities: {', '.join(conformed_entities())}.")
            )
        known[table] = entity
    return known


def check_name(name: str) -> None:
    """Refuses a name that could not be a schema, a folder and a part of model names.

    Raises:
        WarehouseError: it is no such name.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise WarehouseError(
            f"A system's name has small letters, digits and single underscores, begins with a letter and is at most"
            f" {LONGEST_NAME} long, such as acme_shop. {name!r} is none."
        )
    if name.startswith("demo_"):
        raise WarehouseError("Names that begin with demo_ belong to the demo company: choose another one.")


def table_of(file_name: str) -> str:
    """A raw table's name for a file: its words without numbers, so that `Sales 2026-01.csv` belongs to sales."""
    words = re.findall(r"[a-z]+", folded(file_name.split(".")[0]))
    name = "_".join(words)[:LONGEST_NAME].strip("_") or "export"
    with duckdb.connect() as connection:
        reserved = connection.execute(
            "select 1 from duckdb_keywords() where keyword_name = ? and keyword_category <> 'unreserved'", [name]
        ).fetchone()
    return f"{name}_rows" if reserved else name


def _models(
    profiles: dict[str, Profile], known: Dictionary[str, str], given: Iterable[str] = ()
) -> tuple[list[Model], list[str]]:
    """One model an entity: the exports that are an entity go before those that only name it.

    Args:
        profiles: the exports, by table.
        known: table -> entity, where it need not be guessed.
        given: entities that the system has models of already.
    """
    best = _mappings(profiles, known, is_total_a_line=False)
    if not any(entity == "order_lines" for entity in [*given, *(mapping.entity for mapping in best.values())]):
        best = _mappings(profiles, known, is_total_a_line=True)
    mains: dict[str, Model] = {}
    left_out = []
    # of two that look alike the one that lacks less goes first: positions of quotes are no lines of orders
    ranked = sorted(best.items(), key=lambda item: (item[0] not in known, len(item[1].missing), -item[1].score))
    for table, mapping in ranked:
        file = profiles[table].file
        if not mapping.guesses:
            left_out.append(f"{file.name}: no column is like any of the contracts.")
        elif mapping.entity in given:
            left_out.append(
                f"{file.name} looks like {mapping.entity}, of which the system has a model already: load it as the same"
                " table, write a model of your own that reads both, or say what else it is with --entity."
            )
        elif mapping.entity in mains:
            left_out.append(
                f"{file.name} looks like {mapping.entity}, as {mains[mapping.entity].file.name} does: load it as the"
                " same table, say what else it is with --entity, or draft a system of its own for it."
            )
        else:
            mains[mapping.entity] = Model(mapping, table, file, is_named=False)
    tables = list(best)
    models = dict(sorted(mains.items(), key=lambda item: tables.index(item[1].table)))
    for model in list(models.values()):
        for mapping in named_entities(profiles[model.table], model.mapping, [*models, *given]):
            models[mapping.entity] = Model(mapping, model.table, model.file, is_named=True)
    return list(models.values()), left_out


def _mappings(profiles: dict[str, Profile], known: Dictionary[str, str], is_total_a_line: bool) -> dict[str, Mapping]:
    return {
        table: given_mapping(profile, table, known[table])
        if table in known
        else best_mapping(profile, table, is_total_a_line)
        for table, profile in profiles.items()
    }


def _sources(name: str, profiles: dict[str, Profile], models: list[Model]) -> str:
    head = [
        "version: 2",
        "",
        "sources:",
        f"  - name: {name}",
        "    description: >-",
        f"      Drafted by `warehouse new-system`: say here what {name} is, and who exports it how.",
        f"    schema: raw_{name}",
        "    tables:",
    ]
    return "\n".join([*head, *_tables(profiles, models)]) + "\n"


def _tables(profiles: dict[str, Profile], models: list[Model]) -> list[str]:
    lines = []
    for main in (model for model in models if not model.is_named):
        profile = profiles[main.table]
        needed = [
            guess.sql
            for model in models
            if model.table == main.table
            for column, guess in model.mapping.guesses.items()
            if column in model.mapping.contract.required and (model is main or column == key_of(model.mapping.entity))
        ]
        people = {
            guess.sql: kind
            for model in models
            if model.table == main.table
            for target, kind in model.mapping.contract.people.items()
            for guess in [model.mapping.guesses.get(target)]
            if guess
        }
        lines += [
            f"      - name: {main.table}",
            f"        config: {{meta: {{entities: [{main.mapping.entity}]}}}}",
            "        description: Say here what a row is.",
            "        columns:",
        ]
        for column in profile.columns:
            if not column.is_read:
                continue
            is_needed = any(identifier(column.name) in sql for sql in needed)
            rules = [] if is_needed else ["optional: true"]
            if column.has_addresses or PERSONAL_NAME.search(column.name):
                is_used = column.has_addresses or any(column.name in model.mapping.used for model in models)
                rules.append(f"personal: {'hash' if is_used else 'drop'}")
            kinds = [kind for sql, kind in people.items() if sql == identifier(column.name)]
            rules += [f"person: {kind}" for kind in kinds]
            lines.append(f"          - name: {json.dumps(column.name, ensure_ascii=False)}")
            if rules:
                lines.append(f"            config: {{meta: {{{', '.join(rules)}}}}}")
    return lines


def _sql(name: str, model: Model, profile: Profile) -> str:
    mapping = model.mapping
    key = key_of(mapping.entity)
    grain = (
        f"one row per {key} that the files landed as {model.table} name"
        if model.is_named
        else (f"one row per row of the files landed as {model.table}")
    )
    head = (
        f"Grain: {grain}. Key: {key}. Drafted by `warehouse new-system` from an export: each line below `guess` is one."
        " Mend what is wrong, then take the word away."
    )
    lines = _comment(head)
    for remark in mapping.remarks:
        lines += _comment(f"guess: {remark}.")
    if mapping.missing:
        lines += _comment(
            f"guess: nothing in the export looks like {', '.join(mapping.missing)}, which {mapping.entity} needs:"
            " every row is rejected until it is mapped."
        )
    lines += ["with export as (", "    select"]
    for column, guess in mapping.guesses.items():
        lines += [f"        -- guess: {column}, {guess.reason}"]
        bare = guess.sql == identifier(column)
        lines += [f"        {guess.sql if bare else f'{guess.sql} as {column}'},"]
    for column in mapping.missing:
        lines.append(f"        cast(null as varchar) as {column},")
    # the address is hashed when it is loaded, its domain is kept beside it
    person = next((column for column in ADDRESSES if column in mapping.guesses), None)
    if person:
        (source,) = (c.name for c in profile.columns if identifier(c.name) == mapping.guesses[person].sql)
        lines.append(f"        {identifier(source + '_domain')} as {person}_domain,")
    lines += ["        _batch_id,", "        _source_file,", "        _row_number,", "        _loaded_at"]
    lines.append(f"    from {{{{ raw('{name}', '{model.table}') }}}}")
    if model.is_named:
        own = mapping.guesses[key].sql
        lines += [
            f"    where {own} is not null",
            "    qualify row_number() over (",
            f"        partition by _batch_id, {own}",
            "        order by _row_number",
            "    ) = 1",
        ]
    lines += ["),", "", f"staged_{mapping.entity} as ("]
    if model.is_named:
        lines += indent(fill(NOT_COUNTED.format(table=model.table), 112), "    -- ").splitlines()
    table = "none" if model.is_named else f"'{model.table}'"
    lines.append(f"    {{{{ staged('{mapping.entity}', '{name}', table={table}, relation='export', columns={{")
    if mapping.is_key_made:
        lines += _made_key(name, mapping, key)
    for column in [*mapping.guesses, *mapping.missing]:
        value = f"system_key('{name}', '{column}')" if column.endswith("_id") else f"'{column}'"
        lines.append(f"        '{column}': {value},")
    if person and "is_internal" not in mapping.guesses:
        lines.append(f"        'is_internal': is_internal_domain('{person}_domain'),")
    lines += ["    }) }}", ")", "", f"select * from staged_{mapping.entity}"]
    spare = [c.name for c in profile.columns if c.is_read and c.name not in mapping.used]
    unread = sum(not column.is_read for column in profile.columns)
    if spare and not model.is_named:
        lines += ["", *_comment(f"Not used: {', '.join(spare)}.")]
    if unread and not model.is_named:
        lines += _comment(
            f"{unread} columns cannot be named here, for the signs in their names or because they are there twice: give"
            " them other names in the export."
        )
    return "\n".join(lines) + "\n"


def _made_key(name: str, mapping: Mapping, key: str) -> list[str]:
    """The export has no key: it is made of the row's content, so that the same row loaded again is known again."""
    columns = list(mapping.guesses)
    prefix = next((column for column in columns if column.endswith("_id")), None)
    listed = ", ".join(f"'{column}'" for column in columns)
    before = f"coalesce({prefix}, '')" if prefix else "''"
    return [
        f"        '{key}': system_key('{name}', id_or_content(",
        f"            'cast(null as varchar)', \"{before}\",",
        f"            [{listed}]",
        "        )),",
    ]


def _yaml(name: str, model: Model) -> str:
    entity, key = model.mapping.entity, key_of(model.mapping.entity)
    rows = f"row per {key} that {model.table} names" if model.is_named else f"row per row of {model.table}"
    made = "what is in the row, as the export has no id" if model.mapping.is_key_made else "the id of the export"
    said = f"Drafted from an export of {name}, as {entity}. Grain: one {rows}. Key: {key}."
    description = fill(said, 120, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return f"""\
version: 2

models:
  - name: stg_{name}__{entity}
    description: >-
{description}
    columns:
      - name: {key}
        description: >-
          `{name}:` and {made}.
"""


def _comment(text: str) -> list[str]:
    """A comment of SQL. Names of columns in it hold no line ends and nothing that Jinja reads."""
    return indent(fill(text, 116, break_long_words=False), "-- ", lambda _: True).splitlines()


def guess_rows(models: Iterable[Model]) -> list[tuple[str, str, str]]:
    """Every guess, as model, column of the contract and why."""
    return [
        (model.mapping.entity, column, guess.reason)
        for model in models
        for column, guess in model.mapping.guesses.items()
    ]
