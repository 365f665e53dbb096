"""Bytes of a CSV or a workbook -> a table, every cell as text plus its kind."""
