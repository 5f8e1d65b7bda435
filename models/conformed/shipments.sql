-- Grain: one row per shipment line. Key: shipment_line_id. Columns, types and units: the contract beside this file.
{{ accepted('shipments') }}
