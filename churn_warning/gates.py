"""Great Expectations gates: the suites of expectations/ run against the tables of a layer that was just built.

A suite is a YAML file expectations/<schema>/<table>.yml:

    table: stg_voice_cdrs
    feed: voice_cdrs            # optional: skipped where seed feed_expectations says the operator has no such feed
    expectations:
      - expectation: expect_table_row_count_to_be_between
        kwargs: {min_value: 1}
        severity: critical      # critical stops the run, warning is reported
        reason: Why this is checked.
        action: What its owner does about it.
        fault: delete from {table}   # how a test breaks the table so that this expectation must fail
"""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from churn_warning import checks
from churn_warning.checks import CheckResult
from churn_warning.dbt_project import LAYERS
from churn_warning.errors import ChecksFailed

_KEYS = {"expectation", "kwargs", "severity", "reason", "action", "fault", "code"}
_REQUIRED = {"expectation", "severity", "reason", "action", "fault"}
_DIALECT = "duckdb.buffered"


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite; see the module's text for the fields."""

    code: str
    expectation: str
    kwargs: dict[str, Any]
    severity: str
    reason: str
    action: str
    fault: str


@dataclass(frozen=True)
class Suite:
    """The expectations of one table.

    Attributes:
        path: The suite's file.
        schema: Schema of the table (the name of the file's folder).
        table: The table.
        feed: Raw table without which the suite makes no sense; None: it always runs.
        expectations: What is expected.
    """

    path: Path
    schema: str
    table: str
    feed: str | None
    expectations: tuple[Expectation, ...]

    @property
    def layer(self) -> str:
        return next((layer for layer, folders in LAYERS.items() if self.schema in folders), "marts")


def load_suites(project_dir: Path) -> list[Suite]:
    """All suites of the project, by path.

    Raises:
        ChecksFailed: A file that is no suite; the message names the file and the entry.
    """
    return [_load_suite(path) for path in sorted((project_dir / "expectations").glob("*/*.yml"))]


def run_suites(warehouse: Path, suites: list[Suite]) -> list[CheckResult]:
    """Runs suites on the tables of a warehouse file that nobody has open.

    Args:
        warehouse: The DuckDB file; opened read-only.
        suites: The suites to run. Those of feeds that are declared absent are left out.

    Returns:
        One result per expectation.

    Raises:
        ChecksFailed: An expectation could not be evaluated (a missing table or column).
    """
    absent = _absent_feeds(warehouse)
    suites = [suite for suite in suites if suite.feed not in absent]
    if not suites:
        return []
    source = _data_source(warehouse)
    try:
        return [result for suite in suites for result in _run_suite(source, suite)]
    finally:
        # Frees the file for dbt, which writes the next layer into it.
        source.get_engine().dispose()
        source.get_execution_engine().close()


def _load_suite(path: Path) -> Suite:
    def refuse(problem: str) -> ChecksFailed:
        return ChecksFailed(f"An expectation suite cannot be used: {problem}", where=str(path))

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise refuse(str(error)) from None
    if not isinstance(content, dict) or "table" not in content or not content.get("expectations"):
        raise refuse("it needs the keys table and expectations")
    expectations = []
    for number, entry in enumerate(content["expectations"], 1):
        if missing := _REQUIRED - entry.keys():
            raise refuse(f"entry {number} lacks {', '.join(sorted(missing))}")
        if unknown := entry.keys() - _KEYS:
            raise refuse(f"entry {number} has unknown keys {', '.join(sorted(unknown))}")
        if entry["severity"] not in (checks.CRITICAL, checks.WARNING):
            raise refuse(f"entry {number}: severity is {checks.CRITICAL} or {checks.WARNING}")
        values = {"kwargs": {}, **entry}
        values["code"] = f"{content['table']}.{entry.get('code') or _default_code(values)}"
        expectations.append(Expectation(**values))
    codes = [expectation.code for expectation in expectations]
    if repeated := {code for code in codes if codes.count(code) > 1}:
        raise refuse(f"more than one entry is called {', '.join(sorted(repeated))}; give them a code")
    return Suite(path, path.parent.name, content["table"], content.get("feed"), tuple(expectations))


def _default_code(entry: dict[str, Any]) -> str:
    column = entry["kwargs"].get("column") or "_".join(entry["kwargs"].get("column_list", []))
    return ".".join(part for part in (entry["expectation"].removeprefix("expect_"), column) if part)


def _absent_feeds(warehouse: Path) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select table_name from seeds.feed_expectations where not is_provided").fetchall()
    return {row[0] for row in rows}


def _data_source(warehouse: Path) -> Any:
    """A Great Expectations data source on the file; importing that library takes seconds, so it happens here."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.filterwarnings("ignore", module="great_expectations")
    # Some of its loggers set a level of their own, so silence is kept above them.
    logging.getLogger("great_expectations").addHandler(logging.NullHandler())
    logging.getLogger("great_expectations").propagate = False
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from sqlalchemy.dialects import registry

    registry.register(_DIALECT, "churn_warning.gates_dialect", "BufferedDialect")
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            # No Data Docs: they would be written to a temporary folder, and load styles from outside.
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )
    return context.data_sources.add_sql(
        "warehouse",
        connection_string=f"{_DIALECT.replace('.', '+')}:///{warehouse}",
        kwargs={"connect_args": {"read_only": True}},
    )


def _run_suite(source: Any, suite: Suite) -> list[CheckResult]:
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    asset = source.add_table_asset(f"{suite.schema}.{suite.table}", table_name=suite.table, schema_name=suite.schema)
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    # Not add_expectation_configuration: that keeps only the last of several queries on one table.
    declared = gx.ExpectationSuite(
        name=f"{suite.schema}.{suite.table}",
        expectations=[
            ExpectationConfiguration(type=entry.expectation, kwargs=entry.kwargs, meta={"number": number}).to_domain_obj()
            for number, entry in enumerate(suite.expectations)
        ],
    )
    outcome = batch.validate(declared, result_format="SUMMARY")
    by_number = {result.expectation_config.meta["number"]: result for result in outcome.results}
    return [_check_result(suite, expectation, by_number[i]) for i, expectation in enumerate(suite.expectations)]


def _check_result(suite: Suite, expectation: Expectation, result: Any) -> CheckResult:
    if result.exception_info and _raised(result.exception_info):
        raise ChecksFailed(
            f"Expectation {expectation.code} cannot be evaluated: {_raised(result.exception_info)}",
            where=str(suite.path),
            next_step="Correct the suite, or the table that it looks at.",
        )
    failed = checks.FAILED if expectation.severity == checks.CRITICAL else checks.WARNED
    return CheckResult(
        layer=suite.layer,
        table_name=suite.table,
        check_code=expectation.code,
        check_kind="great_expectations",
        severity=expectation.severity,
        status=checks.PASSED if result.success else failed,
        observed=_observed(result.result) + (" rows unexpected" if _is_query(expectation) else ""),
        expected=_expected(expectation),
        reason=expectation.reason,
        action=expectation.action,
    )


def _raised(info: dict[str, Any]) -> str:
    """Great Expectations reports one exception, or one per metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception"))


def _is_query(expectation: Expectation) -> bool:
    return "unexpected_rows_query" in expectation.kwargs


def _expected(expectation: Expectation) -> str:
    if _is_query(expectation):
        return "0 rows unexpected"
    return ", ".join(f"{key} {value}" for key, value in expectation.kwargs.items())


def _observed(result: dict[str, Any]) -> str:
    """What was found, as numbers only: rows may hold what no log should."""
    if (value := result.get("observed_value")) is not None:
        # The last digits of a mean depend on the order in which threads added up.
        return f"{value:.12g}" if isinstance(value, float) else str(value)
    if "unexpected_count" in result:
        total = f" of {result['element_count']}" if "element_count" in result else ""
        return f"{result['unexpected_count']}{total} rows unexpected"
    return ""
