{#-
    The two tables of a screened model that grows, for an entity that is part of no other, refers to none and has no
    money; the model itself joins them. Together they say what `screened` says, but read the staged rows once and write
    each row once: what millions of rows cost most.

    read_rows       every staged row, typed, with a number; a batch adds the new ones (growth.sql)
    repeated_rows   what became of the rows whose key was read more than once; a batch judges the keys it repeats anew

    event_key is the row's number in its batch after all rows of the batches before. It says nothing and is not
    published: joins and sorts of millions of rows by eight bytes take a third of the memory that ids in text do.

    key_hash is a hash of the key in eight bytes. A batch looks through the hashes to see which of its keys are known:
    at fifty million rows 0.6 s, where the keys themselves took 1.8 s. A key that only shares its hash with another is
    judged like one that repeats, and comes out as it would without.
-#}
{% macro read_rows(entity) %}
{%- set contract = contract_columns(entity) -%}
{%- set key = contract_key(entity) -%}
{%- set columns = contract | map(attribute='name') | list -%}
{%- set origin = lineage_columns() | rejectattr('name', 'in', ['rejection', 'raw_row']) | list -%}
{%- set staged_models = providers(entity) -%}
{% if not staged_models -%}
select
    {%- for column in contract + origin %}
    cast(null as {{ column.type }}) as {{ column.name }},
    {%- endfor %}
    cast(null as varchar) as rejection,
    cast(null as varchar) as raw_row,
    cast(null as bigint) as event_key,
    {{ key_hash("cast(null as varchar)") }} as key_hash
where 1 = 0
{%- else -%}
with batches as (
    {%- for model_name in staged_models %}
    select
        '{{ model_name }}' as provider,
        batch_id,
        max(row_number) as last_row_number
    from {{ ref(model_name) }}
    group by batch_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

numbered_batches as (
    select
        provider,
        batch_id,
        cast({% if is_batch() %}(select coalesce(max(known.event_key), 0) from {{ this }} as known) + {% endif -%}
        coalesce(sum(last_row_number) over (
            order by provider, batch_id rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as keys_before
    from batches
)

{% for model_name in staged_models -%}
select
    {%- for name in columns + origin | map(attribute='name') | list %}
    staged_rows.{{ name }},
    {%- endfor %}
    staged_rows.rejection,
    staged_rows.rejected_row as raw_row,
    batches.keys_before + staged_rows.row_number as event_key,
    {{ key_hash('staged_rows.' ~ key) }} as key_hash
from {{ ref(model_name) }} as staged_rows
inner join numbered_batches as batches
    on
        staged_rows.batch_id = batches.batch_id
        and batches.provider = '{{ model_name }}'
{{ 'union all' if not loop.last }}
{% endfor -%}
{%- endif -%}
{% endmacro %}


{#-
    See read_rows; `read_model` is its model. What a sound row looked like that is rejected as a repeat is read from its
    file again: there are few, or none, and then no file is read.
-#}
{% macro repeated_rows(entity, read_model) %}
{%- set contract = contract_columns(entity) -%}
{%- set key = contract_key(entity) -%}
{%- set compared = contract | rejectattr('rules.differs_in_repeats') | map(attribute='name') | list -%}
with hashed_rows as (
    select
        key_hash,
        event_key
    from {{ ref(read_model) }}
    where
        key_hash is not null
        {%- if is_batch() %}
        and key_hash in (
            select new_rows.key_hash from {{ ref(read_model) }} as new_rows
            where new_rows.event_key > {{ last_known_event() }}
        )
        {%- endif %}
),

repeated_hashes as (
    -- keys repeat rarely: only those that may are worth a closer look, by key
    select key_hash
    from hashed_rows
    group by key_hash
    having count(*) > 1
),

repeated as (
    select
        {{ key }},
        event_key,
        loaded_at,
        source_system,
        source_table,
        batch_id,
        source_file,
        row_number,
        rejection,
        raw_row,
        {{ row_text(compared) }} as content
    from {{ ref(read_model) }}
    where
        {%- if is_batch() %}
        -- by number, by which older row groups are left out
        event_key in (
            select hashed_rows.event_key
            from hashed_rows
            inner join repeated_hashes
                on hashed_rows.key_hash = repeated_hashes.key_hash
        )
        {%- else %}
        key_hash in (select repeated_hashes.key_hash from repeated_hashes)
        {%- endif %}
),

versions as (
    select
        *,
        row_number() over (
            partition by {{ key }}
            order by loaded_at desc nulls last, batch_id asc, row_number asc
        ) as version_number,
        max(loaded_at) over (partition by {{ key }}) as mended_at
    from repeated
    where rejection is null
),

winners as (
    select * from versions where version_number = 1
),

last_keys as (
    select
        {{ key }},
        max(event_key) as last_event_key
    from repeated
    group by {{ key }}
),

judged as (
    select
        repeated.*,
        last_keys.last_event_key,
        winners.source_file as winner_file,
        winners.row_number as winner_row_number,
        case
            -- a rejected row that a later load brought again, sound, was mended
            when repeated.rejection is not null and winners.mended_at > repeated.loaded_at then 'merged'
            when repeated.rejection is not null then 'rejected'
            when repeated.event_key = winners.event_key then 'accepted'
            when repeated.content = winners.content or repeated.loaded_at < winners.loaded_at then 'merged'
            else 'rejected'
        end as row_outcome
    from repeated
    inner join last_keys
        on repeated.{{ key }} = last_keys.{{ key }}
    left join winners
        on repeated.{{ key }} = winners.{{ key }}
),

repeats as (
    select
        source_system,
        source_table,
        batch_id,
        row_number
    from judged
    where row_outcome = 'rejected' and rejection is null
),

raw_repeats as (
    {%- if is_batch() %}
    {#- staging reads the new files only -#}
    {%- for source in growing_sources()
        if entity in (source.config.meta or source.meta).get('entities', [source.name]) %}
    select
        repeats.*,
        {{ fields_as_json(row_fields('raw_rows', shown_columns(source.source_name, source.name))) }} as raw_row
    from repeats
    inner join {{ source.schema }}.{{ source.identifier }} as raw_rows
        on
            repeats.source_system = '{{ source.source_name }}'
            and repeats.source_table = '{{ source.name }}'
            and repeats.batch_id = raw_rows._batch_id
            and repeats.row_number = raw_rows._row_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- else %}
    {%- for model_name in providers(entity) %}
    select
        repeats.*,
        staged_rows.raw_row
    from repeats
    inner join {{ ref(model_name) }} as staged_rows
        on
            repeats.source_system = staged_rows.source_system
            and repeats.source_table = staged_rows.source_table
            and repeats.batch_id = staged_rows.batch_id
            and repeats.row_number = staged_rows.row_number
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        repeats.*,
        cast(null as varchar) as raw_row
    from repeats
    {%- endfor %}
    {%- endif %}
)

select
    judged.{{ key }},
    judged.event_key,
    judged.last_event_key,
    judged.row_outcome,
    case
        when judged.row_outcome = 'rejected' and judged.rejection is null
            then 'repeated_key: {{ key }} was read with other content in ' || judged.winner_file
                || ' row ' || cast(judged.winner_row_number as varchar)
        else judged.rejection
    end as rejection,
    case
        when judged.row_outcome = 'rejected' then coalesce(judged.raw_row, raw_repeats.raw_row)
    end as raw_row
from judged
left join raw_repeats
    on
        judged.source_system = raw_repeats.source_system
        and judged.source_table = raw_repeats.source_table
        and judged.batch_id = raw_repeats.batch_id
        and judged.row_number = raw_repeats.row_number
{% endmacro %}


{#- The model itself: rows and what became of them. last_event_key is that of the key's newest row, if it repeats. -#}
{% macro screened_growing(entity, read_model, repeated_model) %}
{%- set columns = contract_columns(entity) | map(attribute='name') | list -%}
{%- set origin = lineage_columns() | map(attribute='name') | reject('in', ['rejection', 'raw_row']) | list -%}
select
    {%- for name in columns + origin %}
    read_rows.{{ name }},
    {%- endfor %}
    coalesce(
        repeated_rows.row_outcome,
        case when read_rows.rejection is null then 'accepted' else 'rejected' end
    ) as row_outcome,
    case when repeated_rows.event_key is null then read_rows.rejection else repeated_rows.rejection end as rejection,
    case when repeated_rows.event_key is null then read_rows.raw_row else repeated_rows.raw_row end as raw_row,
    read_rows.event_key,
    repeated_rows.last_event_key
from {{ ref(read_model) }} as read_rows
left join {{ ref(repeated_model) }} as repeated_rows
    on read_rows.event_key = repeated_rows.event_key
{% endmacro %}
