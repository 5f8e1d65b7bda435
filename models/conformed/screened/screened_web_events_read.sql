-- Grain: one row per staged row of web_events. Key: event_key. Grows: a batch adds the rows of the new files.
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', post_hook="{{ record_built() }}"
) }}
{{ read_rows('web_events') }}
