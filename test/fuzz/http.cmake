postern_fuzz(http_request LINKS postern::http)
