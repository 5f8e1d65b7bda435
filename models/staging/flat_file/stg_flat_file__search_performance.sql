-- Grain: one row per row of the files landed as search_performance. Key: search_performance_id, made of the columns
-- that tell rows apart when the file has none.
{{ staged(
    'search_performance', 'flat_file', table='search_performance', by_name=true,
    columns={
        'search_performance_id': system_key(
            'flat_file', "coalesce(search_performance_id, concat_ws(':', searched_on, keyword, page_url))"
        ),
    },
) }}
