"""churn-warning run on good data: what is published, that it is repeatable, and how versions come and go."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import REPOSITORY, FinishedRun, blank_fields, churn_warning, read_page, tree_state

MARTS = {
    "fct_weekly_alerts", "fct_daily_alerts", "fct_alert_contributions", "fct_indicators", "fct_loss_judgements",
    "dim_subscribers", "dim_customers", "dim_groups", "dim_organisation", "dim_dates", "dim_indicators",
    "fct_alert_backtest", "fct_band_backtest", "fct_score_drift",
    "dq_quarantine", "dq_reconciliation", "dq_results",
}  # fmt: skip


def test_every_mart_is_a_table_or_a_view_and_a_parquet_file_with_the_same_rows_and_types(finished_run: FinishedRun) -> None:
    current = finished_run.published / "current"
    tables = {name for (name,) in finished_run.query("select table_name from information_schema.tables where table_schema = 'main'")}
    assert tables >= MARTS
    assert {path.stem for path in current.glob("*.parquet")} == tables
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as warehouse:
        for mart in sorted(tables):
            built = warehouse.execute(f"describe marts.{mart}").fetchall()
            rows = warehouse.execute(f"select count(*) from marts.{mart}").fetchone()
            assert [column[:2] for column in finished_run.query(f"describe {mart}")] == [column[:2] for column in built]
            assert finished_run.query(f"select count(*) from {mart}") == [rows]
            assert finished_run.query(f"select count(*) from read_parquet('{current / mart}.parquet')") == [rows]


def test_a_check_of_weights_knows_what_the_run_scored_and_with_which_weights(finished_run: FinishedRun, tmp_path: Path) -> None:
    bands = Path(shutil.copy(finished_run.project / "seeds/scorecards/scorecard_bands.csv", tmp_path))
    folders = ["--project-dir", finished_run.project, "--warehouse", finished_run.warehouse]
    assert "Errors: 0. Warnings: 0." in churn_warning("weights", "check", *folders).output
    text = bands.read_text(encoding="utf-8").replace("severe_complaints_28d,1,,false,3", "severe_complaints_28d,1,,false,4")
    bands.write_text(text + "core_risk,branch,nowhere,handset_risk,2,,false,4,2999-01-01,,default,a test\n", encoding="utf-8")
    result = churn_warning("weights", "check", "--seeds", bands, *folders)
    [(weeks, first, last, observations)] = finished_run.query(
        "select count(distinct as_of_date), min(as_of_date), max(as_of_date), count(*) from fct_weekly_alerts where model_scope = 'local'"
    )
    answer = " ".join(result.output.split())
    assert f"{weeks} scored weeks would be scored anew ({first} to {last}, {observations} observations)" in answer
    assert "is an unknown branch" in answer and "Errors: 1. Warnings: 1." in answer


def test_marts_carry_their_descriptions(finished_run: FinishedRun) -> None:
    for mart in ("fct_weekly_alerts", "fct_alert_contributions"):
        [(comment,)] = finished_run.query(f"select table_comment from information_schema.tables where table_name = '{mart}'")
        assert comment
        assert finished_run.query(f"select count(*) from duckdb_columns() where table_name = '{mart}' and comment is null") == [(0,)]


def test_the_manifest_names_rows_checksums_seeds_and_code(finished_run: FinishedRun) -> None:
    current = finished_run.published / "current"
    manifest = json.loads((current / "manifest.json").read_text())
    assert manifest["run_id"] == current.resolve().name
    assert manifest["code_version"]
    assert manifest["rows"]["fct_weekly_alerts"] == finished_run.query("select count(*) from fct_weekly_alerts")[0][0]
    assert manifest["seeds"]["seeds/scorecards/scorecard_bands.csv"]
    for name, file in manifest["files"].items():
        assert hashlib.sha256((current / name).read_bytes()).hexdigest() == file["sha256"]


def test_the_report_says_what_was_read_alerted_checked_and_where_it_is(finished_run: FinishedRun) -> None:
    report = json.loads((finished_run.published / "current" / "run.json").read_text())
    assert report["status"] == "published"
    read = {row["table_name"]: row for row in report["reconciliation"]}
    for row in read.values():
        assert row["raw_rows"] == row["accepted_rows"] + row["duplicate_rows"] + row["quarantined_rows"]
    alerts = {(row["model_scope"], row["alert_level"]): row["alerts"] for row in report["alerts"]}
    as_of = report["alerts"][0]["as_of_date"]
    counted = f"select model_scope, alert_level, count(*) from fct_weekly_alerts where as_of_date = '{as_of}' group by all"
    assert {key: count for key, count in alerts.items() if count} == {
        (scope, level): n for scope, level, n in finished_run.query(counted)
    }
    assert report["alerts"][0]["alerts_week_before"] is not None
    assert report["checks"]["dbt"]["passed"] > 0
    assert report["checks"]["great_expectations"]["passed"] > 0
    for text in ("voice_cdrs", "quarantined", "week before", "great_expectations", str(finished_run.published / "current")):
        assert text in finished_run.output


def test_dq_results_has_one_row_per_check(finished_run: FinishedRun) -> None:
    rows = finished_run.query(
        "select check_kind, count(*), count(distinct check_code), count(distinct run_id) from dq_results group by check_kind"
    )
    kinds = {kind: (count, codes, runs) for kind, count, codes, runs in rows}
    assert set(kinds) == {"dbt", "great_expectations", "feed"}
    for count, codes, runs in kinds.values():
        assert count == codes
        assert runs == 1


def test_every_check_says_what_was_found_why_it_matters_and_what_to_do(finished_run: FinishedRun) -> None:
    with duckdb.connect(str(finished_run.published / "current" / "marts.duckdb"), read_only=True) as connection:
        assert blank_fields(connection, "dq_results") == []
    named_only = "select check_code from dq_results where reason like 'Test % finds no rows.'"
    assert finished_run.query(named_only) == [], "describe these tests, or their kind in churn_warning/dbt_project.py"
    codes = "select distinct severity, status from dq_results"
    assert set(finished_run.query(codes)) <= {
        (severity, status) for severity in ("critical", "warning") for status in ("passed", "warned", "skipped")
    }


def test_the_quality_page_is_published_with_its_checksum_and_tells_of_the_run(finished_run: FinishedRun) -> None:
    current = finished_run.published / "current"
    assert "quality.html" in json.loads((current / "manifest.json").read_text())["files"]
    page = read_page(current / "quality.html")
    assert current.resolve().name in page.text
    verdicts = (("Published: all", "已发布：所执行的"), ("Published with", "已发布，但有"))
    warned = finished_run.query("select count(*) from dq_results where status = 'warned'") != [(0,)]
    assert all(text in page.text for text in verdicts[warned])
    for heading in ("Late and short feeds 迟到或不完整的数据源", "Delivered rows 交付的数据行", "Unknown indicator values 未知的指标值"):
        assert heading in page.text
    for code, action in finished_run.query("select check_code, action from dq_results"):
        assert code in page.text
        assert " ".join(action.split()) in page.text
    for table, delivered in finished_run.query("select table_name, raw_rows from dq_reconciliation"):
        assert f"{table} {delivered:,} " in page.text
    broken = "select table_name, rule_code, count(*) from dq_quarantine group by all"
    for table, rule, rows in finished_run.query(broken):
        assert f"{table} {rule} {rows:,} " in page.text
    unknown = """
        select code, count(*), count(*) filter (where unknown)
        from (
            select unnest(['minutes_drop_4w', 'new_service_fee_drop_2m']) as code,
                unnest([minutes_drop_4w is null, new_service_fee_drop_2m is null]) as unknown
            from fct_indicators where as_of_date = (select max(as_of_date) from fct_weekly_alerts)
        )
        group by code having count(*) filter (where unknown) > 0
    """
    counted = finished_run.query(unknown)
    assert counted
    for code, lines, nulls in counted:
        assert f"{code} {lines:,} {nulls:,} {nulls / lines:.1%}" in page.text


def test_nobody_is_named_in_reports_and_logs(finished_run: FinishedRun) -> None:
    with duckdb.connect() as connection:
        numbers = connection.execute(
            f"select distinct msisdn from read_parquet('{finished_run.raw}/subscribers.parquet')"
        ).fetchall()
        names = connection.execute(
            f"select distinct customer_name from read_parquet('{finished_run.raw}/customers.parquet')"
        ).fetchall()
    texts = [finished_run.output, (finished_run.published / "current" / "run.json").read_text()]
    texts += [path.read_text(errors="replace") for path in (finished_run.project / "logs").glob("*")]
    for (clear,) in numbers + names:
        if clear:
            assert not any(clear in text for text in texts)


def test_versions_are_listed_and_rolled_back(run_copy: FinishedRun) -> None:
    first = (run_copy.published / "current").resolve()
    _pretend_later_version(run_copy, "29990101T000000Z-ffffff")
    options = ("--project-dir", run_copy.project, "--publish-dir", run_copy.published)
    listed = churn_warning("publish", "list", *options)
    assert listed.exit_code == 0
    assert listed.output.index("29990101T000000Z-ffffff") < listed.output.index(first.name)

    assert churn_warning("publish", "rollback", *options).exit_code == 0
    assert (run_copy.published / "current").resolve() == first
    nothing_before = churn_warning("publish", "rollback", *options)
    assert nothing_before.exit_code == 2
    assert "no earlier version" in nothing_before.output
    assert churn_warning("publish", "rollback", "no-such-version", *options).exit_code == 2


def test_a_damaged_version_is_not_rolled_back_to(run_copy: FinishedRun) -> None:
    first = (run_copy.published / "current").resolve()
    _pretend_later_version(run_copy, "29990101T000000Z-ffffff")
    (first / "dim_dates.parquet").write_bytes(b"damaged")
    result = churn_warning("publish", "rollback", "--project-dir", run_copy.project, "--publish-dir", run_copy.published)
    assert result.exit_code == 1
    assert "dim_dates.parquet" in result.output
    assert (run_copy.published / "current").resolve().name == "29990101T000000Z-ffffff"


def test_old_versions_and_leftovers_go_but_the_last_five_stay(run_copy: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    from churn_warning import publish

    versions = run_copy.published / "versions"
    for number in range(6):
        _copy_version(run_copy, f"2020010{number + 1}T000000Z-00000{number}", f"2020-01-0{number + 1}T00:00:00+00:00")
    (versions / ".new-killed").mkdir()
    mart = publish.Mart("dim_dates", ("date_day",), "", {})
    new = publish.publish(run_copy.warehouse, run_copy.published, [mart], "20990101T000000Z-000000", {}, lambda rows: {})
    assert (run_copy.published / "current").resolve() == new
    assert len(list(versions.iterdir())) == 5
    assert not (versions / ".new-killed").exists()


def test_what_was_written_wrongly_is_not_published(run_copy: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    from churn_warning import publish
    from churn_warning.errors import ChecksFailed

    before = tree_state(run_copy.published / "current")
    write = publish.write_marts

    def write_and_lose_a_row(warehouse, folder, marts, earlier):
        written = write(warehouse, folder, marts, earlier)
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute("delete from dim_dates where date_day = (select max(date_day) from dim_dates)")
        return written

    monkeypatch.setattr(publish, "write_marts", write_and_lose_a_row)
    mart = publish.Mart("dim_dates", ("date_day",), "", {})
    with pytest.raises(ChecksFailed, match="dim_dates"):
        publish.publish(run_copy.warehouse, run_copy.published, [mart], "20990101T000000Z-000000", {}, lambda rows: {})
    assert tree_state(run_copy.published / "current") == before


def test_a_backtest_before_the_first_horizon_has_passed_says_when_it_will(finished_run: FinishedRun) -> None:
    result = churn_warning("backtest", "--project-dir", finished_run.project, "--publish-dir", finished_run.published)
    assert result.exit_code == 0, result.output
    [(first_sunday,)] = finished_run.query("select min(as_of_date) from fct_weekly_alerts")
    assert "No week can be judged yet" in result.output
    assert f"The first closes on {first_sunday + timedelta(days=56)}." in result.output
    assert "Signals and levels" not in result.output
    assert finished_run.query("select count(*) from fct_alert_backtest") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--weeks", "0"), "--weeks 0"),
        (("--min-observations", "0"), "--min-observations 0"),
        (("--scope", "national"), "local, base"),
        (("--loss", "money"), "quantity, value, any"),
        (("--publish-dir", "no-such-folder"), "Nothing is published yet"),
    ],
)
def test_a_backtest_of_what_does_not_exist_is_wrong_use(finished_run: FinishedRun, arguments: tuple[str, ...], named: str) -> None:
    result = churn_warning("backtest", "--project-dir", finished_run.project, "--publish-dir", finished_run.published, *arguments)
    assert result.exit_code == 2
    assert named in result.output


def test_a_backtest_of_an_older_version_asks_for_a_run(run_copy: FinishedRun) -> None:
    with duckdb.connect(str(run_copy.published / "current" / "marts.duckdb")) as connection:
        connection.execute("drop table fct_score_drift")
    result = churn_warning("backtest", "--project-dir", run_copy.project, "--publish-dir", run_copy.published)
    assert result.exit_code == 2
    assert "Run again: churn-warning run" in result.output


def _copy_version(run: FinishedRun, name: str, published_at: str) -> None:
    folder = run.published / "versions" / name
    shutil.copytree((run.published / "current").resolve(), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "run_id": name, "published_at": published_at}))


def _pretend_later_version(run: FinishedRun, name: str) -> None:
    _copy_version(run, name, "2999-01-01T00:00:00+00:00")
    link = run.published / "current"
    link.unlink()
    link.symlink_to(f"versions/{name}")


def test_a_backtest_leaves_out_bands_by_the_parameter_of_the_project(tmp_path: Path) -> None:
    from churn_warning.backtest import default_min_observations
    from churn_warning.errors import WrongUse

    parameters = tmp_path / "seeds" / "reference" / "parameters.csv"
    parameters.parent.mkdir(parents=True)
    shipped = (REPOSITORY / "seeds/reference/parameters.csv").read_text(encoding="utf-8")
    assert shipped.count("backtest_min_observations,30,") == 1
    parameters.write_text(shipped.replace("backtest_min_observations,30,", "backtest_min_observations,7,"), encoding="utf-8")
    assert default_min_observations(tmp_path) == 7
    parameters.write_text(shipped.replace("backtest_min_observations,30,", "backtest_min_observations,many,"), encoding="utf-8")
    with pytest.raises(WrongUse, match="backtest_min_observations"):
        default_min_observations(tmp_path)
