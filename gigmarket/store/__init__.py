"""SQL: the truth. Tables, the unit of work, queries per noun, migrations."""
