"""NDL and the macro language: syntax, reading with and without repairs, evaluation, rendering of failures."""
