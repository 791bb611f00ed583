"""A DuckDB dialect whose results outlive their connection."""

from __future__ import annotations

from typing import Any

from duckdb_sqlalchemy import Dialect, DuckDBExecutionContext
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.reflection import ReflectionDefaults

from churn_warning.stop import interruptible


class _BufferedContext(DuckDBExecutionContext):
    def _setup_result_proxy(self) -> Any:
        # Great Expectations reads rows after it has handed the connection back; DuckDB's cursor is empty by then.
        if self.cursor is not None and self.cursor.description:
            description = self.cursor.description
            with interruptible(self.cursor):
                rows = self.cursor.fetchall()
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, description, initial_buffer=rows)
        return super()._setup_result_proxy()


class BufferedDialect(Dialect):
    """Use with a URL duckdb+buffered:///file."""

    supports_statement_cache = True
    execution_ctx_cls = _BufferedContext

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        # Great Expectations would note an interrupted query as a metric that failed, and go on.
        with interruptible(cursor):
            super().do_execute(cursor, statement, parameters, context)

    # The file is read-only: no query needs a transaction around it.
    def do_begin(self, dbapi_connection: Any) -> None: ...

    def do_commit(self, dbapi_connection: Any) -> None: ...

    def do_rollback(self, dbapi_connection: Any) -> None: ...

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **others: Any) -> Any:
        # No table of a warehouse has one, and to look for it takes as long as a query on a small table.
        return ReflectionDefaults.pk_constraint()
