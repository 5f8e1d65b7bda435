-- Grain: one row per day, keyword and page. Key: search_performance_id. Columns, types and units: the contract beside
-- this file.
{{ accepted('search_performance') }}
