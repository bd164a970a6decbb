postern_fuzz(imap_command LINKS postern::imap)
postern_fuzz(imap_names LINKS postern::imap)
