postern_fuzz(proxy_header LINKS postern::net)
