-- Grain: one row per week, keyword and page in search engines. Key: search_performance_id.
{{ staged('search_performance', 'demo_marketing', table='search_results', columns={
    'search_performance_id': system_key('demo_marketing', "day || ':' || keyword || ':' || page"),
    'searched_on': 'day',
    'keyword': 'keyword',
    'page_url': 'page',
    'impressions': 'impressions',
    'clicks': 'clicks',
    'position': 'position',
}) }}
