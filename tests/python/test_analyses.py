"""The questions of analyses/ are answered by a finished warehouse."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from conftest import ANALYSED_SUNDAY, REPOSITORY, FinishedRun

ANALYSES = sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql"))
# Nothing was changed since the first build.
WITHOUT_ROWS = {"who_changed_which_points"}


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_runs_on_a_finished_warehouse(finished_run: FinishedRun, analyses: dict[str, str], name: str) -> None:
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as connection:
        rows = connection.execute(analyses[name]).fetchall()
    assert bool(rows) == (name not in WITHOUT_ROWS)


def test_the_rows_of_a_past_week_are_those_that_gave_its_points(finished_run: FinishedRun, analyses: dict[str, str]) -> None:
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as connection:
        connection.execute(f"create temp table valid as {analyses['rows_valid_at_a_past_week']}")
        assert connection.execute("select distinct as_of_date, known_from is null from valid").fetchall() == [
            (date.fromisoformat(ANALYSED_SUNDAY), False)
        ]
        unexplained = connection.execute(f"""
            select * from marts.fct_alert_contributions as points
            anti join valid
                on points.scorecard_code = valid.scorecard_code and points.indicator_code = valid.indicator_code
                and points.scope_type = valid.scope_type and points.scope_code = valid.scope_code
                and points.lower_bound is not distinct from valid.lower_bound
                and points.points = valid.points and points.family_code = valid.family_code
            where points.as_of_date = date '{ANALYSED_SUNDAY}'
        """).fetchall()
        assert unexplained == []
        versions = connection.execute(
            f"select distinct scorecard_version from marts.fct_weekly_alerts where as_of_date = '{ANALYSED_SUNDAY}'"
        )
        assert versions.fetchall() == connection.execute("select distinct scorecard_version from valid").fetchall()


def test_a_past_week_is_reproduced_and_a_row_that_was_changed_by_hand_is_found(
    run_copy: FinishedRun, analyses: dict[str, str], tmp_path: Path
) -> None:
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        reproduced, different = _reproduce(connection, analyses)
        assert different == 0
        rows = connection.execute(
            f"select count(*) from marts.fct_weekly_alerts where as_of_date = '{ANALYSED_SUNDAY}'"
        ).fetchone()
        assert (reproduced,) == rows

        first = f"select min(subscriber_id) from marts.fct_weekly_alerts where as_of_date = '{ANALYSED_SUNDAY}'"
        line = f"as_of_date = '{ANALYSED_SUNDAY}' and subscriber_id = ({first})"
        for planted in (
            f"update scoring.alerts_at_date set core_risk_score = core_risk_score + 1 where model_scope = 'local' and {line}",
            f"update scoring.alerts_at_date set alert_level = 'green' where model_scope = 'base' and {line}",
            f"delete from scoring.alerts_at_date where model_scope = 'base' and {line}",
        ):
            connection.execute(planted)
        assert _reproduce(connection, analyses) == (reproduced - 2, 2)


def _reproduce(connection: duckdb.DuckDBPyConnection, analyses: dict[str, str]) -> tuple[int, int]:
    return connection.execute(f"select sum(reproduced), sum(different) from ({analyses['reproduce_a_past_week']})").fetchone()
