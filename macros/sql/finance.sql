{#- Receivables as days of credit sales: DSO of receivables against the credit sales of so many days. -#}
{% macro days_sales_outstanding(receivables, credit_sales, days) -%}
    {{ ratio(receivables, credit_sales) }} * {{ days }}
{%- endmacro %}
