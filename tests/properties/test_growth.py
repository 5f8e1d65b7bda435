"""A warehouse that takes in its web events batch by batch is the one that takes them in at once, row for row.

Whatever the batches are: days in their order or not, events that come days late or twice or changed, a log-in that
tells whose earlier sessions were, people who move to another account, orders that are cancelled meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from compiled import CompiledProject, Rows
from conftest import compile_once
from growth import MARTS, SCREENED, GrowingWarehouse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from once import MakeOnce

START = datetime(2025, 3, 1, 9, 0)
# Minutes at which things happen: sessions that touch the time-out of 30 minutes, other days, weeks and the lookbacks.
MINUTES = sorted(
    {day * 1440 + minute for day in (0, 1, 2, 29, 30, 31, 89, 91) for minute in (0, 5, 29, 30, 34, 59, 60, 61)}
)
LOADS = ("2025-07-01 04:00:00", "2025-07-02 04:00:00", "2025-07-02 04:00:00", "2025-07-03 04:00:00", None)


@dataclass(frozen=True)
class Case:
    """A history: events in batches, and what the other tables say at the time of each."""

    batches: tuple[tuple[dict[str, Any], ...], ...]
    others: tuple[dict[str, Rows], ...]


def company(moved: bool, tester: bool, cancelled: bool) -> dict[str, Rows]:
    """Two people of two accounts; the second may have moved to the first, the first may be a tester."""
    account = {"created_at": "2024-01-01"}
    return {
        "accounts": [
            {"account_id": "A1", "account_name": "One", "is_test": "true" if tester else None, **account},
            {"account_id": "A2", "account_name": "Two", **account},
        ],
        "contacts": [
            {"contact_id": "C1", "account_id": "A1", "created_at": "2024-01-01"},
            {"contact_id": "C2", "account_id": "A1" if moved else "A2", "created_at": "2024-01-01"},
        ],
        "orders": [
            {
                "order_id": number, "account_id": "A2", "ordered_at": f"2025-03-02 09:0{number[-1]}:00",
                "visitor_id": "V1", "order_channel": "web_self_service", "currency_code": "PLN",
                "status": "cancelled" if cancelled else "completed",
                "cancelled_at": "2025-03-03 09:00:00" if cancelled else None,
            }
            for number in ("O1", "O2")
        ],
        "order_lines": [
            {"order_line_id": f"L{number}", "order_id": number, "product_id": "P", "quantity": "1",
             "unit_price": "10", "list_unit_price": "10"}
            for number in ("O1", "O2")
        ],
    }  # fmt: skip


COMPANIES = st.builds(company, st.booleans(), st.booleans(), st.booleans())
EVENT = st.fixed_dictionaries(
    {
        "event_id": st.integers(1, 30).map(str),
        "visitor_id": st.sampled_from(["V1", "V2", "V3", None]),
        "occurred_at": st.sampled_from(MINUTES).map(lambda m: (START + timedelta(minutes=m)).isoformat()),
        "event_name": st.sampled_from(["page_view", "add_to_cart", "purchase", "quote_request", "checkout_start"]),
        "contact_id": st.sampled_from([None, None, "C1", "C2"]),
        "source": st.sampled_from([None, None, "google", "news"]),
        "cart_id": st.sampled_from([None, "K1", "K2"]),
        "order_id": st.sampled_from([None, "O1", "O2"]),
        "user_agent": st.sampled_from([None, None, None, "Googlebot"]),
        "received_at": st.sampled_from([None, "2025-06-01 00:00:00"]),
        # one that no cast can read is rejected, and mended by a later load
        "engaged_ms": st.sampled_from([None, "1000", "many"]),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, 4))
    loads = sorted(draw(st.lists(st.sampled_from(LOADS), min_size=count, max_size=count)), key=lambda at: at or "")
    batches, others = [], []
    for number, loaded_at in enumerate(loads):
        events = draw(st.lists(EVENT, max_size=12))
        again = [event for batch in batches for event in batch]
        if again:
            events += draw(st.lists(st.sampled_from(again), max_size=3))
        batches.append(
            tuple(
                {
                    **event, "_batch_id": f"batch-{number}", "_source_file": f"{number}.csv", "_row_number": row,
                    "_loaded_at": loaded_at,
                }
                for row, event in enumerate(events, start=2)
            )
        )  # fmt: skip
        # the other tables stay as they were more often than not
        others.append(others[-1] if others and draw(st.booleans()) else draw(COMPANIES))
    return Case(tuple(batches), tuple(others))


@pytest.fixture(scope="module")
def projects(compiled_project: CompiledProject, made_once: MakeOnce) -> tuple[CompiledProject, CompiledProject]:
    """The models of a full build and of a batch."""
    needed = [*(f"marts.{mart}" for mart in MARTS), SCREENED]
    variables = {
        "source_timezones": {"flat_file": "Europe/Warsaw"},
        "internal_email_domains": ["ours.example"],
        "assume_batch": True,
    }
    batch = compile_once(made_once, "compiled_for_batches", variables=variables)
    return compiled_project.upstream_of(*needed), batch.upstream_of(*needed)


@pytest.fixture(scope="module")
def warehouse(projects: tuple[CompiledProject, CompiledProject]) -> GrowingWarehouse:
    return GrowingWarehouse(*projects)


def history(*batches: tuple[dict[str, Any], ...]) -> Case:
    """Batches of events, of which only what matters is given; `day` stands for their time."""
    nothing = dict.fromkeys(
        ("visitor_id", "contact_id", "source", "cart_id", "order_id", "user_agent", "received_at", "engaged_ms")
    )
    return Case(
        tuple(
            tuple(
                {
                    **nothing, "event_name": "page_view",
                    **{name: value for name, value in event.items() if name != "day"},
                    "occurred_at": (START + timedelta(days=event["day"])).isoformat(),
                    "_batch_id": f"batch-{number}", "_source_file": f"{number}.csv", "_row_number": row,
                    "_loaded_at": LOADS[number],
                }
                for row, event in enumerate(events, start=2)
            )
            for number, events in enumerate(batches)
        ),
        (company(moved=False, tester=False, cancelled=False),) * len(batches),
    )  # fmt: skip


ADDITION = {"event_id": "1", "visitor_id": "V1", "day": 0, "event_name": "add_to_cart", "cart_id": "K1"}
MONTH_LATER = {"event_id": "2", "visitor_id": "V3", "day": 29}
# Carts that nothing but the reason given here has to be judged anew for: examples made up rarely come upon it.
OPEN_UNTIL_OTHERS_CAME = history((ADDITION,), (MONTH_LATER,))
# a robot's purchase is of a day that has not come for the company, and then has
DECIDED_LATER_THAN_AS_OF = history(
    (
        ADDITION,
        MONTH_LATER,
        {"event_id": "3", "visitor_id": "V2", "day": 31, "event_name": "purchase", "cart_id": "K1", "order_id": "O1",
         "user_agent": "Googlebot"},
    ),
    ({"event_id": "4", "visitor_id": "V3", "day": 91},),
)  # fmt: skip
# another visitor's addition was to another cart after all
ADDED_TO_ANOTHER_CART = history(
    (ADDITION, MONTH_LATER, {**ADDITION, "event_id": "3", "visitor_id": "V2", "day": 1}),
    ({**ADDITION, "event_id": "3", "visitor_id": "V2", "day": 1, "cart_id": "K2"},),
)


def assert_equal(warehouse: GrowingWarehouse, case: Case) -> None:
    grown = warehouse.in_batches(case.batches, case.others)
    built = warehouse.in_one_go([event for batch in case.batches for event in batch], case.others[-1])
    for table, rows in built.items():
        assert grown[table] == rows, table


@given(histories())
@example(OPEN_UNTIL_OTHERS_CAME)
@example(DECIDED_LATER_THAN_AS_OF)
@example(ADDED_TO_ANOTHER_CART)
@settings(max_examples=14, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_batches_give_what_one_build_gives(warehouse: GrowingWarehouse, case: Case) -> None:
    assert_equal(warehouse, case)


def with_one_hash(project: CompiledProject) -> CompiledProject:
    """The same project, but all ids have the same hash."""
    hashed, same = "hash(staged_rows.event_id)", "cast(7 as ubigint)"
    models = tuple((relation, kind, sql.replace(hashed, same)) for relation, kind, sql in project.models)
    assert models != project.models
    return replace(project, models=models)


def test_ids_of_one_hash_are_told_apart(
    warehouse: GrowingWarehouse, projects: tuple[CompiledProject, CompiledProject]
) -> None:
    full, batch = projects
    once = {"event_id": "1", "visitor_id": "V1", "day": 0}
    twice = {"event_id": "2", "visitor_id": "V1", "day": 1}
    case = history((once, twice), ({**twice, "visitor_id": "V2"}, {"event_id": "3", "visitor_id": "V3", "day": 1}))
    rows = warehouse.in_batches(case.batches, case.others)
    assert len(rows["fct_web_events"]) == 3
    assert len(rows[SCREENED]) == 4
    same_hash = GrowingWarehouse(with_one_hash(full), with_one_hash(batch))
    assert same_hash.in_batches(case.batches, case.others) == rows
    assert same_hash.in_one_go([event for events in case.batches for event in events], case.others[-1]) == rows
