-- Grain: one row per web event whose session a batch finds anew, or that it displaced. Key: event_key. Empty in a full
-- build. All events of the visitors touched from the moment on at which something changed; their time is given as a
-- constant, so that older row groups are not even read.
{% set visitors = load_relation(ref('int_web_visitors_touched')) if execute and is_batch() %}
{% set first_restart = run_query('select min(restart_at) from ' ~ visitors) if visitors %}
{% set first_restart_at = first_restart.columns[0].values()[0] if first_restart %}
select
    events.event_key,
    events.event_id,
    events.row_outcome = 'accepted' as is_accepted,
    touched.session_owner_id,
    touched.events_before,
    events.occurred_at
from {{ ref('screened_web_events') }} as events
inner join {{ ref('int_web_visitors_touched') }} as touched
    on
        {{ session_owner('events.visitor_id', 'events.event_id') }} = touched.session_owner_id
        and events.occurred_at >= touched.restart_at
where
{%- if is_batch() %}
    (events.row_outcome = 'accepted' or events.last_event_key > {{ last_known_event() }})
    {%- if first_restart_at %}
    and events.occurred_at >= cast('{{ first_restart_at }}' as timestamp)
    {%- endif %}
{%- else %}
    1 = 0
{%- endif %}
