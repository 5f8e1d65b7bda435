"""Puts the demo company together, block by block."""

import math

from warehouse.demo import accounts as people
from warehouse.demo import finance, fulfilment, marketing, quotes, sales, service, web
from warehouse.demo.assortment import Assortment, add_assortment
from warehouse.demo.dirty import add_dirty_rows
from warehouse.demo.finance import Demand
from warehouse.demo.orders import add_orders, make_orders
from warehouse.demo.randomness import Block
from warehouse.demo.tables import Tables, empty_tables

SEED = 20240701


def generate(scale: float = 1.0, seed: int = SEED) -> Tables:
    """All raw tables by (system, table), as the systems would export them.

    Args:
        scale: size of the company. 1 is some 260 accounts and 1,600 orders over the two years; items, reps and
            campaigns are the same at any scale.
        seed: another seed is another company with the same planted accounts.
    """
    tables = empty_tables()
    for index in range(part_count(scale)):
        for name, table in generate_part(index, scale, seed).items():
            tables[name].rows += table.rows
    return tables


def part_count(scale: float) -> int:
    """How many parts a company of some scale has.

    Raises:
        ValueError: the scale is not above 0.
    """
    if scale <= 0:
        raise ValueError(f"the scale has to be above 0, not {scale}")
    return math.ceil(scale)


def generate_part(index: int, scale: float = 1.0, seed: int = SEED) -> Tables:
    """One part of a company, of at most some 260 accounts; all parts in turn are what `generate` returns.

    Parts need nothing of each other, so they can be generated in any order, or at the same time.
    """
    assortment = Assortment(seed)
    block = Block(seed, index, share=min(1.0, scale - index))
    tables, demand = _block_tables(block, assortment)
    if block.is_first:
        _add_shared(tables, assortment, demand, seed, scale)
        add_dirty_rows(tables)
    return tables


def _block_tables(block: Block, assortment: Assortment) -> tuple[Tables, Demand]:
    """What a block's accounts and their people did, and the units that left the warehouse for them."""
    tables = empty_tables()
    accounts = people.make_accounts(block)
    orders = make_orders(accounts, assortment, block)
    shipments = fulfilment.make_shipments(orders, block)
    leads, deals = sales.make_leads_and_deals(accounts, block)
    offers = quotes.make_quotes(accounts, orders, deals, block)

    people.add_accounts(tables, accounts, block)
    sales.add_leads_and_deals(tables, leads, deals, assortment, block)
    sales.add_activities(tables, accounts, deals, block)
    sales.add_agreements(tables, accounts, block)
    add_orders(tables, orders)
    quotes.add_quotes(tables, offers)
    quotes.add_approvals(tables, orders, block)
    fulfilment.add_shipments(tables, shipments, block)
    fulfilment.add_returns(tables, shipments, block)
    fulfilment.add_invoices(tables, orders, shipments, block)
    marketing.add_emails(tables, accounts, block)
    service.add_service(tables, accounts, orders, block)
    service.add_reviews(tables, shipments, block)
    web.add_web(tables, accounts, orders, offers, assortment, block)
    return tables, fulfilment.demand_by_month(shipments)


def _add_shared(tables: Tables, assortment: Assortment, demand: Demand, seed: int, scale: float) -> None:
    """What the company has once, however large it is."""
    people.add_reps(tables)
    sales.add_quotas(tables, seed, scale)
    add_assortment(tables, assortment, seed)
    marketing.add_marketing(tables, seed, scale)
    finance.add_exchange_rates(tables, seed)
    finance.add_targets(tables, scale)
    finance.add_stock(tables, assortment, demand, seed, scale)
