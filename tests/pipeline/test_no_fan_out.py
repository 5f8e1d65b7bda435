"""No join changes a total: every fact keeps its rows and sums when it is joined to a dimension or to another fact.

Which column of a fact points to which table is told by its name, which is the same in all marts; a fact or a dimension
added later is tested without a line here.
"""

from collections.abc import Iterator

import duckdb
import pytest
from command_line import CommandLine

# Names under which a fact points to a dimension other than by the dimension's own key.
OTHER_NAMES = {"owner_rep_id": "rep_id", "ultimate_parent_id": "account_id", "parent_account_id": "account_id"}
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "DECIMAL", "HUGEINT")


class Marts:
    """The published facts and dimensions, by name."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        rows = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_catalog = current_database() order by ordinal_position"
        ).fetchall()
        self.tables: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            if table.startswith(("fct_", "dim_")):
                self.tables.setdefault(table, {})[column] = kind

    def key(self, table: str) -> str:
        """The first column of a fact or dimension is its key."""
        return next(iter(self.tables[table]))

    def rows(self, table: str) -> int:
        return self.connection.execute(f"select count(*) from {table}").fetchone()[0]

    def facts(self) -> list[str]:
        return [table for table in self.tables if table.startswith("fct_")]

    def measures(self, fact: str) -> list[str]:
        return [column for column, kind in self.tables[fact].items() if kind.startswith(NUMBERS)]

    def links(self) -> Iterator[tuple[str, str, str]]:
        """Facts, their columns that point to another table, and that table."""
        # of two facts of one key, such as orders and their deliveries, the one that holds every row
        tables = {self.key(table): table for table in sorted(self.tables, key=lambda table: (self.rows(table), table))}
        for fact in self.facts():
            for column, kind in self.tables[fact].items():
                if kind == "DATE":
                    yield fact, column, "dim_date"
                elif (target := tables.get(OTHER_NAMES.get(column, column))) and target != fact:
                    yield fact, column, target

    def sums(self, fact: str, relation: str) -> tuple:
        """Row count and the sum of every measure."""
        columns = "".join(f", sum(fact.{measure})" for measure in self.measures(fact))
        return self.connection.execute(f"select count(*){columns} from {relation}").fetchone()

    def sums_of_parts(self, fact: str, column: str, dimension: str) -> dict[str, tuple]:
        """The same, added up over the groups of each attribute of a dimension, by attribute."""
        attributes = [name for name in self.tables[dimension] if name != self.key(dimension)]
        measures = self.measures(fact)
        parts = "".join(f", sum(fact.{measure}) as {measure}" for measure in measures)
        columns = ", ".join(f"dimension.{attribute}" for attribute in attributes)
        sets = ", ".join(f"(dimension.{attribute})" for attribute in attributes)
        rows = self.connection.execute(f"""
            select attribute_set, sum(part_rows){"".join(f", sum({measure})" for measure in measures)}
            from (
                select grouping({columns}) as attribute_set, count(*) as part_rows{parts}
                from {fact} as fact
                left join {dimension} as dimension on fact.{column} = dimension.{self.key(dimension)}
                group by grouping sets ({sets})
            )
            group by attribute_set
        """).fetchall()
        # a bit for each attribute, the last one lowest: 0 for that of the set
        every = 2 ** len(attributes) - 1
        names = {every - 2**position: name for position, name in enumerate(reversed(attributes))}
        return {names[bits]: sums for bits, *sums in rows}


@pytest.fixture(scope="module", params=["demo", "online_retail"])
def marts(request: pytest.FixtureRequest) -> Iterator[Marts]:
    company: CommandLine = request.getfixturevalue(request.param)
    with duckdb.connect(str(company.publication), read_only=True) as connection:
        yield Marts(connection)


def is_equal(ours: tuple, theirs: tuple) -> bool:
    # doubles add up differently in another order
    pairs = zip(ours, theirs, strict=True)
    return all(one == other or float(one) == pytest.approx(float(other), rel=1e-9) for one, other in pairs)


def faults_of_joins(marts: Marts) -> list[str]:
    """Joins of a fact that change its rows or sums, or that lose rows which name something."""
    faults = []
    for fact, column, target in marts.links():
        join = f"join {target} as target on fact.{column} = target.{marts.key(target)}"
        total, left = marts.sums(fact, f"{fact} as fact"), marts.sums(fact, f"{fact} as fact left {join}")
        if not is_equal(total, left):
            faults.append(f"{fact} is not the same after a join to {target} by {column}: {total} and {left}")
        named = marts.sums(fact, f"{fact} as fact where fact.{column} is not null")
        inner = marts.sums(fact, f"{fact} as fact {join}")
        if not is_equal(named, inner):
            faults.append(f"{fact}.{column} names rows that {target} does not have: {named} and {inner}")
    return faults


def faults_of_breakdowns(marts: Marts) -> list[str]:
    """Attributes of dimensions by which the parts of a fact do not add up to its total."""
    faults = []
    for fact, column, dimension in marts.links():
        if dimension.startswith("dim_"):
            total = marts.sums(fact, f"{fact} as fact")
            if not total[0]:
                continue
            parts = marts.sums_of_parts(fact, column, dimension)
            assert set(parts) == set(marts.tables[dimension]) - {marts.key(dimension)}
            faults += [
                f"{fact} by {attribute} of {dimension}, joined by {column}: {sums}, in total {total}"
                for attribute, sums in parts.items()
                if not is_equal(total, sums)
            ]
    return faults


def test_every_join_keeps_every_total(marts: Marts) -> None:
    links = list(marts.links())
    assert len(marts.facts()) >= 20
    assert sum(target.startswith("dim_") for *_, target in links) >= 80
    assert {column for _, column, target in links if target.startswith("fct_")} >= {
        *("order_id", "order_line_id", "invoice_id", "session_id"),
        *("opportunity_id", "quote_id", "inquiry_id", "lead_id"),
    }
    faults = faults_of_joins(marts)
    assert not faults, "\n".join(faults)


def test_every_breakdown_adds_up(marts: Marts) -> None:
    """By every attribute of every dimension, the parts of every measure of every fact add up to the total."""
    faults = faults_of_breakdowns(marts)
    assert not faults, "\n".join(faults)


def test_all_dimensions_at_once_keep_every_total(marts: Marts) -> None:
    for fact in marts.facts():
        relation = f"{fact} as fact"
        for number, (owner, column, target) in enumerate(marts.links()):
            if owner == fact:
                relation += f" left join {target} as t{number} on fact.{column} = t{number}.{marts.key(target)}"
        assert is_equal(marts.sums(fact, f"{fact} as fact"), marts.sums(fact, relation)), fact


@pytest.mark.parametrize(
    ("repeated", "fact", "by_join", "by_breakdown"),
    [
        ("dim_account", "fct_orders", ["fct_orders is not the same after a join to dim_account by account_id"], True),
        ("fct_orders", "fct_order_lines", ["fct_order_lines is not the same after a join to fct_orders"], False),
    ],
)
def test_a_repeated_row_is_seen(
    demo: CommandLine, repeated: str, fact: str, by_join: list[str], by_breakdown: bool
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.publication}' as published (read_only)")
        for table in {repeated, fact, "dim_date", "dim_account_history"}:
            connection.execute(f"create table {table} as from published.{table}")
        key = Marts(connection).key(repeated)
        assert not faults_of_joins(Marts(connection))
        connection.execute(f"insert into {repeated} from {repeated} where {key} in (select min({key}) from {fact})")
        assert any(fault.startswith(tuple(by_join)) for fault in faults_of_joins(Marts(connection)))
        assert bool(faults_of_breakdowns(Marts(connection))) is by_breakdown


def test_a_missing_row_is_seen(demo: CommandLine) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.publication}' as published (read_only)")
        for table in ("fct_orders", "fct_order_lines", "dim_date"):
            connection.execute(f"create table {table} as from published.{table}")
        connection.execute("delete from fct_orders where order_id in (select min(order_id) from fct_order_lines)")
        (fault,) = faults_of_joins(Marts(connection))
        assert fault.startswith("fct_order_lines.order_id names rows that fct_orders does not have")
