"""pandera with polars on one CSV: a pattern and uniqueness, nothing else."""

import sys

import pandera.polars as pa
import polars as pl

schema = pa.DataFrameSchema(
    {
        "Serial Number": pa.Column(str, pa.Check.str_matches(r"^[A-Z0-9]{10}$"), unique=True),
        "Customer ID": pa.Column(str),
    }
)
schema.validate(pl.read_csv(sys.argv[1]), lazy=True)
