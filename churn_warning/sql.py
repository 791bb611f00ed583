"""Values and names inside SQL, where a statement takes no parameters (attach, copy, create)."""

from __future__ import annotations

# How a text begins that spreadsheets take for a formula.
_CALCULATED = r"^[=+\-@\t\r]"


def literal(value: object) -> str:
    """A value as a SQL text."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def safe_cells(described: list[tuple]) -> str:
    """The columns of a query for a CSV file: a text that a spreadsheet would calculate gets an apostrophe in front.

    Args:
        described: What DuckDB's describe says of the query: name and type of each column first.
    """
    return ", ".join(
        f"case when regexp_matches({name}, '{_CALCULATED}') then '''' || {name} else {name} end as {name}" if kind == "VARCHAR" else name
        for name, kind in ((identifier(column[0]), column[1]) for column in described)
    )
