postern_fuzz(mbox LINKS postern::archive)
