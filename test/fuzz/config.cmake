postern_fuzz(config_file LINKS postern::config)
