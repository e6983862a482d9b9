"""Sheets: tables as CSV or XLSX files, read within bounds by a process of their own, and written without formulas.

`shared.sheets.reading.read_sheet(file, form)` yields the rows of an uploaded file; `shared.sheets.writing.write_sheet`
returns rows as a file. The process that reads imports only `reader`, `csv_file`, `cells` and the `xlsx_…` files.
"""
