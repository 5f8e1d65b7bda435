"""The guesses: which entity an export is, which of its columns are which of the contract's, and how to read them."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from warehouse.load.names import bare, folded, likeness, spellings
from warehouse.load.sql import identifier, literal
from warehouse.new_system.profile import UNSAFE, Column, Profile
from warehouse.project import RawTable, conformed_entities, raw_tables

ALIKE = 0.78
# what a table calls its own key, whatever it is a table of
OWN_KEY = {"id", "key", "no", "nr", "number", "code", "uuid", "rowid"}
TOTALS = {"total", "linetotal", "amount", "sales", "lineamount", "netamount", "linesales", "revenue", "price", "value",
          "subtotal", "totalprice", "salesamount", "umsatz", "gesamtpreis", "betrag", "kwota", "wartosc"}  # fmt: skip
# entities that the rows of another one may name, one row per key
NAMED_BY_OTHERS = ("orders", "accounts", "products")
MOST_CODES = 40


@dataclass(frozen=True)
class Guess:
    """What a column of the contract is made of.

    Attributes:
        sql: expression over the raw row; may call macros.
        reason: why it is thought so.
    """

    sql: str
    reason: str


@dataclass(frozen=True)
class Mapping:
    """An export as an entity.

    Attributes:
        entity: what it is thought to be.
        guesses: column of the contract -> what it is made of, in the contract's order.
        used: columns of the export that they read.
        missing: required columns that nothing was found for; all rows are rejected until they are mapped.
        remarks: what to look at.
        is_key_made: the export has no key; it is made of the row's content.
        is_completed: order lines whose price was made of a total.
        score: how well it fits; only for comparing.
    """

    entity: str
    guesses: dict[str, Guess]
    used: frozenset[str]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    is_key_made: bool
    is_completed: bool
    score: float

    @property
    def contract(self) -> RawTable:
        """The entity's contract."""
        return raw_tables("flat_file")[self.entity]


def best_mapping(profile: Profile, table: str, is_total_a_line: bool) -> Mapping:
    """The entity whose contract the export fits best; a key that repeats speaks against it, as the grain is another.

    Args:
        profile: the export.
        table: its name.
        is_total_a_line: whether orders that state a total are taken for lines, since nothing else gives lines.
    """
    mappings = {entity: mapped(profile, entity, table) for entity in conformed_entities()}
    lines = mappings["order_lines"]
    if lines.is_completed and not is_total_a_line:
        del mappings["order_lines"]
    best = max(mappings.values(), key=lambda mapping: mapping.score)
    if best.entity != "orders":
        return best
    # lines name their orders, while orders would leave the lines' amounts out
    if "order_lines" in mappings and not lines.missing:
        return lines
    return (_lines_of_totals(profile, best) or best) if is_total_a_line else best


def given_mapping(profile: Profile, table: str, entity: str) -> Mapping:
    """The export as the entity that the user says it is; orders with totals only are taken for lines if he says so."""
    mapping = mapped(profile, entity, table)
    if entity == "order_lines" and mapping.missing:
        return _lines_of_totals(profile, mapped(profile, "orders", table)) or mapping
    return mapping


def named_entities(profile: Profile, main: Mapping, given: Iterable[str]) -> list[Mapping]:
    """Entities that the rows only name, such as the orders of order lines, if they say more than the id.

    Args:
        profile: the export.
        main: what its rows are.
        given: entities that other exports give.
    """
    found = []
    used = set(main.used)
    for entity in NAMED_BY_OTHERS:
        if entity == main.entity or entity in given:
            continue
        mapping = mapped(profile, entity, "", used)
        if not mapping.is_key_made and not mapping.missing and len(mapping.guesses) > 1:
            found.append(mapping)
            used |= mapping.used
    return found


def key_of(entity: str) -> str:
    """The key of an entity: the first column of its contract."""
    contract = raw_tables("flat_file")[entity]
    return next(iter(contract.types))


def mapped(profile: Profile, entity: str, table: str, taken: Set[str] = frozenset()) -> Mapping:
    """The export as a given entity; columns that are taken may be its key only."""
    contract = raw_tables("flat_file")[entity]
    key = key_of(entity)
    by_name = {column.name: column for column in profile.columns if column.is_read}
    pairs = _pairs(by_name, contract, key, taken)
    guesses: dict[str, Guess] = {}
    remarks: list[str] = []
    used: set[str] = set()
    for column in contract.types:
        if column not in pairs:
            continue
        source, score = pairs[column]
        guess, remark = _read(by_name[source], column, contract, score)
        remarks += [remark] if remark else []
        if guess:
            guesses[column] = guess
            used.add(source)
    is_completed = entity == "order_lines" and _complete_lines(by_name, guesses, used)
    is_key_made = key not in guesses
    missing = tuple(column for column in contract.required if column not in guesses and column != key)
    score = sum(score for column, (_, score) in pairs.items() if column in guesses) / max(len(profile.columns), 1)
    required = [column for column in contract.required if column != key]
    score += 2 * (1 - len(missing) / len(required)) if required else 1
    if is_key_made:
        score -= 0.3 if key not in contract.required else 1.5
    elif not by_name[pairs[key][0]].is_unique:
        score -= 1.5
    score += _named_like(table, entity)
    return Mapping(entity, guesses, frozenset(used), missing, tuple(remarks), is_key_made, is_completed, score)


def _named_like(table: str, entity: str) -> float:
    """How much a table's name is the entity's; less where one of its words is, as in `shop_kunden`."""
    words = (0.8 * likeness(word, entity) for word in table.split("_") if word)
    return max([likeness(table, entity), *words]) if table else 0.0


def _pairs(columns: dict[str, Column], contract: RawTable, key: str, taken: Set[str]) -> dict[str, tuple[str, float]]:
    """Column of the contract -> the column of the export most like it, and how much; values have to be possible."""
    ranked = sorted(
        (-score, position, name, column)
        for position, column in enumerate(contract.types)
        for name, profiled in columns.items()
        if column == key or name not in taken
        for score in [_score(profiled, column, contract, key)]
        if score >= ALIKE
    )
    pairs: dict[str, tuple[str, float]] = {}
    paired: set[str] = set()
    for score, _, name, column in ranked:
        if column not in pairs and name not in paired:
            pairs[column] = (name, -score)
            paired.add(name)
    if "account_id" in pairs:
        # an order of an account is no guest's
        pairs.pop("guest_key", None)
    return pairs


def _score(column: Column, target: str, contract: RawTable, key: str) -> float:
    score = likeness(column.name, target)
    if bare(column.name) in OWN_KEY:
        # the number of an order, on its lines, repeats
        is_own = target == key if column.is_unique else (key, target) == ("order_line_id", "order_id")
        score = 0.9 if is_own else 0.0
    return score if _may_be(column, target, contract) else 0.0


def _may_be(column: Column, target: str, contract: RawTable) -> bool:
    """Whether the values can be what the contract wants."""
    data_type = contract.types[target]
    if not column.values:
        return True
    if data_type in ("timestamp", "date"):
        return column.is_time
    if data_type == "boolean":
        return column.is_boolean
    if data_type in ("integer", "bigint"):
        return column.number_style == "plain" and column.is_whole
    if data_type != "varchar":
        is_rate = "discount" in target and all(value.strip() in ("0", "1") or "0." in value for value in column.values)
        return bool(column.number_style) and not is_rate
    if target in ("email_hash", "guest_key"):
        return column.has_addresses
    if target in ("currency_code", "country_code"):
        length = 3 if target == "currency_code" else 2
        return all(len(value.strip()) == length and value.strip().isalpha() for value in column.values)
    if target.endswith("_id"):
        return not column.has_addresses and not (column.is_time and not column.number_style)
    return column.number_style == "" or target in contract.accepted_values or column.is_whole


def _read(column: Column, target: str, contract: RawTable, score: float) -> tuple[Guess | None, str]:
    """The expression that reads a column as the contract wants it, or a remark on why it is left out."""
    name, data_type = identifier(column.name), contract.types[target]
    reason = "by its name" if score >= 0.9 else "by a similar name"
    if target in contract.accepted_values and data_type == "varchar":
        return _translated(column, target, contract.accepted_values[target], reason)
    if data_type in ("timestamp", "date") and column.time_formats:
        formats = column.time_formats[:1]
        either = f", or {column.time_formats[1]}" if len(column.time_formats) > 1 else ""
        return Guess(
            f"{{{{ iso_timestamp({_jinja(name)}, {formats}) }}}}", f"{reason}; written as {formats[0]}{either}"
        ), ""
    if data_type not in ("varchar", "timestamp", "date", "boolean") and column.number_style in ("comma", "signs"):
        mark = "," if column.number_style == "comma" else "."
        said = "a decimal comma" if mark == "," else "currency signs or marks between thousands"
        return Guess(f"{{{{ plain_number({_jinja(name)}, '{mark}') }}}}", f"{reason}; written with {said}"), ""
    if target in ("email_hash", "guest_key"):
        return Guess(name, f"{reason}; hashed when it is loaded"), ""
    remark = ""
    if target == "quantity" and any(value.strip().startswith("-") for value in column.values):
        remark = (
            f"{column.name} is negative in places: such rows are rejected. If they are returns, draft a model for them"
            " as models/staging/online_retail does"
        )
    return Guess(name, reason), remark


def _translated(column: Column, target: str, codes: list[str], reason: str) -> tuple[Guess | None, str]:
    known = {
        spelling: code
        for code, words in code_words().get(target, {}).items()
        if code in codes
        for word in words
        for spelling in spellings(word)
    }
    known |= {code: code for code in codes} | {code.replace("_", " "): code for code in codes}
    found = {value: known.get(folded(value.strip())) for value in column.values}
    unknown = [value for value, code in found.items() if code is None]
    if unknown or len(found) > MOST_CODES or any(map(UNSAFE.search, found)):
        shown = ", ".join(value for value in unknown[:6] if not UNSAFE.search(value))
        return None, (
            f"{column.name} may be {target}, but says {shown or 'too much'}; to use it, translate its words with a case"
            f" to {', '.join(codes)}"
        )
    name = identifier(column.name)
    if all(value.strip().lower() == code for value, code in found.items()):
        return Guess(name, reason), ""
    whens = "".join(
        f"\n            when {literal(word)} then {literal(code)}"
        for word, code in sorted({value.strip().lower(): code for value, code in found.items()}.items())
    )
    translated = f"case lower(trim({name})){whens}\n            else {name}\n        end"
    return Guess(translated, f"{reason}; its words translated"), ""


def _complete_lines(columns: dict[str, Column], guesses: dict[str, Guess], used: set[str]) -> bool:
    """Lines that state a quantity and a total, and no price."""
    total = _total(columns, used)
    if total is None or "unit_price" in guesses or not {"order_id", "quantity"} <= set(guesses):
        return False
    quantity = guesses["quantity"].sql
    guesses["unit_price"] = Guess(
        f"try_cast({_number(total)} as double) / nullif(try_cast({quantity} as double), 0)",
        f"{total.name} seems to be the total of the line",
    )
    used.add(total.name)
    return True


def _lines_of_totals(profile: Profile, orders: Mapping) -> Mapping | None:
    """Orders that state a total and have no lines: one line each."""
    columns = {column.name: column for column in profile.columns if column.is_read}
    total = _total(columns, orders.used)
    key = orders.guesses.get("order_id")
    if total is None or key is None:
        return None
    guesses = {
        "order_id": key,
        "quantity": Guess("'1'", "the orders have no lines"),
        "unit_price": Guess(_number(total), f"{total.name} seems to be the total of the order, without tax"),
    }
    used = frozenset(name for name in columns if name == total.name or identifier(name) == key.sql)
    return Mapping("order_lines", guesses, used, (), (), is_key_made=True, is_completed=True, score=orders.score)


def _total(columns: dict[str, Column], used: Set[str]) -> Column | None:
    found = (c for name, c in columns.items() if bare(name) in TOTALS and name not in used and c.number_style)
    return next(found, None)


def _number(column: Column) -> str:
    name = identifier(column.name)
    if column.number_style == "plain":
        return name
    return f"{{{{ plain_number({_jinja(name)}, '{',' if column.number_style == 'comma' else '.'}') }}}}"


def _jinja(text: str) -> str:
    """A text in Jinja; names with quotes and backslashes are never read."""
    return f"'{text}'"


@cache
def code_words() -> dict[str, dict[str, list[str]]]:
    """Column of codes -> code -> words that exports have for it."""
    return yaml.safe_load((Path(__file__).parent / "codes.yml").read_text(encoding="utf-8"))
