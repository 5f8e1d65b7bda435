-- Grain: one row per staged row of web_events whose event_id was read more than once. Key: event_key. Grows: a batch
-- replaces those of the events that it brings again.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='event_id', on_schema_change='fail',
    post_hook="{{ record_built() }}"
) }}
{{ repeated_rows('web_events', 'screened_web_events_read') }}
