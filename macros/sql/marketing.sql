{#-
    Marketing channel of a source and medium, the one mapping for sessions, campaigns and spend. The first that applies:
      direct          neither source nor medium
      email           medium email or newsletter, or source newsletter or email
      social          a medium with "social" in it, or a source in social_networks, paid or not
      partner         a source or medium in partner_sources
      event           medium event, fair, trade fair or webinar
      paid_search     medium cpc, ppc, paid search, shopping ...: what is paid by the click and is no social network
      organic_search  medium organic
      referral        medium referral
      other           anything else
    A campaign without medium is mapped by its channel: give `coalesce(medium, channel, 'unknown')`.
-#}
{% macro marketing_channel(source, medium) -%}
    {%- set source_text = 'lower(' ~ source ~ ')' -%}
    {%- set medium_text = "replace(replace(lower(" ~ medium ~ "), ' ', '_'), '-', '_')" -%}
    {%- set partners = "'" ~ var('partner_sources') | join("', '") ~ "'" -%}
    case
        when
            coalesce({{ source_text }}, 'direct') in ('direct', '(direct)')
            and coalesce({{ medium_text }}, 'none') in ('none', '(none)', 'direct')
            then 'direct'
        when
            {{ medium_text }} in ('email', 'e_mail', 'newsletter')
            or {{ source_text }} in ('newsletter', 'email')
            then 'email'
        when
            {{ medium_text }} like '%social%'
            or {{ matches_pattern(source_text, '(^|[.])(' ~ var('social_networks') | join('|') ~ ')([.]|$)') }}
            then 'social'
        when {{ source_text }} in ({{ partners }}) or {{ medium_text }} in ({{ partners }}) then 'partner'
        when {{ medium_text }} in ('event', 'fair', 'trade_fair', 'webinar') then 'event'
        when
            {{ medium_text }} in ('cpc', 'ppc', 'sem', 'paid', 'paid_search', 'paidsearch', 'search', 'shopping')
            then 'paid_search'
        when {{ medium_text }} in ('organic', 'seo') then 'organic_search'
        when {{ medium_text }} = 'referral' then 'referral'
        else 'other'
    end
{%- endmacro %}
