"""What statements and connections beside those of dbt need: values and names inside SQL, and DuckDB's limits."""

from __future__ import annotations

import os
from pathlib import Path

# What DuckDB may use unless CHURN_WARNING_MEMORY_LIMIT says otherwise, as in profiles.yml.
MEMORY_LIMIT = "4GB"
# How a text begins that spreadsheets take for a formula.
_CALCULATED = r"^[=+\-@\t\r]"


def literal(value: object) -> str:
    """A value as a SQL text."""
    return "'" + str(value).replace("'", "''") + "'"


def memory_limit() -> str:
    """How much memory DuckDB may use."""
    return os.environ.get("CHURN_WARNING_MEMORY_LIMIT") or MEMORY_LIMIT


def limits(warehouse: Path) -> dict[str, str | int]:
    """What a connection beside dbt's own may use: as much as those of profiles.yml, and the same folder to spill into.

    Args:
        warehouse: The DuckDB file of the project.
    """
    return {"threads": 2, "memory_limit": memory_limit(), "temp_directory": f"{warehouse}.tmp"}


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
