postern_fuzz(http_request LINKS postern::http)
postern_fuzz(http_form LINKS postern::http)
postern_fuzz(http_json LINKS postern::http)
postern_fuzz(search_query LINKS postern::http)
