"""Great Expectations gates: the suites of expectations/ run against the tables of a layer that was just built.

A suite is a YAML file expectations/<schema>/<table>.yml:

    table: stg_voice_cdrs
    feed: voice_cdrs            # optional: skipped where seed feed_expectations says the operator has no such feed
    may_be_empty: true          # optional: skipped where the table has no rows
    expectations:
      - expectation: expect_table_row_count_to_be_between
        kwargs: {min_value: 1}
        severity: critical      # critical stops the run, warning is reported
        reason: Why this is checked.
        action: What its owner does about it.
        fault: delete from {table}   # how a test breaks the table so that this expectation must fail
        after: indicators            # optional: checked after this layer, whose tables its query reads too
        show: true                   # optional, for queries: the rows found hold codes, dates and numbers only, so show some
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from churn_warning import checks
from churn_warning.checks import CheckResult
from churn_warning.dbt_project import LAYERS
from churn_warning.errors import ChecksFailed
from churn_warning.sql import limits

_KEYS = {"expectation", "kwargs", "severity", "reason", "action", "fault", "code", "after", "show"}
_REQUIRED = {"expectation", "severity", "reason", "action", "fault"}
_DIALECT = "duckdb.buffered"
_SHOWN_ROWS = 5
# The one written in C reads the suites in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Imported by Great Expectations for expectations that no suite here uses: a second each.
_HARDLY_USED = ("scipy.stats", "altair")


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
    after: str
    show: bool = False


@dataclass(frozen=True)
class Suite:
    """The expectations of one table that are checked after one layer.

    Attributes:
        path: The suite's file.
        layer: Layer of the run after which they are checked.
        schema: Schema of the table (the name of the file's folder).
        table: The table.
        feed: Raw table without which the suite makes no sense; None: it always runs.
        may_be_empty: Whether a table without rows is as it should be, and there is nothing to check.
        expectations: What is expected.
    """

    path: Path
    layer: str
    schema: str
    table: str
    feed: str | None
    may_be_empty: bool
    expectations: tuple[Expectation, ...]


def load_suites(project_dir: Path) -> list[Suite]:
    """All suites of the project, by path; a file with expectations for a later layer gives one more suite.

    Raises:
        ChecksFailed: A file that is no suite; the message names the file and the entry.
    """
    return [suite for path in sorted((project_dir / "expectations").glob("*/*.yml")) for suite in _load_file(path)]


def not_run(suites: list[Suite], why: str) -> list[CheckResult]:
    """The results of suites that were not run: one per expectation, skipped."""
    return [
        _result(suite, expectation, checks.SKIPPED, f"not run: {why}")
        for suite in suites
        for expectation in suite.expectations
    ]


def run_suites(warehouse: Path, suites: list[Suite]) -> list[CheckResult]:
    """Runs suites on the tables of a warehouse file that nobody has open.

    Args:
        warehouse: The DuckDB file; opened read-only.
        suites: The suites to run. Those of feeds that are declared absent, and of tables that may be empty and are, are skipped.

    Returns:
        One result per expectation.

    Raises:
        ChecksFailed: An expectation could not be evaluated (a missing table or column).
    """
    reasons = _reasons_to_skip(warehouse, suites)
    skipped = [result for suite, reason in zip(suites, reasons, strict=True) if reason for result in not_run([suite], reason)]
    suites = [suite for suite, reason in zip(suites, reasons, strict=True) if not reason]
    if not suites:
        return skipped
    source = _data_source(warehouse)
    try:
        return [*skipped, *(result for suite in suites for result in _run_suite(source, suite))]
    finally:
        # Frees the file for dbt, which writes the next layer into it.
        source.get_engine().dispose()
        source.get_execution_engine().close()


def _load_file(path: Path) -> list[Suite]:
    def refuse(problem: str) -> ChecksFailed:
        return ChecksFailed(f"An expectation suite cannot be used: {problem}", where=str(path))

    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise refuse(str(error)) from None
    if not isinstance(content, dict) or "table" not in content or not content.get("expectations"):
        raise refuse("it needs the keys table and expectations")
    own_layer = next((layer for layer, folders in LAYERS.items() if path.parent.name in folders), "marts")
    expectations: list[Expectation] = []
    for number, entry in enumerate(content["expectations"], 1):
        if missing := _REQUIRED - entry.keys():
            raise refuse(f"entry {number} lacks {', '.join(sorted(missing))}")
        if unknown := entry.keys() - _KEYS:
            raise refuse(f"entry {number} has unknown keys {', '.join(sorted(unknown))}")
        if entry["severity"] not in (checks.CRITICAL, checks.WARNING):
            raise refuse(f"entry {number}: severity is {checks.CRITICAL} or {checks.WARNING}")
        if entry.get("after", own_layer) not in LAYERS:
            raise refuse(f"entry {number}: after is one of {', '.join(LAYERS)}")
        values = {"kwargs": {}, "after": own_layer, **entry}
        values["code"] = f"{content['table']}.{entry.get('code') or _default_code(values)}"
        expectations.append(Expectation(**values))
    codes = [expectation.code for expectation in expectations]
    if repeated := {code for code in codes if codes.count(code) > 1}:
        raise refuse(f"more than one entry is called {', '.join(sorted(repeated))}; give them a code")
    return [
        Suite(
            path, layer, path.parent.name, content["table"], content.get("feed"), bool(content.get("may_be_empty")), tuple(of_layer)
        )
        for layer in LAYERS
        if (of_layer := [expectation for expectation in expectations if expectation.after == layer])
    ]


def _default_code(entry: dict[str, Any]) -> str:
    column = entry["kwargs"].get("column") or "_".join(entry["kwargs"].get("column_list", []))
    return ".".join(part for part in (entry["expectation"].removeprefix("expect_"), column) if part)


def _reasons_to_skip(warehouse: Path, suites: list[Suite]) -> list[str]:
    """Why each suite has nothing to check; empty: it has."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select table_name from seeds.feed_expectations where not is_provided").fetchall()
        absent = {row[0] for row in rows}

        def reason(suite: Suite) -> str:
            if suite.feed in absent:
                return f"seed feed_expectations says that there is no feed {suite.feed}"
            if suite.may_be_empty and not connection.table(f"{suite.schema}.{suite.table}").limit(1).fetchall():
                return "the table is empty, as it may be"
            return ""

        return [reason(suite) for suite in suites]


def _data_source(warehouse: Path) -> Any:
    """A Great Expectations data source on the file; importing that library takes seconds, so it happens here."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.filterwarnings("ignore", module="great_expectations")
    # Some of its loggers set a level of their own, so silence is kept above them.
    logging.getLogger("great_expectations").addHandler(logging.NullHandler())
    logging.getLogger("great_expectations").propagate = False
    for module in _HARDLY_USED:
        ImportedWhenUsed.put(module)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from sqlalchemy.dialects import registry

    # Great Expectations knows an expectation as soon as its class is imported.
    importlib.import_module("churn_warning.gates_queries")
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
    # After each table it would write all data sources as YAML, into memory, for nobody.
    context._save_project_config = lambda: None
    return context.data_sources.add_sql(
        "warehouse",
        connection_string=f"{_DIALECT.replace('.', '+')}:///{warehouse}",
        kwargs={"connect_args": {"read_only": True, "config": limits(warehouse)}},
    )


class ImportedWhenUsed(types.ModuleType):
    """Stands in for a module that is slow to import until something of it is asked for.

    The lazy loader of the standard library would load it as soon as anybody looks through all modules, as `inspect` does.
    """

    @classmethod
    def put(cls, name: str) -> None:
        """Puts it in the place of a module, unless that is imported already."""
        if name in sys.modules:
            return
        sys.modules[name] = cls(name)
        package, _, module = name.rpartition(".")
        if package:
            setattr(importlib.import_module(package), module, sys.modules[name])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _run_suite(source: Any, suite: Suite) -> list[CheckResult]:
    from great_expectations.constants import MAX_RESULT_RECORDS

    name = f"{suite.schema}.{suite.table} after {suite.layer}"
    asset = source.add_table_asset(name, table_name=suite.table, schema_name=suite.schema)
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    results = _validate(batch, suite.expectations)
    # Of many rows only the first are read.
    cut = [number for number, result in enumerate(results) if len(_rows_found(result.result)) >= MAX_RESULT_RECORDS]
    counted = _validate(batch, [replace(suite.expectations[number], show=False) for number in cut])
    for number, result in zip(cut, counted, strict=True):
        results[number].result["observed_value"] = result.result["observed_value"]
    return [_check_result(suite, expectation, result) for expectation, result in zip(suite.expectations, results, strict=True)]


def _validate(batch: Any, expectations: Sequence[Expectation]) -> list[Any]:
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    if not expectations:
        return []
    # Not add_expectation_configuration: that keeps only the last of several queries on one table.
    declared = gx.ExpectationSuite(
        name="declared",
        expectations=[
            ExpectationConfiguration(type=_evaluated_as(entry), kwargs=entry.kwargs, meta={"number": number}).to_domain_obj()
            for number, entry in enumerate(expectations)
        ],
    )
    # The next format would look for the places of broken values too.
    outcome = batch.validate(declared, result_format="BASIC")
    by_number = {result.expectation_config.meta["number"]: result for result in outcome.results}
    return [by_number[number] for number in range(len(expectations))]


def _evaluated_as(expectation: Expectation) -> str:
    """The kind of expectation that Great Expectations is given: for queries one of churn_warning/gates_queries.py."""
    if not _is_query(expectation):
        return expectation.expectation
    return "rows_are_read" if expectation.show else "rows_are_counted"


def _check_result(suite: Suite, expectation: Expectation, result: Any) -> CheckResult:
    if result.exception_info and _raised(result.exception_info):
        raise ChecksFailed(
            f"Expectation {expectation.code} cannot be evaluated: {_raised(result.exception_info)}",
            where=str(suite.path),
            next_step="Correct the suite, or the table that it looks at.",
        )
    failed = checks.FAILED if expectation.severity == checks.CRITICAL else checks.WARNED
    return _result(suite, expectation, checks.PASSED if result.success else failed, _observed(expectation, result.result))


def _result(suite: Suite, expectation: Expectation, status: str, observed: str) -> CheckResult:
    return CheckResult(
        layer=suite.layer,
        table_name=suite.table,
        check_code=expectation.code,
        check_kind="great_expectations",
        severity=expectation.severity,
        status=status,
        observed=observed,
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


def _observed(expectation: Expectation, result: dict[str, Any]) -> str:
    """What was found: numbers only, as rows may hold what no log should, unless the suite says that they do not."""
    if _is_query(expectation):
        count = f"{_rows(result['observed_value'])} unexpected"
        rows = _rows_found(result)
        shown = ["; ".join(f"{name} {_short(value)}" for name, value in row.items()) for row in rows[:_SHOWN_ROWS]]
        more = ["..."] if len(rows) > _SHOWN_ROWS else []
        return "\n".join([f"{count}:", *shown, *more]) if shown else count
    if (value := result.get("observed_value")) is not None:
        # The last digits of a mean depend on the order in which threads added up.
        return f"{value:.12g}" if isinstance(value, float) else str(value)
    if "unexpected_count" in result:
        of_all = f" of {result['element_count']}" if "element_count" in result else ""
        return f"{_rows(result['unexpected_count'])}{of_all} unexpected"
    return ""


def _rows_found(result: dict[str, Any]) -> list[dict[str, Any]]:
    return result.get("details", {}).get("unexpected_rows", [])


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    return "unknown" if value is None else str(value)
