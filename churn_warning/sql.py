"""Values and names inside SQL, where a statement takes no parameters (attach, copy, create)."""

from __future__ import annotations


def literal(value: object) -> str:
    """A value as a SQL text."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
