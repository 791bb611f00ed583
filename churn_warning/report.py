"""The report of a run: tables for a person, run.json for a program. Numbers and codes only, nobody's data."""

from __future__ import annotations

import platform
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from churn_warning import __version__, checks
from churn_warning.mart_files import MARTS_FILE, Mart
from churn_warning.publish import QUALITY_FILE

if TYPE_CHECKING:
    from churn_warning.run import Run

LEVELS = ("red", "yellow", "blue", "none")
_COLOURS = {"red": "bold red", "yellow": "yellow", "blue": "blue", "none": "dim"}

CHECKS_MART = Mart(
    "dq_results",
    ("check_code",),
    "Every check of the last run: dbt tests, Great Expectations, feed checks.",
    {
        "run_id": "The run.",
        "layer": "Step of the run after which it was checked: inputs, seeds, staging, indicators, marts.",
        "table_name": "Table that was checked.",
        "check_code": "Name of the check.",
        "check_kind": "dbt (tests, builds, the lint of the seeds), great_expectations or feed (the delivery and its days).",
        "severity": "critical stops a run, warning is reported.",
        "status": "passed, warned, failed or skipped (not run).",
        "observed": "What was found.",
        "expected": "What should have been found.",
        "reason": "Why this is checked.",
        "action": "What its owner does about it.",
    },
)


def as_json(run: Run, status: str, rows: dict[str, int], profile: dict[str, Any]) -> dict[str, Any]:
    """The content of run.json.

    Args:
        run: The run.
        status: `published` or `failed`.
        rows: Published rows per mart.
        profile: What its tables and tests cost (see Profile.as_json).
    """
    settings = run.settings
    facts: dict[str, Any] = {"reconciliation": [], "alerts": []}
    if status == "published":
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            facts = {"reconciliation": reconciliation(connection), "alerts": alert_counts(connection, "marts.")}
    return {
        "run_id": run.run_id,
        "status": status,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "settings": {
            "raw_dir": str(settings.raw_dir),
            "as_of": settings.as_of.isoformat() if settings.as_of else None,
            "weeks": settings.weeks,
            "target": settings.target,
            "full_refresh": settings.full_refresh,
            "allow_late_feeds": settings.allow_late_feeds,
        },
        "versions": {"churn-warning": __version__, "python": platform.python_version(), "duckdb": duckdb.__version__},
        **facts,
        "checks": check_counts(run),
        "not_passed": [
            {
                "check_code": result.check_code,
                "table_name": result.table_name,
                "status": result.status,
                "observed": result.observed,
            }
            for result in run.results
            if result.status != checks.PASSED
        ],
        "seconds": run.seconds,
        "rows": rows,
        "profile": profile,
    }


def reconciliation(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Delivered, accepted, duplicate and quarantined rows per raw table."""
    query = """
        select table_name, raw_rows, accepted_rows, duplicate_rows, quarantined_rows
        from marts.dq_reconciliation order by table_name
    """
    return dicts(connection, query)


def alert_counts(connection: duckdb.DuckDBPyConnection, schema: str = "") -> list[dict[str, Any]]:
    """Alerts by scope and level on the last Sunday and on the one before (null if the mart does not hold it)."""
    query = f"""
        with latest as (select max(as_of_date) as as_of_date from {schema}fct_weekly_alerts),
        counted as (
            select as_of_date, model_scope, alert_level, count(*) as alerts from {schema}fct_weekly_alerts group by all
        ),
        earlier as (select max(as_of_date) as as_of_date from counted where as_of_date = (select as_of_date - 7 from latest))
        select
            latest.as_of_date::varchar as as_of_date,
            scopes.model_scope,
            levels.alert_level,
            coalesce(now.alerts, 0) as alerts,
            case when earlier.as_of_date is not null then coalesce(before.alerts, 0) end as alerts_week_before
        from latest
        cross join earlier
        cross join (select distinct model_scope from counted) as scopes
        cross join (select unnest({list(LEVELS)}) as alert_level, unnest(range({len(LEVELS)})) as position) as levels
        left join counted as now
            on latest.as_of_date = now.as_of_date
            and scopes.model_scope = now.model_scope and levels.alert_level = now.alert_level
        left join counted as before
            on earlier.as_of_date = before.as_of_date
            and scopes.model_scope = before.model_scope and levels.alert_level = before.alert_level
        order by scopes.model_scope, levels.position
    """
    return dicts(connection, query)


def check_counts(run: Run) -> dict[str, dict[str, int]]:
    """Checks by kind and status."""
    counts: dict[str, dict[str, int]] = {}
    for result in run.results:
        of_kind = counts.setdefault(result.check_kind, {})
        of_kind[result.status] = of_kind.get(result.status, 0) + 1
    return counts


def show(run: Run, content: dict[str, Any], console: Console) -> None:
    """Prints the report of a published run."""
    console.print()
    console.print(_reconciliation_table(content["reconciliation"]))
    console.print(_alerts_table(content["alerts"]))
    console.print(_checks_table(content["checks"]))
    for result in run.results:
        if result.status == checks.WARNED:
            console.print(f"[yellow]warned[/] {result.table_name}: {result.check_code}: found {result.observed}. {result.action}")
    slowest = ", ".join(f"{title.lower()} {seconds:.1f} s" for title, seconds in run.seconds.items())
    console.print(f"Timings: {slowest}; {sum(run.seconds.values()):.1f} s in all", highlight=False)
    console.print(f"Quality page: {run.settings.publish_dir / 'current' / QUALITY_FILE}", highlight=False, soft_wrap=True)
    console.print(f"Published: {run.settings.publish_dir / 'current'} (version {run.run_id})", highlight=False, soft_wrap=True)


def show_top_alerts(marts_dir: Path, console: Console, scope: str = "local", limit: int = 10) -> None:
    """Prints the most urgent alerts of the last Sunday, and for the first of them which indicators gave how many points."""
    with duckdb.connect(str(marts_dir / MARTS_FILE), read_only=True) as connection:
        alerts = dicts(
            connection,
            """
            select
                as_of_date, subscriber_id, msisdn_masked, branch_code, manager_id, alert_level, alert_signals, alert_state, weeks_in_alert,
                core_risk_score, core_stability_score, churn_traceback_score, arpu_3m, priority_rank, reason_text_en
            from fct_weekly_alerts
            where as_of_date = (select max(as_of_date) from fct_weekly_alerts) and model_scope = ? and alert_level <> 'none'
            order by
                list_position(['red', 'yellow', 'blue'], alert_level),
                core_risk_score + churn_traceback_score - core_stability_score desc nulls last,
                arpu_3m desc nulls last, subscriber_id
            limit ?
            """,
            [scope, limit],
        )
        if not alerts:
            console.print("No alerts in this week.")
            return
        console.print(f"[bold]Most urgent alerts of the week that ends on {alerts[0]['as_of_date']} ({scope} model)[/]")
        for alert in alerts:
            _show_alert(alert, console)
        console.print()
        _show_explanation(connection, alerts[0], scope, console)


def _show_explanation(connection: duckdb.DuckDBPyConnection, alert: dict[str, Any], scope: str, console: Console) -> None:
    query = (
        "select scorecard_code, family_code, indicator_code, indicator_value, lower_bound, upper_bound, points, is_counted,\n"
        "       scope_type, scope_code\n"
        "from fct_alert_contributions\n"
        f"where as_of_date = date '{alert['as_of_date']}' and subscriber_id = '{alert['subscriber_id']}'\n"
        f"  and model_scope = '{scope}'\n"
        "order by scorecard_code, points desc, indicator_code"
    )
    table = Table(title=f"Why {alert['msisdn_masked']} is {alert['alert_level']} (by {_signals(alert)}): points", title_justify="left")
    for heading in ("scorecard", "indicator", "value", "band", "points", "counted", "weights of"):
        table.add_column(heading, justify="right" if heading in ("value", "points") else "left")
    for row in dicts(connection, query):
        scope_of_band = row["scope_type"] if row["scope_type"] == "base" else f"{row['scope_type']} {row['scope_code']}"
        table.add_row(
            row["scorecard_code"],
            row["indicator_code"],
            "unknown" if row["indicator_value"] is None else f"{float(row['indicator_value']):g}",
            band_text(row["lower_bound"], row["upper_bound"]),
            f"{row['points']:+d}",
            "yes" if row["is_counted"] else "no",
            scope_of_band,
        )
    console.print(table)
    console.print(f"The same for any alert, in published/current/{MARTS_FILE}:", highlight=False)
    console.print(query, highlight=False, style="dim")


def _reconciliation_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Raw rows read", title_justify="left")
    for heading in ("table", "read", "accepted", "duplicate", "quarantined"):
        table.add_column(heading, justify="left" if heading == "table" else "right")
    for row in rows:
        table.add_row(
            row["table_name"],
            *(f"{row[column]:,}" for column in ("raw_rows", "accepted_rows", "duplicate_rows")),
            f"[yellow]{row['quarantined_rows']:,}[/]" if row["quarantined_rows"] else "0",
        )
    return table


def _alerts_table(rows: list[dict[str, Any]]) -> Table:
    as_of = rows[0]["as_of_date"] if rows else "no week"
    table = Table(title=f"Alerts of the week that ends on {as_of}", title_justify="left")
    for heading in ("model", "level", "alerts", "week before", "change"):
        table.add_column(heading, justify="left" if heading in ("model", "level") else "right")
    for row in rows:
        before = row["alerts_week_before"]
        table.add_row(
            row["model_scope"],
            f"[{_COLOURS[row['alert_level']]}]{row['alert_level']}[/]",
            f"{row['alerts']:,}",
            "-" if before is None else f"{before:,}",
            "-" if before is None else f"{row['alerts'] - before:+,}",
        )
    return table


def _checks_table(counts: dict[str, dict[str, int]]) -> Table:
    table = Table(title="Checks", title_justify="left")
    for heading in ("kind", checks.PASSED, checks.WARNED, checks.FAILED):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind, of_kind in sorted(counts.items()):
        table.add_row(kind, *(str(of_kind.get(status, 0)) for status in (checks.PASSED, checks.WARNED, checks.FAILED)))
    return table


def _show_alert(alert: dict[str, Any], console: Console) -> None:
    level = alert["alert_level"]
    weeks = f"week {alert['weeks_in_alert']}"
    scores = f"risk {alert['core_risk_score']}, stability {alert['core_stability_score']}"
    console.print(
        f"[{_COLOURS[level]}]{level:<7}[/]{alert['msisdn_masked']}  {alert['branch_code']}, rank {alert['priority_rank']}, "
        f"{alert['alert_state']} ({weeks}), by {_signals(alert)}; {scores}, trace-back {alert['churn_traceback_score']}",
        highlight=False,
    )
    console.print(Padding(alert["reason_text_en"] or "no single reason", (0, 0, 0, 7)), style="dim", highlight=False)


def _signals(alert: dict[str, Any]) -> str:
    """The methods that gave an alert its level, as a person reads them."""
    return alert["alert_signals"].replace("_", " ").replace(",", " and ")


def band_text(lower: Any, upper: Any) -> str:
    """A band as a person reads it."""
    if lower is None and upper is None:
        return "unknown value"
    if upper is None:
        return f"{float(lower):g} or more"
    if lower is None:
        return f"less than {float(upper):g}"
    return f"{float(lower):g} up to {float(upper):g}"


def dicts(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query, by column name."""
    cursor = connection.execute(query, parameters or [])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
