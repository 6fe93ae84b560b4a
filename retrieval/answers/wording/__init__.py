"""What words of English say: names, numbers, spellings, opposites, amounts, dates, rows of tables, orders."""
