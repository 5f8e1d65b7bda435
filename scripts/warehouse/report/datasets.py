"""What the pages show, as queries on the publication; each becomes one file that a page reads.

A dataset's columns `month`, `segment`, `country`, `rep` and `catalog` are what the filters of a page work on; a filter
whose column a dataset lacks does not apply to it, and the page says so. `complete` tells whether a month may be
compared. Amounts and counts are sums, so that the page can add them up and work out ratios of sums for any choice of
filters; what cannot be added (medians, distinct counts) is taken from its mart as it is.
"""

from dataclasses import dataclass

# Months with orders alone could be hundreds: what a page keeps in memory stays small.
MAX_CUBE_ROWS = 30_000
MAX_LIST_ROWS = 5_000


@dataclass(frozen=True)
class Dataset:
    """A query on the publication.

    Attributes:
        sql: the query.
        dimensions: columns by which `measures` are added up; empty for a query that is used as it is.
        measures: columns that are sums.
        dispensable: dimensions that are given up, in this order, while there are more than MAX_CUBE_ROWS rows.
        totals: filter columns in which `all` stands for the total, because the members cannot be added.
        order: how the rows are sorted; the first MAX_LIST_ROWS are shown, and all are in the CSV file.
    """

    sql: str
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    dispensable: tuple[str, ...] = ("catalog", "rep", "country")
    totals: tuple[str, ...] = ()
    order: str = "all"


FILTERS = ("segment", "country", "rep", "catalog")


def account_filters(
    rep: str = "periods.owner_rep_id",
    catalog: str = "periods.catalog_id",
    country: str = "accounts.country_code",
    nobody: str = "unknown",
) -> str:
    """The columns of the filters: the account as it was on the day, unless the row itself knows better."""
    return (
        f"case when facts.account_id is null then '{nobody}' else coalesce(periods.company_size, 'unknown') end"
        f" as segment, coalesce({country}, 'unknown') as country, coalesce({rep}, 'unknown') as rep,"
        f" coalesce({catalog}, 'unknown') as catalog"
    )


JOINS = """
    left join dim_account_history as periods on facts.account_period_id = periods.account_period_id
    left join dim_account as accounts on facts.account_id = accounts.account_id"""


def month_of(column: str) -> str:
    """The month of a day, as pages write it: YYYY-MM."""
    return f"strftime({column}, '%Y-%m') as month"


def _cube(sql: str, dimensions: str, measures: str, metric: str) -> Dataset:
    """A cube whose months are complete as the board says of a metric."""
    return Dataset(
        f"""
        select cells.*, coalesce(board.is_complete_period, false) as complete
        from ({sql}) as cells
        left join kpi_board as board
            on board.metric = '{metric}' and strftime(board.month_start, '%Y-%m') = cells.month
        """,
        tuple(dimensions.split()),
        tuple(measures.split()),
    )


SALES = f"""
    select {month_of("ordered_on")}, {account_filters(catalog="facts.catalog_id")}, facts.order_channel as channel,
        1 as orders, facts.net_amount as sales, facts.gross_amount as gross, facts.discount_amount as discount,
        facts.units as units, facts.lines as lines,
        0 as returns, 0 as costed_sales, 0 as cost, 0 as costed_returns, 0 as cost_back
    from fct_orders as facts {JOINS}
    where facts.is_valid
    union all
    select {month_of("ordered_on")}, {account_filters(catalog="facts.catalog_id")}, facts.order_channel,
        0, 0, 0, 0, 0, 0, 0, facts.net_amount, facts.cost_amount, 0, 0
    from fct_order_lines as facts {JOINS}
    where facts.is_valid and facts.cost_amount is not null
    union all
    select {month_of("returned_on")}, {account_filters(catalog="orders.catalog_id")},
        coalesce(orders.order_channel, 'unknown'),
        0, 0, 0, 0, 0, 0, facts.refund_amount, 0, 0,
        case when facts.cost_amount is not null then facts.refund_amount else 0 end, coalesce(facts.cost_amount, 0)
    from fct_returns as facts {JOINS}
    left join fct_orders as orders on facts.order_id = orders.order_id
    where facts.is_valid
"""
SALES_MEASURES = "orders sales gross discount units lines returns costed_sales cost costed_returns cost_back"

CATEGORIES = f"""
    select {month_of("ordered_on")}, {account_filters(catalog="facts.catalog_id")},
        coalesce(products.category, 'unknown') as category,
        facts.net_amount as sales, facts.gross_amount as gross, facts.discount_amount as discount,
        facts.quantity as units, 0 as returns,
        case when facts.cost_amount is not null then facts.net_amount else 0 end as costed_sales,
        coalesce(facts.cost_amount, 0) as cost, 0 as costed_returns, 0 as cost_back
    from fct_order_lines as facts {JOINS}
    left join dim_product as products on facts.product_id = products.product_id
    where facts.is_valid
    union all
    select {month_of("returned_on")}, {account_filters(catalog="orders.catalog_id")}, coalesce(products.category,
        'unknown'),
        0, 0, 0, 0, facts.refund_amount, 0, 0,
        case when facts.cost_amount is not null then facts.refund_amount else 0 end, coalesce(facts.cost_amount, 0)
    from fct_returns as facts {JOINS}
    left join fct_orders as orders on facts.order_id = orders.order_id
    left join dim_product as products on facts.product_id = products.product_id
    where facts.is_valid
"""

DEALS = f"""
    select {month_of("closed_on")}, {account_filters(rep="facts.rep_id")},
        1 as decided, cast(facts.outcome = 'won' as int) as won, cast(facts.outcome = 'lost' as int) as lost,
        case when facts.outcome = 'won' then coalesce(facts.amount, 0) else 0 end as won_amount,
        case when facts.outcome = 'won' then coalesce(facts.amount, 0) else 0 end
            + case when facts.outcome = 'lost' then coalesce(facts.amount, 0) else 0 end as decided_amount,
        case when facts.outcome = 'won' and facts.amount is not null then 1 else 0 end as won_with_amount
    from fct_opportunities as facts {JOINS}
    where facts.closed_on is not null
"""

LEADS = f"""
    select {month_of("facts.created_on")}, {account_filters()}, coalesce(facts.source, 'unknown') as source,
        1 as leads, cast(facts.is_converted as int) as converted
    from fct_leads as facts {JOINS}
    where facts.is_valid and not facts.is_existing_customer
"""

QUOTES = f"""
    select {month_of("requested_on")}, {account_filters(rep="facts.rep_id", catalog="facts.catalog_id")},
        1 as quotes, cast(facts.is_converted as int) as converted,
        cast(facts.first_responded_at is not null as int) as answered,
        cast(facts.sent_at is not null as int) as sent,
        coalesce(facts.base_amount, 0) as base_amount
    from fct_quotes as facts {JOINS}
    where facts.is_valid
"""

SESSIONS = f"""
    select {month_of("started_on")}, {account_filters(country="facts.country_code", nobody="anonymous")},
        1 as sessions, cast(facts.has_order as int) as with_order, cast(facts.is_engaged as int) as engaged
    from fct_sessions as facts {JOINS}
    where facts.is_valid
"""

NPS = f"""
    select {month_of("responded_on")}, {account_filters()},
        1 as answers,
        case when facts.score >= 9 then 100 when facts.score <= 6 then -100 else 0 end as points
    from fct_survey_responses as facts {JOINS}
    where facts.is_counted and facts.survey_type = 'nps'
"""

DIMENSIONS = "month segment country rep catalog"
# of marts that state one dimension at a time
MEMBERS = ", ".join(
    f"case when dimension = '{dimension}' then member else 'all' end as {column}"
    for dimension, column in (("company_size", "segment"), ("rep", "rep"), ("catalog", "catalog"))
)

DATASETS: dict[str, Dataset] = {
    # cubes: sums by month and the filters
    "sales": _cube(SALES, f"{DIMENSIONS} channel", SALES_MEASURES, "revenue"),
    "categories": _cube(
        CATEGORIES,
        f"{DIMENSIONS} category",
        "sales gross discount units returns costed_sales cost costed_returns cost_back",
        "revenue",
    ),
    "deals": _cube(DEALS, DIMENSIONS, "decided won lost won_amount decided_amount won_with_amount", "win_rate"),
    "leads": _cube(LEADS, f"{DIMENSIONS} source", "leads converted", "lead_conversion_rate"),
    "quotes": _cube(
        QUOTES,
        DIMENSIONS,
        "quotes converted answered sent base_amount",
        "quote_to_order_rate",
    ),
    "sessions": _cube(SESSIONS, DIMENSIONS, "sessions with_order engaged", "session_conversion_rate"),
    "nps": _cube(NPS, DIMENSIONS, "answers points", "nps"),
    "customer_counts": Dataset(
        f"""
        select {month_of("measures.month_start")}, segment,
            coalesce(sum(amount) filter (where measure = 'new_customers'), 0) as new_customers,
            coalesce(sum(amount) filter (where measure = 'repeat_customers'), 0) as repeat_customers,
            coalesce(sum(amount) filter (where measure = 'customers_at_start'), 0) as at_start,
            coalesce(sum(amount) filter (where measure = 'customers_lost'), 0) as lost,
            any_value(board.is_complete_period) as complete
        from kpi_board_measures as measures
        inner join kpi_board as board
            on board.metric = 'churn_rate' and board.month_start = measures.month_start
        group by 1, 2
        having at_start + lost + new_customers + repeat_customers > 0
        """
    ),
    # marts as they are
    "board": Dataset(
        f"select metric, {month_of('month_start')}, target_value as target, is_complete_period as complete"
        " from kpi_board"
    ),
    # named as the columns of `sales`, so that the same sums can be taken by industry
    "industries": Dataset(
        f"""
        select {month_of("month_start")}, member as industry, sales_amount as sales, returns_amount as returns, orders,
            is_complete_period as complete
        from kpi_revenue_structure where dimension = 'industry' and (sales_amount <> 0 or returns_amount <> 0)
        """
    ),
    "churn": Dataset(
        f"""
        select {month_of("month_start")}, customers_at_start, customers_reactivated, customers_lost, customers_at_end,
            ordering_customers, new_customers, repeat_customers, orders, customers_to_date, repeat_customers_to_date,
            ordering_customers_12m, repeat_customers_12m, orders_12m, is_complete_period as complete
        from kpi_churn
        """
    ),
    "bridge": Dataset(
        f"""
        select {month_of("month_start")}, comparison, previous_amount, new_amount, reactivated_amount, expansion_amount,
            contraction_amount, lost_amount, current_amount, base_amount, net_retained_amount, gross_retained_amount,
            is_complete_period as complete
        from kpi_revenue_bridge
        """
    ),
    "cohorts": Dataset(
        """
        select strftime(cohort_month, '%Y-%m') as cohort, months_since, cohort_customers, retained_customers
        from kpi_cohort_retention where is_complete_period
        """
    ),
    "concentration": Dataset(
        f"""
        select {month_of("month_start")}, net_sales_amount, top_20_percent_amount, largest_amount, hhi,
            is_complete_period as complete
        from kpi_concentration where level = 'account'
        """
    ),
    "repeat_probability": Dataset(
        """
        select cast(purchase_number as varchar) as purchase, purchase_number, customers, customers_continued
        from kpi_repeat_probability where counted_by = 'orders' and is_reportable
        """
    ),
    "users": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, accounts, customers, active_customers,
            shop_customers,
            active_accounts, users, active_users, ordering_users, research_users, is_complete_period as complete
        from kpi_account_users
        """
    ),
    "value": Dataset(
        """
        select company_size as segment, country_code as country, abc_class, count(*) as customers,
            sum(net_sales_12m_amount) as net_sales_12m, sum(clv_revenue_amount) as clv_revenue,
            sum(clv_margin_amount) as clv_margin
        from kpi_account_value where orders > 0 group by 1, 2, 3
        """
    ),
    "cadence": Dataset(
        """
        select company_size as segment, country_code as country, coalesce(owner_rep_id, 'unknown') as rep,
            cadence_state, count(*) as customers
        from kpi_account_cadence group by 1, 2, 3, 4
        """
    ),
    "accounts": Dataset(
        """
        select profile.account_id as account, profile.account_name, profile.owner_rep_name as rep_name,
            coalesce(profile.company_size, 'unknown') as segment, coalesce(profile.country_code, 'unknown') as country,
            coalesce(profile.owner_rep_id, 'unknown') as rep, profile.industry, profile.orders,
            profile.net_sales_12m_amount as net_sales_12m, profile.net_sales_amount as net_sales, profile.margin_rate,
            value.clv_margin_amount as clv_margin, value.abc_class, value.rfm_score, profile.users,
            profile.active_users, profile.last_ordered_on, profile.days_since_last_order,
            profile.usual_interval_days, profile.overdue_ratio, profile.open_invoices_amount as open_invoices,
            profile.credit_used_rate, profile.nps
        from kpi_account_profile as profile
        left join kpi_account_value as value on profile.account_id = value.account_id
        """,
        order="net_sales_12m desc nulls last, net_sales desc nulls last, account",
    ),
    "overdue": Dataset(
        """
        select cadence.account_id as account, cadence.account_name, cadence.owner_rep_name as rep_name,
            cadence.company_size as segment, cadence.country_code as country,
            coalesce(cadence.owner_rep_id, 'unknown') as rep, cadence.reason, cadence.last_ordered_on,
            cadence.expected_next_order_on, cadence.days_since_last_order, cadence.usual_interval_days,
            cadence.overdue_ratio, profile.net_sales_12m_amount as net_sales_12m, profile.last_contacted_on
        from kpi_account_cadence as cadence
        inner join kpi_account_profile as profile on cadence.account_id = profile.account_id
        where cadence.is_overdue
        """,
        order="net_sales_12m desc nulls last, account",
    ),
    "movers": Dataset(
        f"""
        with monthly as (
            select month, account, any_value(segment) as segment, any_value(country) as country,
                any_value(rep) as rep, sum(net_sales) as net_sales
            from (
                select {month_of("ordered_on")}, {account_filters()}, facts.account_id as account,
                    facts.net_amount as net_sales
                from fct_orders as facts {JOINS} where facts.is_valid
                union all
                select {month_of("returned_on")}, {account_filters()}, facts.account_id, -facts.refund_amount
                from fct_returns as facts {JOINS} where facts.is_valid and facts.account_id is not null
            )
            group by 1, 2
        ),
        months as (
            select strftime(month_start, '%Y-%m') as month, strftime(month_start - interval 1 month, '%Y-%m') as before
            from kpi_board where metric = 'revenue' and is_complete_period
        ),
        changes as (
            select month, account, sum(net_sales) as change_amount, sum(current_amount) as net_sales,
                max_by(segment, weight) as segment, max_by(country, weight) as country, max_by(rep, weight) as rep
            from (
                select months.month, account, segment, country, rep, net_sales, net_sales as current_amount, 2 as weight
                from months inner join monthly on months.month = monthly.month
                union all
                select months.month, account, segment, country, rep, -net_sales, 0, 1
                from months inner join monthly on months.before = monthly.month
                where months.before in (select month from months)
            )
            where month in (select month from months where before in (select month from months))
            group by 1, 2
        )
        select changes.*, accounts.account_name
        from changes left join dim_account as accounts on changes.account = accounts.account_id
        qualify row_number() over (partition by month order by abs(change_amount) desc, account) <= 20
        """,
        order="month, abs(change_amount) desc, account",
    ),
    # catalogs and products
    "catalogs": Dataset(
        f"""
        select {month_of("month_start")}, catalog_id as catalog, catalog_name, target_group, orders, active_accounts,
            active_assigned_accounts, assigned_accounts, priced_products_sold, priced_products, units, returned_units,
            gross_amount, discount_amount, sales_amount, returns_amount, net_sales_amount, margin_base_amount,
            margin_amount, is_complete_period as complete
        from kpi_catalog_performance
        """
    ),
    "products": Dataset(
        """
        select performance.product_id as product, performance.sku, performance.product_name, performance.category,
            performance.status, performance.orders, performance.accounts, performance.units,
            performance.net_sales_amount as net_sales, performance.margin_rate, performance.margin_amount,
            performance.discount_rate, performance.return_rate, performance.abc_class, performance.xyz_class,
            performance.trend_rate, performance.days_since_last_sale, price.price_index, price.elasticity,
            performance.review_score, performance.is_most_demanded, performance.is_high_margin
        from kpi_product_performance as performance
        left join kpi_product_price_position as price on performance.product_id = price.product_id
        """,
        order="net_sales desc nulls last, product",
    ),
    "discounts": Dataset(
        """
        select catalog_id as catalog, catalog_name, category, scope, cut_on, items, price_change_rate,
            before_sales_amount,
            after_sales_amount, units_effect, sales_effect, margin_effect, is_significant
        from kpi_catalog_discount_effect where is_complete
        """,
        order="cut_on desc, scope, catalog, category",
    ),
    "affinity": Dataset(
        """
        select product_id as product, product_name, other_product_id as other_product, other_product_name, pair_orders,
            support, confidence, lift
        from kpi_product_affinity where is_significant and is_reportable
        """,
        order="lift desc, product, other_product",
    ),
    "elasticity": Dataset(
        """
        select product_id as product, product_name, category, elasticity, elasticity_low, elasticity_high,
            compared_lines, price_response, price_index, price_position
        from kpi_product_price_position where elasticity is not null or price_index is not null
        """,
        order="category, product_name, product",
    ),
    # quotes
    "quote_funnel": Dataset(
        f"""
        select {month_of("month_start")}, {MEMBERS}, requested_quotes, answered_quotes, sent_quotes, converted_quotes,
            declined_quotes, expired_quotes, open_quotes, first_offered_amount, converted_amount,
            is_complete_period as complete
        from kpi_quote_funnel where month_start is not null
        """,
        totals=("segment", "rep", "catalog"),
    ),
    "negotiation": Dataset(
        f"""
        select {month_of("month_start")},
            {MEMBERS}, decided_quotes, rounds, base_amount, negotiated_amount, median_negotiation_hours,
                p90_negotiation_hours,
            median_first_response_hours, p90_first_response_hours, is_complete_period as complete
        from kpi_negotiation where month_start is not null
        """,
        totals=("segment", "rep", "catalog"),
    ),
    "negotiation_all": Dataset(
        """
        select dimension, member, decided_quotes, open_quotes, rounds, base_amount, negotiated_amount,
            discount_depth_rate, median_negotiation_hours, p90_negotiation_hours, median_first_response_hours,
            rounds_per_quote
        from kpi_negotiation where period = 'all' and dimension <> 'all' and (decided_quotes > 0 or open_quotes > 0)
        """,
        order="dimension, member",
    ),
    "state_times": Dataset(
        "select state, entries, median_hours, p90_hours, open_entries from kpi_quote_state_times where period = 'all'",
        order="state",
    ),
    "quote_odds": Dataset(
        """
        select state, age_class, age_from_days, decided_quotes, converted_quotes
        from kpi_quote_odds where state <> 'all' and age_class <> 'all' and is_reportable
        """,
        order="state, age_from_days",
    ),
    "open_quotes": Dataset(
        """
        select outlook.quote_id as quote, outlook.account_id as account, accounts.account_name,
            reps.rep_name, coalesce(outlook.company_size, 'unknown') as segment,
            coalesce(accounts.country_code, 'unknown') as country, coalesce(outlook.rep_id, 'unknown') as rep,
            coalesce(outlook.catalog_id, 'unknown') as catalog, outlook.reason, outlook.state, outlook.amount,
            outlook.expected_amount, outlook.success_rate, outlook.age_days, outlook.days_in_state, outlook.expires_on
        from kpi_quote_outlook as outlook
        left join dim_account as accounts on outlook.account_id = accounts.account_id
        left join dim_sales_rep as reps on outlook.rep_id = reps.rep_id
        """,
        order="amount desc nulls last, quote",
    ),
    # sales team
    "pipeline": Dataset(
        f"""
        select {month_of("snapshot_on")}, stage, rep_id as rep, open_deals, stale_deals, overdue_deals, open_amount,
            weighted_amount, stale_amount, true as complete
        from kpi_pipeline
        """
    ),
    "pipeline_health": Dataset(
        f"""
        select {month_of("snapshot_on")}, case when dimension = 'rep' then member else 'all' end as rep, open_deals,
            stale_deals, open_amount, weighted_amount, due_amount, missing_amount, quota_amount, closed_amount,
            coverage_ratio, velocity_per_day, average_cycle_days, true as complete
        from kpi_pipeline_health
        """,
        totals=("rep",),
    ),
    "win_rate": Dataset(
        f"""
        select {month_of("month_start")}, case when dimension = 'company_size' then member else 'all' end as segment,
            case when dimension = 'rep' then member else 'all' end as rep,
            decided_deals, won_deals, median_cycle_days, is_complete_period as complete
        from kpi_win_rate
        """,
        totals=("segment", "rep"),
    ),
    "reps": Dataset(
        f"""
        select {month_of("month_start")}, rep_id as rep, rep_name, team, orders, net_sales_amount,
            owned_net_sales_amount as owned_net_sales,
            case when quota_amount is not null then owned_net_sales_amount else 0 end as owned_net_sales_with_quota,
            quota_amount as quota, costed_net_sales_amount, margin_amount, gross_sales_amount, discount_amount,
            agreed_amount, requested_quotes, converted_quotes, won_deals, lost_deals, won_amount, activities,
            is_complete_period as complete
        from kpi_rep_performance
        """
    ),
    "closing_deals": Dataset(
        """
        select deals.opportunity_id as deal, deals.account_id as account, deals.account_name, reps.rep_name,
            coalesce(accounts.company_size, 'unknown') as segment, coalesce(accounts.country_code,
                'unknown') as country,
            coalesce(deals.rep_id, 'unknown') as rep, deals.reason, deals.stage, deals.amount, deals.weighted_amount,
            deals.stage_win_rate, deals.expected_close_on, deals.days_in_stage, deals.days_since_contact
        from kpi_deals_closing_soon as deals
        left join dim_account as accounts on deals.account_id = accounts.account_id
        left join dim_sales_rep as reps on deals.rep_id = reps.rep_id
        """,
        order="amount desc nulls last, deal",
    ),
    "agreements": Dataset(
        """
        select due.agreement_id as agreement, due.account_id as account, due.account_name, reps.rep_name,
            coalesce(accounts.company_size, 'unknown') as segment, coalesce(accounts.country_code,
                'unknown') as country,
            coalesce(due.rep_id, 'unknown') as rep, due.reason, due.agreement_type, due.committed_amount,
            due.net_sales_12m_amount as net_sales_12m, due.commitment_rate, due.ends_on, due.notice_on
        from kpi_agreements_due as due
        left join dim_account as accounts on due.account_id = accounts.account_id
        left join dim_sales_rep as reps on due.rep_id = reps.rep_id
        """,
        order="net_sales_12m desc nulls last, agreement",
    ),
    "buying_groups": Dataset(
        """
        select company_size as segment, outcome, deals, contacts, buying_roles, deals_with_decision_maker
        from kpi_buying_group_summary where company_size <> 'all' and outcome <> 'open'
        """
    ),
    "first_order": Dataset(
        """
        select coalesce(company_size, 'unknown') as segment, coalesce(owner_rep_id, 'unknown') as rep,
            acquisition_source, first_contact_to_order_days as days, 1 as customers
        from kpi_first_order_delay where is_observed and first_contact_to_order_days is not null
        """
    ),
    # web
    "traffic": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, device, sessions, engaged_sessions, bounced_sessions,
            single_interaction_sessions, sessions_with_order, organic_sessions, robot_sessions, recorded_sessions,
            page_views, duration_seconds, engaged_seconds, is_complete_period as complete
        from kpi_traffic where recorded_sessions > 0
        """
    ),
    "visitors": Dataset(
        f"""
        select {month_of("month_start")}, max(month_visitors) as visitors, bool_and(is_complete_period) as complete
        from kpi_traffic group by 1
        """
    ),
    "funnel": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, step, step_number, sessions, previous_step_sessions,
            is_complete_period as complete
        from kpi_purchase_funnel
        """,
        order="step_number, month, segment",
    ),
    "carts": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, carts, ordered_carts, quoted_carts, abandoned_carts,
            decided_carts, cart_sessions, abandoned_cart_sessions, is_complete_period as complete
        from kpi_cart_outcomes where carts > 0 or cart_sessions > 0
        """
    ),
    "journey": Dataset(
        f"""
        select {month_of("month_start")}, stage, stage_number, sessions, is_complete_period as complete
        from kpi_journey_stage
        """,
        order="stage_number, month",
    ),
    "sources": Dataset(
        f"""
        select {month_of("month_start")}, source, medium, sessions, engaged_sessions, bounced_sessions,
            credited_sessions,
            credited_sessions_with_order, orders, net_sales_amount as net_sales, is_complete_period as complete
        from kpi_source_conversion where sessions > 0 or credited_sessions > 0 or net_sales_amount <> 0
        """
    ),
    "landing_pages": Dataset(
        """
        select landing_page, landing_page_type as page_type, sum(sessions) as sessions,
            sum(engaged_sessions) as engaged_sessions, sum(bounced_sessions) as bounced_sessions,
            sum(sessions_with_order) as sessions_with_order,
            sum(bounced_sessions) / nullif(sum(sessions), 0) as bounce_rate,
            sum(sessions_with_order) / nullif(sum(sessions), 0) as conversion_rate
        from kpi_landing_page group by 1, 2 having sum(sessions) > 0
        """,
        order="sessions desc, landing_page, page_type",
    ),
    "keywords": Dataset(
        """
        select keyword, sum(sessions) as sessions, sum(bounced_sessions) / nullif(sum(sessions), 0) as bounce_rate,
            sum(sessions_with_order) / nullif(sum(sessions), 0) as conversion_rate
        from kpi_keyword group by 1 having sum(sessions) > 0
        """,
        order="sessions desc, keyword",
    ),
    "page_types": Dataset(
        f"""
        select {month_of("month_start")}, page_type, page_views, seconds_on_page, timed_page_visits, cta_clicks,
            product_views, video_plays, article_views, median_load_ms, is_complete_period as complete
        from kpi_page_engagement where page_views > 0
        """
    ),
    "search": Dataset(
        f"""
        select {month_of("month_start")}, keyword, impressions, clicks, positioned_impressions,
            average_position * positioned_impressions as position_sum, is_complete_period as complete
        from kpi_search_performance where impressions > 0
        """
    ),
    "experiments": Dataset(
        """
        select experiment_id, variant, assigned_units, converted_units, conversion_rate, rate_difference, lift_rate,
            p_value, is_significant, has_sample_ratio_mismatch, ended_on
        from kpi_experiment
        """,
        order="experiment_id, variant",
    ),
    "benchmark": Dataset(
        """
        select dimension, member, member_name, sessions, session_conversion_rate, engagement_rate, bounce_rate,
            average_duration_minutes, orders, average_order_amount
        from kpi_segment_benchmark where dimension <> 'all' and (sessions > 0 or orders > 0)
        """,
        order="dimension, sessions desc, member",
    ),
    # marketing
    "channels": Dataset(
        f"""
        select {month_of("month_start")}, channel, impressions, clicks, sessions, attributed_orders, new_customers,
            spend_amount, net_sales_amount, costed_sales_amount, margin_amount, is_complete_period as complete
        from kpi_channel where channel <> 'all'
            and (spend_amount <> 0 or net_sales_amount <> 0 or sessions <> 0 or new_customers <> 0)
        """
    ),
    "channel_total": Dataset(
        f"""
        select {month_of("month_start")}, impressions, clicks, new_customers, spend_amount, net_sales_amount,
            margin_amount, payback_months, is_complete_period as complete
        from kpi_channel where channel = 'all'
        """
    ),
    "campaigns": Dataset(
        f"""
        select {month_of("month_start")}, campaign_id as campaign, campaign_name, channel, objective, impressions,
            clicks,
            sessions, leads, converted_leads, attributed_orders, spend_amount, net_sales_amount, margin_amount,
            is_complete_period as complete
        from kpi_campaign
        """
    ),
    "emails": Dataset(
        """
        select campaign_id as campaign, campaign_name, first_sent_on, sent, delivered, opens, clicks, unsubscribes,
            bounce_rate, open_rate, click_rate, click_to_open_rate, unsubscribe_rate
        from kpi_email
        """,
        order="first_sent_on desc, campaign",
    ),
    "attribution": Dataset(
        f"""
        select {month_of("ordered_on")}, attribution_model as model, channel, sum(credit) as credit,
            sum(net_sales_amount) as net_sales, true as complete
        from kpi_attribution group by 1, 2, 3
        """
    ),
    # orders and channels
    "influence": Dataset(
        f"""
        select {month_of("month_start")}, order_channel as channel, offline_orders, influenced_orders, sales_amount,
            influenced_sales_amount, is_complete_period as complete
        from kpi_digital_influence where month_start is not null
        """
    ),
    "channel_orders": Dataset(
        f"""
        select {month_of("month_start")}, order_channel as channel, orders, cancelled_orders, placed_orders,
            self_service_orders, lines, units, sales_amount, self_service_sales_amount, returns_amount,
            net_sales_amount, is_complete_period as complete
        from kpi_order_channel where month_start is not null and (placed_orders > 0 or returns_amount <> 0)
        """
    ),
    "channel_sizes": Dataset(
        """
        select order_channel as channel, orders, average_order_amount, median_order_amount, lines_per_order,
            units_per_order, cancellation_rate, net_sales_share_rate
        from kpi_order_channel where period = 'all' and placed_orders > 0
        """,
        order="orders desc, channel",
    ),
    "returns": Dataset(
        f"""
        select {month_of("month_start")}, reason, returned_lines, returned_units, returns_amount,
            is_complete_period as complete
        from kpi_returns where reason <> 'all' and returned_lines > 0
        """
    ),
    # operations and finance
    "fulfilment": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, lines_due, on_time_lines, in_full_lines, otif_lines,
            early_lines, late_lines, undelivered_lines, units_due, units_delivered, is_complete_period as complete
        from kpi_fulfilment where lines_due > 0
        """
    ),
    "delivery": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, orders_placed, cancelled_orders, started_units,
            first_shipped_units, is_complete_period as complete
        from kpi_order_to_delivery
        """
    ),
    "inventory": Dataset(
        f"""
        select {month_of("month_start")}, category, stocked_items, out_of_stock_items, dead_stock_items, stock_amount,
            dead_stock_amount, cost_12m_amount, average_stock_amount, is_complete_period as complete
        from kpi_inventory
        """
    ),
    "inventory_items": Dataset(
        """
        select product_id as product, sku, product_name, category, reason, stock_units, stock_amount, sold_3m_units,
            weeks_of_cover, idle_days, last_sold_on
        from kpi_inventory_items where reason is not null
        """,
        order="stock_amount desc nulls last, product",
    ),
    "suppliers": Dataset(
        """
        select supplier_id as supplier, supplier_name, country_code as country_of_supplier, received_amount,
            on_time_rate, lead_time_days_median, defect_rate, price_change_rate, otif_rate, supplier_score
        from kpi_supplier
        """,
        order="supplier_score desc nulls last, supplier",
    ),
    "receivables": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, receivables_amount, current_amount,
            past_due_1_30_amount, past_due_31_60_amount, past_due_61_90_amount, past_due_over_90_amount,
            overdue_amount, disputed_amount, invoices_due, on_time_invoices, is_complete_period as complete
        from kpi_receivables
        """
    ),
    "dso": Dataset(
        f"""
        select {month_of("month_start")}, company_size as segment, receivables_amount * $dso_days as receivables_days,
            credit_sales_amount as credit_sales, is_complete_period as complete
        from kpi_receivables
        """
    ),
    "aging": Dataset(
        """
        select month, segment, bucket, amount, position, complete from (
            select strftime(month_start, '%Y-%m') as month, company_size as segment, is_complete_period as complete,
                current_amount as "current", past_due_1_30_amount as "1-30", past_due_31_60_amount as "31-60",
                past_due_61_90_amount as "61-90", past_due_over_90_amount as over_90
            from kpi_receivables
        ) unpivot (amount for bucket in ("current", "1-30", "31-60", "61-90", over_90))
        inner join (values ('current', 1), ('1-30', 2), ('31-60', 3), ('61-90', 4), ('over_90', 5))
            as buckets (bucket, position) using (bucket)
        """,
        order="position, month, segment",
    ),
    "terms": Dataset(
        f"""
        select {month_of("month_start")}, payment_terms_days as terms_days,
            coalesce(cast(payment_terms_days as varchar),
            'unknown') as terms, invoices, invoiced_amount, invoices_due, on_time_invoices,
            is_complete_period as complete
        from kpi_payment_terms where invoices > 0
        """,
        order="terms_days nulls last, month",
    ),
    "open_invoices": Dataset(
        """
        select invoices.invoice_id as invoice, invoices.account_id as account, invoices.account_name, reps.rep_name,
            coalesce(invoices.company_size, 'unknown') as segment, coalesce(accounts.country_code,
                'unknown') as country,
            coalesce(invoices.owner_rep_id, 'unknown') as rep, invoices.reason, invoices.open_amount as amount,
            invoices.aging_bucket, invoices.past_due_days, invoices.due_on, invoices.issued_on
        from kpi_open_invoices as invoices
        left join dim_account as accounts on invoices.account_id = accounts.account_id
        left join dim_sales_rep as reps on invoices.owner_rep_id = reps.rep_id
        """,
        order="amount desc nulls last, invoice",
    ),
    "credit": Dataset(
        """
        select credit.account_id as account, credit.account_name, reps.rep_name,
            coalesce(credit.company_size, 'unknown') as segment, coalesce(accounts.country_code, 'unknown') as country,
            coalesce(credit.owner_rep_id, 'unknown') as rep, credit.reason, credit.exposure_amount as amount,
            credit.credit_limit_amount as credit_limit, credit.credit_use_rate, credit.overdue_amount,
            credit.oldest_overdue_days
        from kpi_credit as credit
        left join dim_account as accounts on credit.account_id = accounts.account_id
        left join dim_sales_rep as reps on credit.owner_rep_id = reps.rep_id
        where credit.reason is not null
        """,
        order="overdue_amount desc nulls last, account",
    ),
    # service
    "service": Dataset(
        f"""
        select {month_of("month_start")}, channel, topic, inquiries, answered_inquiries, unanswered_inquiries,
            due_inquiries, answered_in_time_inquiries, is_complete_period as complete
        from kpi_service where channel <> 'all' and topic <> 'all' and (inquiries > 0 or due_inquiries > 0)
        """
    ),
    "service_times": Dataset(
        f"""
        select {month_of("month_start")}, response_median_hours, response_p90_hours, resolution_median_hours,
            is_complete_period as complete
        from kpi_service where channel = 'all' and topic = 'all'
        """
    ),
    "satisfaction": Dataset(
        f"""
        select {month_of("month_start")}, survey_type, company_size as segment, surveys_sent, surveys_answered,
            responses,
            score_total, promoters, passives, detractors, top_two_responses, is_complete_period as complete
        from kpi_satisfaction where company_size <> 'all' and (surveys_sent > 0 or responses > 0)
        """
    ),
    "nps_revenue": Dataset(
        """
        select nps_class, customers, net_sales_12m_amount as net_sales_12m, lost_customers
        from kpi_satisfaction_revenue
        """,
        order="case nps_class when 'promoter' then 1 when 'passive' then 2 when 'detractor' then 3 else 4 end",
    ),
    "reviews": Dataset(
        f"select {month_of('month_start')}, reviews, score_total, good_reviews, is_complete_period as complete"
        " from kpi_review where month_start is not null and reviews > 0"
    ),
    "service_accounts": Dataset(
        """
        select service.account_id as account, service.account_name, reps.rep_name,
            coalesce(service.company_size, 'unknown') as segment, coalesce(accounts.country_code, 'unknown') as country,
            coalesce(service.owner_rep_id, 'unknown') as rep, service.reason, service.inquiries, service.complaints,
            service.unanswered_inquiries, service.response_median_hours, service.nps_mean_score,
            service.last_inquiry_on, profile.net_sales_12m_amount as net_sales_12m
        from kpi_service_account as service
        left join dim_account as accounts on service.account_id = accounts.account_id
        left join kpi_account_profile as profile on service.account_id = profile.account_id
        left join dim_sales_rep as reps on service.owner_rep_id = reps.rep_id
        where service.reason is not null
        """,
        order="net_sales_12m desc nulls last, account",
    ),
}

# Whether there is anything to show, by what a section needs.
NEEDS = {
    "sales": "select count(*) from fct_orders",
    "products": "select count(*) from fct_order_lines",
    "returns": "select count(*) from fct_returns",
    "churn": "select count(*) from fct_orders",
    "cadence": "select count(*) from kpi_account_cadence",
    "users": "select count(*) from dim_contact",
    "quotes": "select count(*) from fct_quotes",
    "pipeline": "select count(*) from fct_opportunities",
    "leads": "select count(*) from fct_leads",
    "reps": "select count(*) from dim_sales_rep",
    "agreements": "select count(*) from kpi_agreements_due",
    "traffic": "select count(*) from fct_sessions",
    "spend": "select (select count(*) from fct_ad_spend) + (select count(*) from fct_email_events)",
    "fulfilment": "select count(*) from fct_shipments",
    "receivables": "select count(*) from fct_invoices",
    "inventory": "select count(*) from fct_inventory_snapshots",
    "service": "select (select count(*) from fct_inquiries) + (select count(*) from fct_survey_responses)",
}
