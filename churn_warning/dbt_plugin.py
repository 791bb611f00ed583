"""What dbt's DuckDB sessions get from Python: the key of the keyed hashes, and functions that look at the raw files.

profiles.yml names this module as a dbt-duckdb plugin. The key stands neither in compiled SQL nor in a log nor in the warehouse file that way.
"""

import os
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

from churn_warning import hash_key, raw_files


class Plugin(BasePlugin):
    """The dbt-duckdb plugin; dbt makes one and calls it for the connection and for each cursor that it opens."""

    def configure_connection(self, conn) -> None:
        """Add the SQL functions of the contract check, all of text to text.

        :param conn: the DuckDB connection.
        """
        # They look at files, which may be others the next time: no result may be kept.
        for function, arguments in ((raw_files.problems_of_files, 4), (raw_files.query_files, 3)):
            conn.create_function(function.__name__, function, ["VARCHAR"] * arguments, "VARCHAR", side_effects=True)

    def configure_cursor(self, cursor) -> None:
        """Set the variable ``hash_key``; null if there is no key that may be used, which stops the contract check.

        :param cursor: a DuckDB cursor; variables belong to a cursor, so each one gets its own.
        """
        project = os.environ.get("CHURN_WARNING_PROJECT_DIR") or "."
        raw_dir = Path(project, os.environ.get("CHURN_WARNING_RAW_DIR") or "data/raw")
        cursor.execute("set variable hash_key = ?", [hash_key.key_for(raw_dir)])
