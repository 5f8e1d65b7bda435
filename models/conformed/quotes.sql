-- Grain: one row per quote. Key: quote_id. Columns, types and units: the contract beside this file.
{{ accepted('quotes') }}
