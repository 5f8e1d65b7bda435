-- Grain: one row per experiment and variant. Key: experiment_id, variant. Not additive over experiments, in which the
-- same units take part; counts add up over variants. Clock: assigned_at of the unit; its orders from then to
-- ended_on. Each variant is compared with control (control_variant): two-proportion z-test with pooled variance, 95 %
-- interval of the difference with unpooled variance. First look at has_sample_ratio_mismatch: units not assigned at
-- random prove nothing. It assumes equal shares of all variants. Look once, at the end: a test read daily finds
-- differences that are not there.
with units as (
    select * from {{ ref('int_experiment_units') }}
),

variant_sums as (
    select
        experiment_id,
        variant,
        count(*) filter (where not is_excluded) as assigned_units,
        count(*) filter (where is_excluded) as excluded_units,
        count(*) filter (where not is_excluded and placed_orders > 0) as ordering_units,
        count(*) filter (where not is_excluded and orders > 0) as converted_units,
        sum(orders) filter (where not is_excluded) as orders,
        sum(sales_amount) filter (where not is_excluded) as sales_amount,
        max(ended_on) as ended_on
    from units
    group by experiment_id, variant
),

experiment_sums as (
    select
        experiment_id,
        count(*) as variants,
        sum(assigned_units) as experiment_units,
        cast(sum(assigned_units) as double) / count(*) as expected_units
    from variant_sums
    group by experiment_id
),

deviations as (
    select
        variant_sums.experiment_id,
        {{ ratio(stable_sum('power(variant_sums.assigned_units - experiment_sums.expected_units, 2)'),
                 'max(experiment_sums.expected_units)') }} as sample_ratio_chi_square,
        cast(max(experiment_sums.variants) - 1 as double) as freedom
    from variant_sums
    inner join experiment_sums
        on variant_sums.experiment_id = experiment_sums.experiment_id
    group by variant_sums.experiment_id
),

-- Chi-square with one degree of freedom is a squared normal variable; with more, its cube root is nearly normal
-- (Wilson and Hilferty 1931).
deviations_standardised as (
    select
        *,
        case
            when freedom = 1 then sqrt(sample_ratio_chi_square)
            when freedom > 1
                then (power(sample_ratio_chi_square / freedom, 1e0 / 3) - 1 + 2e0 / (9 * freedom))
                    / sqrt(2e0 / (9 * freedom))
        end as deviation
    from deviations
),

sample_ratios as (
    select
        experiment_id,
        sample_ratio_chi_square,
        case
            when freedom = 1 then {{ two_sided_p_value('deviation') }}
            when deviation >= 0 then ({{ two_sided_p_value('deviation') }}) / 2
            else 1 - ({{ two_sided_p_value('abs(deviation)') }}) / 2
        end as sample_ratio_p_value
    from deviations_standardised
),

compared as (
    select
        variant_sums.*,
        experiment_sums.expected_units,
        sample_ratios.sample_ratio_chi_square,
        sample_ratios.sample_ratio_p_value,
        controls.assigned_units as control_units,
        controls.converted_units as control_converted_units,
        {{ ratio('variant_sums.converted_units', 'variant_sums.assigned_units') }} as conversion_rate,
        {{ ratio('controls.converted_units', 'controls.assigned_units') }} as control_conversion_rate,
        {{ ratio('variant_sums.converted_units + controls.converted_units',
                 'variant_sums.assigned_units + controls.assigned_units') }} as pooled_rate
    from variant_sums
    inner join experiment_sums
        on variant_sums.experiment_id = experiment_sums.experiment_id
    inner join sample_ratios
        on variant_sums.experiment_id = sample_ratios.experiment_id
    left join variant_sums as controls
        on
            variant_sums.experiment_id = controls.experiment_id
            and controls.variant = '{{ var("control_variant") }}'
            -- control is compared with nothing
            and variant_sums.variant <> controls.variant
),

tested as (
    select
        *,
        conversion_rate - control_conversion_rate as rate_difference,
        {{ ratio(
            'conversion_rate - control_conversion_rate',
            'sqrt(pooled_rate * (1 - pooled_rate) * (1e0 / nullif(assigned_units, 0) + 1e0 / nullif(control_units, 0)))'
        ) }} as z_score,
        sqrt(
            conversion_rate * (1 - conversion_rate) / nullif(assigned_units, 0)
            + control_conversion_rate * (1 - control_conversion_rate) / nullif(control_units, 0)
        ) as standard_error
    from compared
),

judged as (
    select
        *,
        {{ two_sided_p_value('abs(z_score)') }} as p_value,
        coalesce(sample_ratio_p_value < {{ var('sample_ratio_p_value') }}, false) as has_sample_ratio_mismatch
    from tested
)

select
    experiment_id,
    variant,
    assigned_units,
    excluded_units,
    ordering_units,
    converted_units,
    control_units,
    control_converted_units,
    cast(orders as bigint) as orders,
    cast(coalesce(sales_amount, 0) as decimal(18, 4)) as sales_amount,
    conversion_rate,
    {{ wilson_bounds('converted_units', 'assigned_units', 'conversion_rate') }},
    control_conversion_rate,
    rate_difference,
    rate_difference - 1.959964 * standard_error as rate_difference_low,
    rate_difference + 1.959964 * standard_error as rate_difference_high,
    {{ ratio('rate_difference', 'control_conversion_rate') }} as lift_rate,
    z_score,
    p_value,
    {{ ratio('sales_amount', 'assigned_units') }} as average_unit_amount,
    expected_units,
    sample_ratio_chi_square,
    sample_ratio_p_value,
    has_sample_ratio_mismatch,
    case
        when p_value is not null then p_value < {{ var('significance_level') }} and not has_sample_ratio_mismatch
    end as is_significant,
    {{ is_reportable('least(assigned_units, coalesce(control_units, assigned_units))') }} as is_reportable,
    ended_on
from judged
