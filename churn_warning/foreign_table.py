"""Any table of a file, read so that a scorecard can be fitted on it or score it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from churn_warning.errors import WrongUse
from churn_warning.scorecard import ROW
from churn_warning.sql import literal

TABLE = "given_table"
_CSV, _PARQUET = (".csv", ".csv.gz", ".tsv", ".txt"), (".parquet", ".pq")


def load_table(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Makes TABLE out of a file, with the number of every row in column ROW, from 1 on.

    Returns:
        Column -> type in DuckDB, in the order of the file.

    Raises:
        WrongUse: There is no such file, it cannot be read, or it holds no row.
    """
    if not path.is_file():
        raise WrongUse(
            "--data: this is a folder, not a file." if path.is_dir() else "--data: there is no such file.",
            where=str(path),
            next_step="Name one Parquet or CSV file.",
        )
    name = path.name.lower()
    if name.endswith(_PARQUET):
        source = f"read_parquet({literal(path)})"
    elif name.endswith(_CSV):
        # Every row is looked at, since a text far down would otherwise break off a column that was taken for numbers.
        source = f"read_csv({literal(path)}, header = true, sample_size = -1, nullstr = ['', 'NA', 'NULL', 'null'])"
    else:
        raise WrongUse(
            "--data: the name of the file does not say what it is.",
            where=str(path),
            next_step="Name a Parquet file (.parquet) or a CSV file (.csv).",
        )
    try:
        connection.execute(f"create table {TABLE} as select row_number() over () as {ROW}, * from {source}")
        described = connection.execute(f"describe {TABLE}").fetchall()
        [(rows,)] = connection.execute(f"select count(*) from {TABLE}").fetchall()
    except duckdb.Error as error:
        raise WrongUse(
            f"--data: the file cannot be read: {' '.join(str(error).split())[:300]}",
            where=str(path),
            next_step="Save it again as Parquet, or as CSV with a header and UTF-8.",
        ) from None
    columns = {row[0]: row[1] for row in described[1:]}
    if not rows or not columns:
        raise WrongUse("--data: the file holds no row.", where=str(path), next_step="Name a file with a header and rows.")
    return columns


def find_column(columns: dict[str, str], option: str, name: str) -> str:
    """The column of this name; upper and lower case are the same if that leaves no doubt.

    Raises:
        WrongUse: There is none.
    """
    if name in columns:
        return name
    alike = [column for column in columns if column.lower() == name.lower()]
    if len(alike) == 1:
        return alike[0]
    shown = ", ".join(list(columns)[:60]) + (", ..." if len(columns) > 60 else "")
    raise WrongUse(f"{option} {name}: the table has no such column.", next_step=f"Write one of: {shown}")
