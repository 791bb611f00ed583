"""Whether the floor and the project gave the same alert rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

# Columns of fct_weekly_alerts that the floor computes: all but masked numbers, sentences, and what no model fills yet.
COLUMNS = (
    "as_of_date",
    "week_start_date",
    "subscriber_id",
    "customer_id",
    "account_id",
    "customer_class",
    "value_tier",
    "arpu_3m",
    "plan_code",
    "city_code",
    "branch_code",
    "manager_id",
    "group_id",
    "group_class",
    "model_scope",
    "core_risk_score",
    "core_stability_score",
    "churn_traceback_score",
    "stability_alert_level",
    "commitment_risk_level",
    "has_complaint_condition",
    "has_plunge_condition",
    "has_contract_expiry_condition",
    "has_forwarding_condition",
    "has_competitor_contact_condition",
    "early_warning_level",
    "is_potential_churner",
    "alert_level",
    "alert_signals",
    "alert_state",
    "weeks_in_alert",
    "priority_rank",
)
_SHOWN = 10


def differences(floor_database: Path, marts_database: Path, as_of: date) -> tuple[int, list[str]]:
    """Compares the alert rows of one Sunday, both ways and with their number.

    Args:
        floor_database: What bench.floor left.
        marts_database: The project's published marts.
        as_of: The Sunday.

    Returns:
        Rows compared, and what differs: how many rows each side has alone, with examples. Empty if nothing does.
    """
    columns = ", ".join(COLUMNS)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{floor_database}' as floor_side (read_only)")
        connection.execute(f"attach '{marts_database}' as project_side (read_only)")
        connection.execute(f"create view floor_rows as select {columns} from floor_side.alerts where as_of_date = date '{as_of}'")
        connection.execute(
            f"create view project_rows as select {columns} from project_side.fct_weekly_alerts where as_of_date = date '{as_of}'"
        )
        rows = connection.execute("select count(*) from project_rows").fetchone()[0]
        problems = [] if rows else [f"the project has no alert rows of {as_of}"]
        for here, there in (("floor", "project"), ("project", "floor")):
            connection.execute(
                f"create or replace temp table alone as select * from {here}_rows except all select * from {there}_rows"
            )
            if count := connection.execute("select count(*) from alone").fetchone()[0]:
                problems.append(f"{count:,} rows only in the {here}'s alerts, for example")
                examples = connection.execute(f"select * from alone order by subscriber_id, model_scope limit {_SHOWN}")
                problems += [f"  {dict(zip(COLUMNS, row, strict=True))}" for row in examples.fetchall()]
    return rows, problems
