postern_fuzz(sasl LINKS postern::account)
