postern_fuzz(cursor LINKS postern::storage)
