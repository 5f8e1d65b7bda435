{#-
    The body of a screened model: every staged row of an entity, from every enabled system, with what
    became of it in row_outcome.

      accepted   it is in the conformed entity
      merged     it repeats an accepted row exactly, or a later load brought the same key again: counted, not an
                 error, even if the earlier row was
      rejected   `rejection` says why, as "<reason>: <detail>"; shown in rejected_rows

    Single-row rules come first, so that a broken row never displaces a sound one with the same key. Of
    several rows with one key the latest load wins and, within a load, the first row of the file: the
    tie-break is file order because an export has no better one.

    Arguments
      entity       conformed entity
      part_of      {column: entity} that the row belongs to: without it no mart could show the row
      references   {column: entity} that must exist there. Checked only when rows of that entity were exported, be
                   they good or bad, so that a user who has orders but no account list still gets an order book.
                   The entity's row is at hand in the predicates as <column>_parent; so is that of part_of
      lookups      {alias: (entity, its key)} whose rows the predicates read as well; the key may name the ones above
      impossible   {SQL predicate: what it means}
      dated_money  the day, or the timestamp whose local day, that needs an exchange rate
      currency     SQL expression of the currency that needs it; the row's own currency_code by default
      rate_known   SQL predicate of the rows that need no rate of their own: they take another row's, or have no amount
      undated_money  true when the currency needs an exchange rate of some day, whichever: of what is priced on no day
-#}
{% macro screened(
    entity, part_of={}, references={}, lookups={}, impossible={}, dated_money=none, rate_known='false',
    undated_money=false, currency='staged_rows.currency_code'
) %}
{%- set contract = contract_columns(entity) -%}
{%- set key = contract_key(entity) -%}
{%- set columns = contract | map(attribute='name') | list -%}
{%- set parents = dict(part_of, **references) -%}
{%- set compared = contract | rejectattr('rules.differs_in_repeats') | map(attribute='name') | list -%}
{%- set is_date = dated_money and contract | selectattr('name', 'equalto', dated_money)
    | selectattr('type', 'equalto', 'date') | list -%}
{%- set money_day = 'staged_rows.' ~ dated_money if is_date else local_date('staged_rows.' ~ dated_money) -%}
with staged_rows as (
    {%- for model_name in providers(entity) %}
    select
        {%- for name in columns %}
        {{ name }},
        {%- endfor %}
        {{ lineage_columns() | map(attribute='name') | join(', ') }}
    from {{ ref(model_name) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        {%- for column in contract + lineage_columns() %}
        cast(null as {{ column.type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- endfor %}
),
{% if undated_money %}
known_currencies as (
    select currency_code
    from {{ ref('exchange_rates') }}
    group by currency_code
),
{% endif %}
{%- if dated_money %}
exchange_rate_periods as (
    select
        currency_code,
        rate_on as valid_from,
        {{ rate_valid_until() }} as valid_until
    from {{ ref('exchange_rates') }}
),
{% endif %}
checked_rows as (
    select
        staged_rows.* {{ except_columns(['rejection']) }},
        -- a row that does not fit its contract is not judged any further
        coalesce(staged_rows.rejection, nullif(concat_ws(
            '; ',
            cast(null as varchar)
            {%- for predicate, meaning in impossible.items() %},
            case when {{ predicate }} then 'impossible_value: {{ meaning }}' end
            {%- endfor %}
            {%- for column, parent in parents.items() %},
            case
                when staged_rows.{{ column }} is not null
                    and {{ column }}_parent.{{ contract_key(parent) }} is null
                    {%- if column in references %}
                    and (select count(*) from {{ ref('screened_' ~ parent) }}) > 0
                    {%- endif %}
                    then 'dangling_reference: {{ column }} ' || staged_rows.{{ column }} || ' is not in {{ parent }}'
            end
            {%- endfor %}
            {%- if undated_money %},
            case
                when {{ currency }} <> '{{ var('base_currency') }}'
                    and known_currencies.currency_code is null
                    and ({{ rate_known }}) is not true
                    then 'missing_exchange_rate: ' || {{ currency }} || ' on any day'
            end
            {%- endif %}
            {%- if dated_money %},
            case
                when {{ currency }} <> '{{ var('base_currency') }}'
                    and exchange_rate_periods.currency_code is null
                    and ({{ rate_known }}) is not true
                    then 'missing_exchange_rate: ' || {{ currency }} || ' on '
                        || cast({{ money_day }} as varchar)
            end
            {%- endif %}
        ), '')) as rejection
    from staged_rows
    {%- for column, parent in parents.items() %}
    left join {{ ref(parent) }} as {{ column }}_parent
        on staged_rows.{{ column }} = {{ column }}_parent.{{ contract_key(parent) }}
    {%- endfor %}
    {%- for alias, (looked_up, lookup_key) in lookups.items() %}
    left join {{ ref(looked_up) }} as {{ alias }}
        on {{ lookup_key }} = {{ alias }}.{{ contract_key(looked_up) }}
    {%- endfor %}
    {%- if undated_money %}
    left join known_currencies
        on {{ currency }} = known_currencies.currency_code
    {%- endif %}
    {%- if dated_money %}
    left join exchange_rate_periods
        on
            {{ currency }} = exchange_rate_periods.currency_code
            and {{ money_day }} >= exchange_rate_periods.valid_from
            and {{ money_day }} < exchange_rate_periods.valid_until
    {%- endif %}
),

-- Keys repeat rarely: only those that do are worth a window.
repeated_keys as (
    select {{ key }}
    from checked_rows
    where rejection is null
    group by {{ key }}
    having count(*) > 1
),

repeated_rows as (
    select
        checked_rows.{{ key }},
        checked_rows.batch_id,
        checked_rows.source_file,
        checked_rows.row_number,
        checked_rows.loaded_at,
        {{ row_text(compared) }} as content,
        row_number() over (
            partition by checked_rows.{{ key }}
            order by checked_rows.loaded_at desc nulls last, checked_rows.batch_id asc, checked_rows.row_number asc
        ) as version_number
    from checked_rows
    where
        checked_rows.rejection is null
        and checked_rows.{{ key }} in (select repeated_keys.{{ key }} from repeated_keys)
),

displaced_rows as (
    select
        displaced.{{ key }},
        displaced.batch_id,
        displaced.row_number,
        displaced.content = winner.content
        or coalesce(displaced.loaded_at < winner.loaded_at, false) as is_merged,
        winner.source_file as winner_file,
        winner.row_number as winner_row_number
    from repeated_rows as displaced
    inner join repeated_rows as winner
        on
            displaced.{{ key }} = winner.{{ key }}
            and winner.version_number = 1
    where displaced.version_number > 1
),

-- A rejected row that a later load brought again, sound, was mended.
mended_keys as (
    select
        checked_rows.{{ key }},
        max(checked_rows.loaded_at) as mended_at
    from checked_rows
    where
        checked_rows.rejection is null
        and checked_rows.{{ key }} in (
            select broken.{{ key }} from checked_rows as broken where broken.rejection is not null
        )
    group by checked_rows.{{ key }}
)

select
    {%- for name in columns %}
    checked_rows.{{ name }},
    {%- endfor %}
    checked_rows.source_table,
    checked_rows.batch_id,
    checked_rows.source_file,
    checked_rows.row_number,
    checked_rows.loaded_at,
    case
        when checked_rows.rejection is not null and mended_keys.mended_at > checked_rows.loaded_at then 'merged'
        when checked_rows.rejection is not null then 'rejected'
        when displaced_rows.{{ key }} is null then 'accepted'
        when displaced_rows.is_merged then 'merged'
        else 'rejected'
    end as row_outcome,
    case
        when checked_rows.rejection is not null then checked_rows.rejection
        when not displaced_rows.is_merged
            then 'repeated_key: {{ key }} was read with other content in ' || displaced_rows.winner_file
                || ' row ' || cast(displaced_rows.winner_row_number as varchar)
    end as rejection,
    case
        when checked_rows.rejection is not null or displaced_rows.{{ key }} is not null
            then checked_rows.raw_row
    end as raw_row
from checked_rows
left join displaced_rows
    on
        checked_rows.{{ key }} = displaced_rows.{{ key }}
        and checked_rows.batch_id = displaced_rows.batch_id
        and checked_rows.row_number = displaced_rows.row_number
        and checked_rows.rejection is null
left join mended_keys
    on checked_rows.{{ key }} = mended_keys.{{ key }}
{% endmacro %}


{#- The body of a conformed entity: the accepted rows, in the columns of its contract. -#}
{% macro accepted(entity) %}
select
    {%- for column in contract_columns(entity) %}
    {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('screened_' ~ entity) }}
where row_outcome = 'accepted'
{% endmacro %}
