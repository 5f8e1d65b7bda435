-- Grain: one row per customer number on any line. Key: account_id. Derived from the invoice lines, which are
-- accounted for as order lines and returns; 8 customers bought under two countries, the latest invoice decides.
with customers as (
    select
        customer_no,
        max_by(country_name, _row_number) as country_name,
        min(invoiced_at) as first_invoiced_at,
        min(_batch_id) as _batch_id,
        min(_source_file) as _source_file,
        min(_row_number) as _row_number,
        min(_loaded_at) as _loaded_at
    from {{ ref('stg_online_retail__invoice_lines') }}
    where customer_no <> ''
    group by customer_no
),

customers_with_country_code as (
    select
        customers.*,
        country_names.country_code
    from customers
    left join {{ ref('country_names') }} as country_names
        on customers.country_name = country_names.country_name
),

staged_accounts as (
    {{ staged('accounts', 'online_retail', table=none, relation='customers_with_country_code', columns={
        'account_id': system_key('online_retail', 'customer_no'),
        'account_name': "'Customer ' || customer_no",
        'country_code': 'country_code',
        'created_at': 'first_invoiced_at',
    }) }}
)

select * from staged_accounts
