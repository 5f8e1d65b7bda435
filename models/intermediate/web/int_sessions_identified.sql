-- Grain: one row per session of a known person. Key: session_id. Who a session belongs to: the person who logged in
-- during it; else the one whose next log-in from the same browser came within identity_window_days, because people
-- look first and log in later; else the one who last logged in there within that time. Others stay anonymous, also
-- who is logged in but gave no consent to be recognised (no visitor id). In a batch, of the visitors it judges.
-- depends_on: {{ ref('int_sessions_to_judge') }}
with sessions as (
    select * from {{ ref('int_web_sessions') }}
    where visitor_id is not null
    {%- if is_batch() %}
        and visitor_id in (select judged.visitor_id from {{ ref('int_sessions_to_judge') }} as judged)
        {{ and_not_before(
            'started_at', 'int_sessions_to_judge', 'started_at', days_before=var('identity_window_days')
        ) }}
    {%- endif %}
),

logins as (
    select
        visitor_id,
        session_id,
        started_at,
        contact_id
    from sessions
    where contact_id is not null
),

-- The nearest log-in on either side, told by its time; the session id breaks a tie.
neighbours as (
    select
        sessions.session_id,
        min_by(logins.contact_id, {{ position_in_time('logins.started_at', 'logins.session_id') }}) filter (
            where logins.started_at >= sessions.started_at
        ) as next_contact_id,
        max_by(logins.contact_id, {{ position_in_time('logins.started_at', 'logins.session_id') }}) filter (
            where logins.started_at < sessions.started_at
        ) as previous_contact_id
    from sessions
    inner join logins
        on
            sessions.visitor_id = logins.visitor_id
            and sessions.started_at >= logins.started_at - interval {{ var('identity_window_days') }} day
            and sessions.started_at <= logins.started_at + interval {{ var('identity_window_days') }} day
    where sessions.contact_id is null
    group by sessions.session_id
),

identified as (
    select
        sessions.session_id,
        coalesce(sessions.contact_id, neighbours.next_contact_id, neighbours.previous_contact_id) as contact_id,
        case
            when sessions.contact_id is not null then 'login'
            when neighbours.next_contact_id is not null then 'later_login'
            else 'earlier_login'
        end as identified_by
    from sessions
    left join neighbours
        on sessions.session_id = neighbours.session_id
)

select
    identified.session_id,
    identified.contact_id,
    contacts.account_id,
    identified.identified_by,
    {{ is_tester() }} as is_staff
from identified
left join {{ ref('contacts') }} as contacts
    on identified.contact_id = contacts.contact_id
{{ join_testers(contact_id='identified.contact_id') }}
where identified.contact_id is not null
