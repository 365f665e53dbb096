"""DuckDB's own read_csv of many files, and the four checks that one would write by hand."""

import sys

import duckdb

con = duckdb.connect()
con.execute(
    "create table t as select * from read_csv(?, filename = true, all_varchar = true)",
    [f"{sys.argv[1]}/transfers/**/*.csv"],
)
for query in (
    """select filename from t where not regexp_full_match("Serial Number", '[A-Z0-9]{10}')""",
    """select filename from t group by filename having count(distinct "Customer ID") > 1""",
    """select "Serial Number" from t group by 1 having count(*) > 1""",
    """select filename from t where "Customer ID" is null or "Serial Number" is null""",
):
    assert not con.execute(query).fetchall()
