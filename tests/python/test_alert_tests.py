"""What the dbt tests of the kept tables find: faults planted in what a run has built, of whole dates and of single observations."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun, copy_project

# One observation that the run has built, of a Sunday that is in both alert marts.
_ONE = (
    "(as_of_date, subscriber_id) = (select (as_of_date, subscriber_id) from scoring.contributions where as_of_date in (select as_of_date from"
    " intermediate.int_as_of_dates where is_weekly and is_daily) and is_counted_in_base and is_counted_in_local order by all limit 1)"
)
# Test, statement that plants the fault.
FAULTS = [
    ("contributions_have_one_row_per_key", f"insert into scoring.contributions from scoring.contributions where {_ONE}"),
    (
        "contributions_have_one_row_per_key",
        f"insert into scoring.contributions select * replace (false as is_in_local) from scoring.contributions where {_ONE}",
    ),
    ("contributions_have_one_row_per_key", f"update scoring.contributions set scorecard_code = ' ' where {_ONE}"),
    ("contributions_have_one_row_per_key", f"update scoring.contributions set indicator_code = null where {_ONE}"),
    ("contributions_add_up_to_every_score", f"update scoring.contributions set points = points + 1 where {_ONE}"),
    ("contributions_add_up_to_every_score", f"update scoring.contributions set is_counted_in_local = false where {_ONE}"),
    (
        "contributions_add_up_to_every_score",
        f"update scoring.alerts_at_date set core_risk_score = core_risk_score + 1 where {_ONE} and model_scope = 'local'",
    ),
    ("contributions_add_up_to_every_score", f"delete from scoring.alerts_at_date where {_ONE}"),
    ("every_target_has_an_alert_row_in_both_scopes", f"delete from scoring.alerts_at_date where {_ONE} and model_scope = 'base'"),
    ("every_alert_row_belongs_to_a_target", f"delete from intermediate.int_observations where {_ONE}"),
    ("alerts_at_date_has_one_row_per_key_and_no_blank_level", f"insert into scoring.alerts_at_date from scoring.alerts_at_date where {_ONE}"),
    ("alerts_at_date_has_one_row_per_key_and_no_blank_level", f"update scoring.alerts_at_date set alert_level = ' ' where {_ONE}"),
    ("alerts_at_date_has_one_row_per_key_and_no_blank_level", f"update scoring.alerts_at_date set weeks_in_alert = null where {_ONE}"),
    ("alerts_at_date_has_one_row_per_key_and_no_blank_level", f"update scoring.alerts_at_date set alert_state = 'gone' where {_ONE}"),
    ("alerts_at_date_has_one_row_per_key_and_no_blank_level", f"update scoring.alerts_at_date set model_scope = 'base' where {_ONE}"),
    ("every_alert_says_why", f"update scoring.alerts_at_date set alert_signals = 'stability,' || alert_signals, alert_level = 'none' where {_ONE}"),
    ("every_alert_says_why", "update scoring.reason_lists set reason_text_zh = ''"),
    ("every_alert_says_why", "delete from scoring.reason_lists"),
    ("unique_reason_lists_list_hash", "insert into scoring.reason_lists select * replace ('other' as reason_codes) from scoring.reason_lists limit 1"),
    ("priority_ranks_count_up_from_one_in_every_list", f"update scoring.alerts_at_date set priority_rank = 0 where {_ONE}"),
    ("fct_indicators_has_one_row_per_key", f"insert into indicators.indicators_at_date from indicators.indicators_at_date where {_ONE}"),
    ("every_target_has_every_indicator", f"delete from indicators.ind_bills where {_ONE}"),
    ("every_target_has_every_indicator", f"delete from indicators.indicators_at_date where {_ONE}"),
    (
        "every_target_has_every_indicator",
        f"insert into indicators.indicators_more select distinct as_of_date, subscriber_id, 'x', null, 'known' from scoring.contributions where {_ONE}",
    ),
    ("every_indicator_belongs_to_a_target", f"delete from intermediate.int_observations where {_ONE}"),
    (
        "int_observations_to_build_has_one_row_per_date_and_line_and_judges_all",
        f"update intermediate.int_observations_to_build set value_tier = null where {_ONE}",
    ),
    ("stg_customers_has_one_row_per_customer", "insert into staging.stg_customers from staging.stg_customers limit 1"),
    ("stg_customers_has_one_row_per_customer", "update staging.stg_customers set customer_id = null"),
    ("fct_score_drift_has_one_row_per_key", "update marts.fct_score_drift set drift_level = 'calm' where rowid = 0"),
    ("dim_subscribers_has_one_row_per_key", "update marts.dim_subscribers set subscriber_id = '  ' where rowid = 0"),
]
# What the tests do not mind.
SOUND = [
    (
        "contributions_have_one_row_per_key",
        "create temp table halves as from scoring.contributions; delete from scoring.contributions;"
        " insert into scoring.contributions select * replace (false as is_in_local) from halves;"
        " insert into scoring.contributions select * replace (false as is_in_base) from halves",
    ),
]


def _found(project: Path, connection: duckdb.DuckDBPyConnection, test: str) -> list[tuple]:
    (compiled,) = project.glob(f"target/compiled/*/**/{test}.sql")
    return connection.execute(compiled.read_text(encoding="utf-8")).fetchall()


@pytest.mark.parametrize("built", ["whole dates", "single observations"])
def test_a_planted_fault_is_found(run_copy: FinishedRun, built: str) -> None:
    missed = []
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        if built == "single observations":
            connection.execute("update intermediate.int_dates_to_build set is_whole = false")
        assert [test for test, _ in FAULTS if _found(run_copy.project, connection, test)] == []
        for test, fault in FAULTS + SOUND:
            connection.execute(f"begin; {fault}")
            if bool(_found(run_copy.project, connection, test)) == ((test, fault) in SOUND):
                missed.append((test, fault))
            connection.execute("rollback")
    assert missed == []


def test_a_run_that_a_test_stops_leaves_its_dates_to_the_next(run_copy: FinishedRun, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    test = project / "tests/alerts/contributions_add_up_to_every_score.sql"
    test.write_text(test.read_text(encoding="utf-8") + "    or true\n", encoding="utf-8")
    result = run_copy.run_again("--project-dir", project)
    assert result.exit_code == 1, result.output
    assert "contributions_add_up_to_every_score" in result.output
    with duckdb.connect(str(run_copy.warehouse), read_only=True) as connection:
        built, tried = (
            connection.execute(f"select max(batch_id) from {table}").fetchone() for table in ("scoring.built_dates", "intermediate.int_dates_to_build")
        )
    assert built != tried
