"""The quality page of a run: one HTML file that needs nothing from outside. Numbers and codes only, nobody's data."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from churn_warning import checks
from churn_warning.checks import CheckResult
from churn_warning.dbt_project import LAYERS
from churn_warning.report import dicts

_TEMPLATE = "quality_page.html.jinja"
_STEPS = ("inputs", *LAYERS)
_STATUSES = (checks.FAILED, checks.WARNED, checks.SKIPPED, checks.PASSED)
# What the page tells beside the checks: the tables that must be of this run, and the question.
_FACTS = {
    "dates": (
        {"int_run"},
        "select as_of_date, last_sunday, first_feed_date from intermediate.int_run",
    ),
    "feeds": (
        {"feed_expectations"},
        """
        select table_name, is_provided, min_daily_row_share, max_lag_days
        from seeds.feed_expectations
        where not is_provided or min_daily_row_share is not null or max_lag_days is not null
        order by is_provided desc, table_name
        """,
    ),
    "feed_gaps": (
        {"int_run", "int_feed_gaps"},
        """
        select table_name, feed_date, day_rows, expected_rows, is_short, is_late
        from intermediate.int_feed_gaps
        where as_of_date = (select as_of_date from intermediate.int_run)
        order by table_name, feed_date
        """,
    ),
    "reconciliation": (
        {"dq_reconciliation"},
        """
        select table_name, raw_rows, accepted_rows, duplicate_rows, quarantined_rows
        from marts.dq_reconciliation
        order by table_name
        """,
    ),
    "quarantine": (
        {"dq_quarantine"},
        """
        select table_name, rule_code, count(*) as row_count
        from marts.dq_quarantine
        group by table_name, rule_code
        order by row_count desc, table_name, rule_code
        """,
    ),
    "unknown": (
        {"int_run", "indicators", "indicators_long"},
        """
        with counted as (
            select
                indicator_code,
                indicator_status,
                count(*) as targets,
                count(*) filter (where indicator_value is null) as unknown
            from indicators.indicators_long
            where as_of_date = (select last_sunday from intermediate.int_run)
            group by indicator_code, indicator_status
        )
        select
            indicator_code,
            any_value(label_en) as label_en,
            any_value(label_zh) as label_zh,
            sum(targets)::bigint as targets,
            sum(unknown)::bigint as unknown,
            string_agg(indicator_status || ' ' || unknown, ', ' order by unknown desc, indicator_status)
                filter (where unknown > 0) as causes
        from counted
        left join seeds.indicators using (indicator_code)
        group by indicator_code
        order by sum(unknown) / sum(targets) desc, indicator_code
        """,
    ),
}


def facts(warehouse: Path, built: set[str]) -> dict[str, Any]:
    """What the warehouse says of a run, beside its checks.

    Args:
        warehouse: The DuckDB file; opened read-only.
        built: Tables that this run has built. What needs others is None: they may be an earlier run's.

    Returns:
        Rows (dicts) by name of the fact, or None.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {name: dicts(connection, query) if needed <= built else None for name, (needed, query) in _FACTS.items()}


def render(content: dict[str, Any], results: list[CheckResult], found: dict[str, Any]) -> str:
    """The page.

    Args:
        content: What run.json says.
        results: All checks of the run.
        found: What facts() found.

    Returns:
        HTML; every value in it is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    by_layer = sorted(results, key=lambda result: (_STEPS.index(result.layer), result.table_name, result.check_code))
    return environment.get_template(_TEMPLATE).render(
        run=content,
        error=content.get("error"),
        statuses=_STATUSES,
        totals=Counter(result.status for result in results),
        tallies={attribute: _tally(by_layer, attribute) for attribute in ("check_kind", "severity", "layer")},
        layers=[(layer, list(of_layer)) for layer, of_layer in groupby(by_layer, key=lambda result: result.layer)],
        **found,
    )


def _tally(results: list[CheckResult], attribute: str) -> dict[str, Counter[str]]:
    tally: dict[str, Counter[str]] = {}
    for result in results:
        tally.setdefault(getattr(result, attribute), Counter())[result.status] += 1
    return tally
