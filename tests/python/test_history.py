"""A weight that changes from next Monday on changes no past alert; and it stays known who had which points when."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun, churn_warning, copy_project
from dbt.cli.main import dbtRunner

from churn_warning.dbt_project import close_connections

LAST_SUNDAY, NEXT_MONDAY, NEXT_SUNDAY = "2026-06-21", "2026-06-22", "2026-06-28"
BANDS = "seeds/scorecards/scorecard_bands.csv"
FEE = "core_risk,base,*,fee_drop_4w,0.3,0.5,false,"
NOTE = ",default,The deck names the sign; bands and points are our own choice\n"
AS_SHIPPED = f"{FEE}1,2000-01-01,{NOTE}"
CLOSED = f"{FEE}1,2000-01-01,{LAST_SUNDAY}{NOTE}"
NEW = f"{FEE}3,{NEXT_MONDAY},,default,Decided by the tests\n"
OVERWRITTEN = f"{FEE}2,2000-01-01,{LAST_SUNDAY}{NOTE}"
OF_A_DATE = ("fct_weekly_alerts", "fct_daily_alerts", "fct_alert_contributions", "fct_indicators")
POINTS = (
    "select points, valid_from::varchar, valid_to::varchar from {} where indicator_code = 'fee_drop_4w' and upper_bound = 0.5"
)


@dataclass(frozen=True)
class Story:
    """What was published: before the change, after everything was built anew with it, and a week later."""

    run: FinishedRun
    before: Path
    after: Path
    a_week_later: Path

    def rows(self, version: Path, mart: str, where: str = "true") -> list[tuple]:
        with duckdb.connect() as connection:
            return connection.execute(
                f"select * from read_parquet('{version / mart}.parquet') where {where} order by all"
            ).fetchall()


@pytest.fixture(scope="module")
def story(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The round of docs/weights.md by the commands it names: nobody has seen the last week of the data when the change is made."""
    folder = tmp_path_factory.mktemp("story")
    project, warehouse = copy_project(folder / "project"), Path(shutil.copy(finished_run.warehouse, folder / "warehouse.duckdb"))
    run = FinishedRun(project, finished_run.raw, warehouse, folder / "published", "")
    versions = [_publish(run, "--as-of", LAST_SUNDAY)]
    _edit(project / BANDS, AS_SHIPPED, CLOSED + NEW)
    checked = churn_warning("weights", "check", "--project-dir", project, "--warehouse", warehouse)
    assert checked.exit_code == 0 and "Errors: 0. Warnings: 0." in checked.output
    versions.append(_publish(run, "--as-of", LAST_SUNDAY, "--full-refresh"))
    versions.append(_publish(run))
    return Story(run, *versions)


def test_a_weight_that_changes_from_next_monday_on_changes_no_past_alert(story: Story) -> None:
    for mart in OF_A_DATE:
        rows = story.rows(story.before, mart)
        assert rows and story.rows(story.after, mart) == rows, mart
        weekly = f"as_of_date <= date '{LAST_SUNDAY}' and isodow(as_of_date) = 7"
        past = story.rows(story.before, mart, weekly)
        if mart != "fct_daily_alerts":
            assert past and story.rows(story.a_week_later, mart, weekly) == past, mart


def test_the_new_weight_counts_from_its_monday_on(story: Story, finished_run: FinishedRun) -> None:
    """Against the run of the same data with the weights as shipped."""
    dropped = "indicator_code = 'fee_drop_4w' and upper_bound = 0.5"
    with duckdb.connect() as connection:
        sides = [f"'{path / 'fct_weekly_alerts.parquet'}'" for path in (finished_run.published / "current", story.a_week_later)]
        hit = f"select as_of_date, subscriber_id, model_scope from '{story.a_week_later / 'fct_alert_contributions.parquet'}' where {dropped}"
        moved = connection.execute(f"""
            select new.as_of_date::varchar, hit.subscriber_id is not null, new.core_risk_score - old.core_risk_score,
                new.scorecard_version = old.scorecard_version, count(*) > 0
            from {sides[0]} as old inner join {sides[1]} as new using (as_of_date, subscriber_id, model_scope)
            left join ({hit}) as hit using (as_of_date, subscriber_id, model_scope)
            where as_of_date >= date '{LAST_SUNDAY}'
            group by all order by all
        """).fetchall()
    assert moved == [
        (LAST_SUNDAY, False, 0, True, True),
        (LAST_SUNDAY, True, 0, True, True),
        (NEXT_SUNDAY, False, 0, False, True),
        (NEXT_SUNDAY, True, 2, False, True),
    ]


def test_the_history_of_the_points_survives_a_full_refresh_and_says_who_had_which_when(story: Story) -> None:
    with duckdb.connect(str(story.run.warehouse), read_only=True) as connection:
        found = connection.execute(f"{POINTS.format('history.scorecard_bands_history')} order by known_from, points").fetchall()
        times = connection.execute(
            "select count(distinct known_from), count(*) filter (where known_until is not null) from history.scorecard_bands_history"
        )
        # The first build, and the one that first saw the change; later builds with the same seeds add nothing.
        assert times.fetchone() == (2, 1)
    assert found == [(1, "2000-01-01", None), (1, "2000-01-01", LAST_SUNDAY), (3, NEXT_MONDAY, None)]


def test_a_row_that_is_overwritten_does_change_the_past_and_both_its_versions_are_kept(
    story: Story, analyses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = story.run
    _edit(run.project / BANDS, CLOSED, OVERWRITTEN)
    checked = churn_warning("weights", "check", "--project-dir", run.project, "--warehouse", run.warehouse)
    assert "history would change" in checked.output
    monkeypatch.setenv("CHURN_WARNING_RAW_DIR", str(run.raw))
    monkeypatch.setenv("CHURN_WARNING_WAREHOUSE", str(run.warehouse))
    folders = ["--project-dir", str(run.project), "--profiles-dir", str(run.project)]
    outcome = dbtRunner().invoke(
        ["--quiet", "build", *folders, "--select", "scorecard_bands+", "--exclude-resource-types", "test", "unit_test"]
    )
    assert outcome.success, outcome.exception
    close_connections()

    past = f"as_of_date <= date '{LAST_SUNDAY}'"
    published = story.rows(story.a_week_later, "fct_weekly_alerts", past)
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        rebuilt = connection.execute(f"select * from marts.fct_weekly_alerts where {past} order by all").fetchall()
        assert len(rebuilt) == len(published) and rebuilt != published
        found = connection.execute(f"{POINTS.format('history.scorecard_bands_history')} order by known_from, points").fetchall()
        assert found == [
            (1, "2000-01-01", None),
            (1, "2000-01-01", LAST_SUNDAY),
            (3, NEXT_MONDAY, None),
            (2, "2000-01-01", LAST_SUNDAY),
        ]
        changes = connection.execute(f"""
            select what, points_before, points_now, valid_to_before::varchar, valid_to_now::varchar
            from ({analyses["who_changed_which_points"]}) order by seen_at, what desc
        """).fetchall()
        assert changes == [
            ("changed", 1, 1, None, LAST_SUNDAY),
            ("added", None, 3, None, None),
            ("changed", 1, 2, LAST_SUNDAY, LAST_SUNDAY),
        ]
        # What is rebuilt is explained by the rows of now, and the week's version says that it is not what was published.
        assert connection.execute(f"select sum(different) from ({analyses['reproduce_a_past_week']})").fetchone() == (0,)


def _publish(run: FinishedRun, *arguments: str) -> Path:
    result = run.run_again(*arguments)
    assert result.exit_code == 0, result.output
    return (run.published / "current").resolve()


def _edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(old) == 1
    path.write_text(content.replace(old, new), encoding="utf-8")
