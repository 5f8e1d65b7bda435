"""No dimension changes a total: every fact keeps its rows and sums when it is joined to any dimension.

Which column of a fact points to which dimension is told by its name, which is the same in all marts; a fact or a
dimension added later is tested without a line here.
"""

from collections.abc import Iterator
from itertools import product

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
            "select table_name, column_name, data_type from information_schema.columns order by ordinal_position"
        ).fetchall()
        self.tables: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            self.tables.setdefault(table, {})[column] = kind

    def key(self, dimension: str) -> str:
        """The first column of a dimension is its key."""
        return next(iter(self.tables[dimension]))

    def dimensions(self) -> dict[str, str]:
        """Dimension by the name of its key."""
        return {self.key(table): table for table in self.tables if table.startswith("dim_")}

    def measures(self, fact: str) -> list[str]:
        return [column for column, kind in self.tables[fact].items() if kind.startswith(NUMBERS)]

    def links(self, fact: str) -> Iterator[tuple[str, str]]:
        """Columns of a fact that point to a dimension, and the dimension."""
        dimensions = self.dimensions()
        for column, kind in self.tables[fact].items():
            if kind == "DATE":
                yield column, dimensions["date_day"]
            elif (key := OTHER_NAMES.get(column, column)) in dimensions:
                yield column, dimensions[key]

    def sums(self, fact: str, relation: str) -> tuple:
        """Row count and the sum of every measure."""
        columns = "".join(f", sum(fact.{measure})" for measure in self.measures(fact))
        return self.connection.execute(f"select count(*){columns} from {relation}").fetchone()


@pytest.fixture(scope="module", params=["demo", "online_retail"])
def marts(request: pytest.FixtureRequest) -> Iterator[Marts]:
    company: CommandLine = request.getfixturevalue(request.param)
    with duckdb.connect(str(company.publication), read_only=True) as connection:
        yield Marts(connection)


def is_equal(ours: tuple, theirs: tuple) -> bool:
    # doubles add up differently in another order
    pairs = zip(ours, theirs, strict=True)
    return all(one == other or float(one) == pytest.approx(float(other), rel=1e-9) for one, other in pairs)


def test_every_dimension_keeps_every_total(marts: Marts) -> None:
    facts = [table for table in marts.tables if table.startswith("fct_")]
    links = [(fact, *link) for fact in facts for link in marts.links(fact)]
    assert len(facts) >= 20 and len(links) >= 80
    faults = []
    for fact, column, dimension in links:
        key = marts.key(dimension)
        total = marts.sums(fact, f"{fact} as fact")
        left = marts.sums(fact, f"{fact} as fact left join {dimension} as dimension on fact.{column} = dimension.{key}")
        if not is_equal(total, left):
            faults.append(f"{fact} is not the same after a join to {dimension} by {column}: {total} and {left}")
        named = marts.sums(fact, f"{fact} as fact where fact.{column} is not null")
        inner = marts.sums(fact, f"{fact} as fact join {dimension} as dimension on fact.{column} = dimension.{key}")
        if not is_equal(named, inner):
            faults.append(f"{fact}.{column} names rows that {dimension} does not have: {named} and {inner}")
    assert not faults, "\n".join(faults)


def test_every_breakdown_adds_up(marts: Marts) -> None:
    """By every attribute of every dimension, and by two at once, the parts add up to the total."""
    measures = {"fct_orders": "net_amount", "fct_order_lines": "net_amount", "fct_sessions": "events"}
    for fact, measure in measures.items():
        total = marts.connection.execute(f"select sum({measure}) from {fact}").fetchone()[0]
        for (column, dimension), (other, other_dimension) in product(marts.links(fact), repeat=2):
            attribute, other_attribute = list(marts.tables[dimension])[-1], list(marts.tables[other_dimension])[-1]
            parts = marts.connection.execute(f"""
                select sum(part) from (
                    select sum(fact.{measure}) as part
                    from {fact} as fact
                    left join {dimension} as one on fact.{column} = one.{marts.key(dimension)}
                    left join {other_dimension} as other on fact.{other} = other.{marts.key(other_dimension)}
                    group by one.{attribute}, other.{other_attribute}
                )
            """).fetchone()[0]
            assert parts == total, f"{measure} of {fact} by {dimension} and {other_dimension}"


def test_a_repeated_dimension_row_is_seen(demo: CommandLine) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.publication}' as published (read_only)")
        for table in ("fct_orders", "dim_account", "dim_account_history", "dim_date"):
            connection.execute(f"create table {table} as from published.{table}")
        connection.execute(
            "insert into dim_account from dim_account where account_id in (select min(account_id) from fct_orders)"
        )
        marts = Marts(connection)
        total = marts.sums("fct_orders", "fct_orders as fact")
        joined = marts.sums(
            "fct_orders", "fct_orders as fact left join dim_account as d on fact.account_id = d.account_id"
        )
        assert not is_equal(total, joined)
