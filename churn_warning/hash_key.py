"""Hands the key of the keyed hashes to DuckDB as a session variable.

profiles.yml names this module as a dbt-duckdb plugin. The key stands neither in compiled SQL nor in a log nor in the warehouse file that way.
"""

import os

from dbt.adapters.duckdb.plugins import BasePlugin

DEMO_KEY = "demo-key-for-generated-data-only"


class Plugin(BasePlugin):
    """The dbt-duckdb plugin; dbt makes one and calls it for each cursor that it opens."""

    def configure_cursor(self, cursor) -> None:
        """Set the variable ``hash_key`` from CHURN_WARNING_HASH_KEY, or the key for generated demo data if that is unset or empty.

        :param cursor: a DuckDB cursor; variables belong to a cursor, so each one gets its own.
        """
        cursor.execute("set variable hash_key = ?", [os.environ.get("CHURN_WARNING_HASH_KEY") or DEMO_KEY])
