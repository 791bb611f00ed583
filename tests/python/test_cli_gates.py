"""The Great Expectations suites: every expectation can fail, a critical one stops a run, absent feeds are skipped."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import REPOSITORY, FinishedRun, blank_fields, copy_project, read_page, tree_state

from churn_warning import checks, gates
from churn_warning.errors import ChecksFailed


def test_every_staging_table_and_every_mart_has_a_suite(finished_run: FinishedRun) -> None:
    covered = {(suite.schema, suite.table) for suite in gates.load_suites(REPOSITORY)}
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as connection:
        built = connection.execute(
            # The views on calls, messages and sessions are read once, by int_cdrs_subscriber_day, which has one.
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and ((table_schema = 'staging' and table_name like 'stg_%') or table_schema = 'marts')"
        ).fetchall()
    assert set(built) - covered == {("marts", "dq_results")}


def test_every_expectation_catches_its_planted_fault(finished_run: FinishedRun, tmp_path: Path) -> None:
    scratch = Path(shutil.copy(finished_run.warehouse, tmp_path / "planted.duckdb"))
    faulty, codes = [], set()
    with duckdb.connect(str(scratch)) as connection:
        connection.execute("create schema faults; begin")
        for suite in gates.load_suites(REPOSITORY):
            for expectation in suite.expectations:
                table = f"table_{len(faulty)}"
                connection.execute(f"create table faults.{table} as from {suite.schema}.{suite.table}")
                connection.execute(expectation.fault.replace("{table}", f"faults.{table}"))
                faulty.append(replace(suite, schema="faults", table=table, expectations=(expectation,)))
                codes.add(expectation.code)
        connection.execute("commit")
    # In parts: Great Expectations writes down all tables that it knows whenever it is told of one more.
    results = [result for i in range(0, len(faulty), 30) for result in gates.run_suites(scratch, faulty[i : i + 30])]
    assert len(results) == len(faulty) == len(codes)
    assert [result.check_code for result in results if result.status not in (checks.WARNED, checks.FAILED)] == []
    # What a suite shows of the rows that it found is on pages and in logs.
    shown = {suite.table for suite in faulty if suite.expectations[0].show}
    assert shown
    assert all(("\n" in result.observed) == (result.table_name in shown) for result in results)
    assert not [result.observed for result in results if re.search("subscriber_id|customer_id|account_id|msisdn|hash", result.observed)]


def test_drift_is_the_population_stability_index_beyond_chance() -> None:
    [query] = [
        expectation.kwargs["unexpected_rows_query"]
        for suite in gates.load_suites(REPOSITORY)
        for expectation in suite.expectations
        if expectation.code == "indicators_at_date.distribution_drift"
    ]
    # Share of lines at 1 (the others are at 0) on the Sundays before and on the last one; null where there is nothing to know.
    cases = {
        "minutes_drop_4w": ("0.5", "0.5"),
        "fee_drop_4w": ("0.5", "0.7"),
        "idle_days_7d": ("0.5", "0.9"),
        "arrears_amount": ("0.5", "null"),
        "tenure_days": ("0.5", "0.9"),
    }
    others = (
        "peer_days_drop_4w", "fee_ratio_3m_6m", "suspended_days_7d", "forward_days_7d", "handset_risk", "complaints_91d", "care_contacts_182d",
        "contract_days_left",
    )  # fmt: skip
    with duckdb.connect() as connection:
        columns = ", ".join(f"{code} double" for code in (*cases, *others))
        connection.execute(f"create table measured (as_of_date date, {columns})")
        for week in range(6):
            shares = [now if week == 0 else before if week < 5 else "0" for before, now in cases.values()]
            values = ", ".join(
                f"case when range < 20000 * {share} then 1 when {share} is not null then 0 end as {code}"
                for code, share in zip(cases, shares, strict=True)
            )
            connection.execute(f"insert into measured by name select date '2026-06-28' - {7 * week} as as_of_date, {values} from range(20000)")
        found = {code: (psi, kind) for code, psi, _, kind in connection.execute(query.replace("{batch}", "measured")).fetchall()}
        few = connection.execute(query.replace("{batch}", "(select * from measured using sample reservoir(8 rows) repeatable (1))"))
        assert few.fetchall() == []
    assert set(found) == {"fee_drop_4w", "idle_days_7d", "arrears_amount"}
    assert found["fee_drop_4w"] == (pytest.approx(0.2 * math.log(0.7 / 0.5) - 0.2 * math.log(0.3 / 0.5), rel=0.01), "moved")
    assert found["idle_days_7d"] == (pytest.approx(0.4 * math.log(0.9 / 0.5) - 0.4 * math.log(0.1 / 0.5), rel=0.01), "broken")
    assert found["arrears_amount"][1] == "broken"


def test_no_expectation_complains_about_the_demo_data(finished_run: FinishedRun) -> None:
    complaints = "select distinct table_name from dq_results where check_kind = 'great_expectations' and status <> 'passed' order by all"
    # Ten weeks are too few for the horizon of an alert to have passed, so there is nothing to check yet.
    assert finished_run.query(complaints) == [("fct_alert_backtest",), ("fct_band_backtest",)]
    warned = "select check_code from dq_results where check_kind = 'great_expectations' and status not in ('passed', 'skipped')"
    assert finished_run.query(warned) == []


def test_a_failed_critical_expectation_stops_the_run(run_copy: FinishedRun, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    suite = project / "expectations/staging/stg_customers.yml"
    content = yaml.safe_load(suite.read_text(encoding="utf-8"))
    content["expectations"].append(
        {
            "expectation": "expect_table_row_count_to_be_between",
            "code": "enough_customers",
            "kwargs": {"min_value": 10_000_000},
            "severity": "critical",
            "reason": "A test wants many customers.",
            "action": "Find more customers.",
            "fault": "delete from {table}",
        }
    )
    suite.write_text(yaml.safe_dump(content), encoding="utf-8")
    before = tree_state(run_copy.published)
    result = run_copy.run_again("--project-dir", project)
    assert result.exit_code == 1, result.output
    for text in ("stg_customers.enough_customers", "A test wants many customers.", "Find more customers."):
        assert text in result.output
    assert "Building indicators" not in result.output
    assert tree_state(run_copy.published) == before
    with duckdb.connect(str(run_copy.warehouse), read_only=True) as connection:
        status = connection.execute("select status from marts.dq_results where check_code = 'stg_customers.enough_customers'")
        assert status.fetchall() == [("failed",)]
        by_layer = connection.execute("select layer, list(distinct status order by status) from marts.dq_results group by layer")
        assert dict(by_layer.fetchall()) == {
            "inputs": ["passed"],
            "seeds": ["passed"],
            # Nothing new was delivered: the tables that hold the calls of a delivery are empty.
            "staging": ["failed", "passed", "skipped"],
            "indicators": ["skipped"],
            "marts": ["skipped"],
        }
        assert blank_fields(connection, "marts.dq_results") == []
    page = read_page(project / "logs" / "quality.html")
    for text in ("Failed: nothing was published", "运行失败", "stg_customers.enough_customers", "A test wants many customers."):
        assert text in page.text
    assert "Find more customers." in page.text
    # Nothing of the earlier run in the same warehouse is shown as this one's.
    assert page.text.count("The run stopped before this was counted.") == 4


def test_suites_of_absent_feeds_are_skipped(run_copy: FinishedRun) -> None:
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        connection.execute("update seeds.feed_expectations set is_provided = false where table_name = 'contracts'")
        connection.execute("delete from staging.stg_contracts")
    suites = [suite for suite in gates.load_suites(REPOSITORY) if suite.table in ("stg_contracts", "stg_plans")]
    results = gates.run_suites(run_copy.warehouse, suites)
    assert {(result.table_name, result.status) for result in results} == {("stg_contracts", "skipped"), ("stg_plans", "passed")}
    assert all("no feed contracts" in result.observed for result in results if result.status == checks.SKIPPED)


def test_an_expectation_that_cannot_be_evaluated_is_an_error_and_not_a_pass(finished_run: FinishedRun) -> None:
    [suite] = [suite for suite in gates.load_suites(REPOSITORY) if suite.table == "stg_plans"]
    wrong = replace(suite.expectations[1], kwargs={"column": "no_such_column", "min_value": 0})
    with pytest.raises(ChecksFailed, match="no_such_column"):
        gates.run_suites(finished_run.warehouse, [replace(suite, expectations=(wrong,))])


def test_of_many_rows_found_some_are_shown_and_all_are_counted(finished_run: FinishedRun) -> None:
    [suite] = [suite for suite in gates.load_suites(REPOSITORY) if suite.table == "stg_plans"]
    query = "select range as n from range(1000) where exists (from {batch}) order by n"
    found = replace(suite.expectations[0], expectation="unexpected_rows_expectation", kwargs={"unexpected_rows_query": query})
    both = (replace(found, show=True), found)
    results = gates.run_suites(finished_run.warehouse, [replace(suite, expectations=both)])
    assert [result.observed for result in results] == ["1000 rows unexpected:\nn 0\nn 1\nn 2\nn 3\nn 4\n...", "1000 rows unexpected"]


def test_what_is_imported_when_used_can_be_used(finished_run: FinishedRun) -> None:
    gates.run_suites(finished_run.warehouse, [suite for suite in gates.load_suites(REPOSITORY) if suite.table == "stg_plans"])
    import altair
    from scipy import stats

    assert stats.norm.cdf(0) == 0.5
    assert altair.Chart().mark_bar().to_dict(validate=False)["mark"]["type"] == "bar"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("table: stg_x\n", "expectations"),
        ("table: stg_x\nexpectations:\n  - expectation: expect_x\n", "severity"),
        (
            "table: stg_x\nexpectations:\n  - {expectation: e, severity: warning, reason: r, action: a, fault: f, after: lunch}\n",
            "after",
        ),
        ("table: [", "stg_x.yml"),
    ],
)
def test_a_suite_that_is_no_suite_is_refused_with_its_file(text: str, problem: str, tmp_path: Path) -> None:
    folder = tmp_path / "expectations" / "staging"
    folder.mkdir(parents=True)
    (folder / "stg_x.yml").write_text(text)
    with pytest.raises(ChecksFailed) as error:
        gates.load_suites(tmp_path)
    assert problem in error.value.message + error.value.where
