"""`churn-warning weights diff`: who would move with a candidate's seeds, with nothing changed."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import timedelta
from pathlib import Path
from string import Formatter

import duckdb
import pytest
from click.testing import Result
from conftest import FinishedRun, churn_warning, read_page, tree_state

from churn_warning import settings
from churn_warning.rescore import compile_scoring, limit_inputs, score, stand_in
from churn_warning.weights_diff_messages import TEXTS

ALL_WEEKS = 7
BANDS = "scorecards/scorecard_bands.csv"
IDLE = "core_risk,base,*,idle_days_7d,3,5,false,1,2000-01-01,"
# The level of a changed risk score by hand, from the rules as shipped: the highest of the three signals.
LEVELS = ("none", "blue", "yellow", "red")
WITH_MORE_RISK = """
    select
        alerts.as_of_date::varchar as as_of_date,
        alerts.subscriber_id,
        alerts.alert_level,
        greatest(
            case
                when core_risk_score + 7 >= 8 then case when core_stability_score < 3 then 3 else 2 end
                else 99
            end,
            case early_warning_level when 'red' then 3 when 'yellow' then 2 when 'blue' then 1 else 0 end,
            case when churn_traceback_score >= 10 then 2 else 0 end
        ) as severity
    from fct_weekly_alerts as alerts
    inner join fct_indicators as indicators using (as_of_date, subscriber_id)
    where model_scope = '{scope}' and idle_days_7d >= 3 and idle_days_7d < 5 {further}
"""


def candidate(run: FinishedRun, folder: Path, seed: str, old: str, new: str) -> Path:
    """A flat folder with one seed of the project in which one text is another one."""
    folder.mkdir(exist_ok=True)
    content = (run.project / "seeds" / seed).read_text(encoding="utf-8")
    assert content.count(old) == 1
    (folder / Path(seed).name).write_text(content.replace(old, new), encoding="utf-8")
    return folder


def more_idle_points(run: FinishedRun, folder: Path) -> Path:
    return candidate(run, folder, BANDS, IDLE, IDLE.replace("false,1,", "false,8,"))


def diff(run: FinishedRun, chosen: Path, *arguments: object) -> Result:
    options = ["--candidate", chosen, "--project-dir", run.project, "--warehouse", run.warehouse, "--weeks", ALL_WEEKS]
    return churn_warning("weights", "diff", *options, *arguments)


def movers(run: FinishedRun, chosen: Path, folder: Path, *arguments: object) -> list[dict[str, str]]:
    path = folder / "movers.csv"
    result = diff(run, chosen, "--csv", path, *arguments)
    assert result.exit_code == 0, result.output
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moves(rows: list[dict[str, str]], scope: str = "local") -> set[tuple[str, ...]]:
    chosen = [row for row in rows if row["model_scope"] == scope]
    return {(row["as_of_date"], row["subscriber_id"], row["level_before"], row["level_after"]) for row in chosen}


def expected_moves(run: FinishedRun, scope: str = "local", further: str = "") -> set[tuple[str, ...]]:
    found = run.query(WITH_MORE_RISK.format(scope=scope, further=further))
    return {(day, line, before, LEVELS[severity]) for day, line, before, severity in found if LEVELS[severity] != before}


def test_the_stored_indicators_scored_again_give_the_published_alerts(finished_run: FinishedRun, tmp_path: Path) -> None:
    resolved = settings.resolve(str(finished_run.project), warehouse=str(finished_run.warehouse))
    scoring = compile_scoring(resolved, tmp_path)
    with stand_in(scoring, resolved, tmp_path) as connection:
        connection.execute("create schema as_built")
        for seed in scoring.seeds:
            connection.execute(f"create table as_built.{seed.name} as select * from stored_warehouse.seeds.{seed.name}")
        for (week,) in finished_run.query("select distinct as_of_date from fct_weekly_alerts"):
            limit_inputs(connection, scoring, week)
            score(connection, scoring, "as_built", {"alert_levels_at_date": "memory.levels", "scores": "memory.scores"})
        again = connection.execute("""
            select
                as_of_date, subscriber_id, model_scope, core_risk_score, core_stability_score, churn_traceback_score,
                stability_alert_level, is_potential_churner, alert_level, coalesce(alert_signals, '')
            from levels inner join scores using (as_of_date, subscriber_id, model_scope)
        """).fetchall()
    published = finished_run.query("""
        select
            as_of_date, subscriber_id, model_scope, core_risk_score, core_stability_score, churn_traceback_score,
            stability_alert_level, is_potential_churner, alert_level, alert_signals
        from fct_weekly_alerts
    """)
    assert len(published) > 1000
    assert sorted(again) == sorted(published)


def test_one_edited_weight_moves_exactly_those_whom_it_should(finished_run: FinishedRun, tmp_path: Path) -> None:
    chosen = more_idle_points(finished_run, tmp_path / "candidate")
    before = [tree_state(folder) for folder in (finished_run.project, finished_run.warehouse.parent)]

    rows = movers(finished_run, chosen, tmp_path)

    assert [tree_state(folder) for folder in (finished_run.project, finished_run.warehouse.parent)] == before
    for scope in ("base", "local"):
        expected = expected_moves(finished_run, scope)
        assert len(expected) > 3
        assert moves(rows, scope) == expected
    for row in rows:
        points = (row["scorecard_code"], row["indicator_code"], row["points_before"], row["points_after"])
        assert points == ("core_risk", "idle_days_7d", "1", "8")
        assert 3 <= float(row["indicator_value"]) < 5
        assert int(row["core_risk_after"]) == int(row["core_risk_before"]) + 7


def test_a_branchs_own_weights_from_next_monday_on_move_nobody_elsewhere(finished_run: FinishedRun, tmp_path: Path) -> None:
    branches = {row["branch_code"] for row in movers(finished_run, more_idle_points(finished_run, tmp_path / "all"), tmp_path)}
    assert len(branches) > 1
    one, other = sorted(branches)[:2]
    newest = finished_run.query("select max(as_of_date) from fct_weekly_alerts")[0][0]
    monday = newest + timedelta(days=8)
    chosen = candidate(finished_run, tmp_path / "own", BANDS, IDLE, IDLE)
    with (chosen / "scorecard_bands.csv").open("a", encoding="utf-8") as file:
        for bounds, points in (("3,5", 8), ("5,", 2)):
            file.write(f"core_risk,branch,{one},idle_days_7d,{bounds},false,{points},{monday},,default,Tried by this branch\n")
    expected = expected_moves(finished_run, further=f"and alerts.branch_code = '{one}'")
    assert expected

    rows = movers(finished_run, chosen, tmp_path)

    assert moves(rows) == expected
    assert moves(rows, "base") == set()
    assert moves(movers(finished_run, chosen, tmp_path, "--branch", one)) == expected
    elsewhere = diff(finished_run, chosen, "--branch", other)
    assert "Nobody moves." in elsewhere.output
    assert f"valid on {monday}" in elsewhere.output


def test_another_policy_is_named_as_what_moved_them(finished_run: FinishedRun, run_copy: FinishedRun, tmp_path: Path) -> None:
    chosen = candidate(
        finished_run, tmp_path / "candidate", "alerts/alert_policy.csv", "stability,blue,blue", "stability,blue,yellow"
    )
    found = finished_run.query(
        "select as_of_date::varchar, subscriber_id from fct_weekly_alerts"
        " where model_scope = 'local' and alert_level = 'blue' and stability_alert_level = 'blue'"
    )
    expected = {(*row, "blue", "yellow") for row in found}
    assert expected

    rows = movers(finished_run, chosen / "alert_policy.csv", tmp_path)

    assert moves(rows) == expected
    assert {row["moved_by_seed"] for row in rows} == {"alert_policy"}
    # Scores that are not those of the stored seeds, as a run that was broken off leaves them, are not relied on.
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        connection.execute("update scoring.alert_levels_at_date set alert_level = 'none', severity = 0, alert_signals = null")
    assert movers(run_copy, chosen, tmp_path) == rows


def test_weeks_whose_outcome_is_known_are_judged_before_and_after(run_copy: FinishedRun, tmp_path: Path) -> None:
    chosen = more_idle_points(run_copy, tmp_path / "candidate")
    assert "no week is old enough yet" in diff(run_copy, chosen).output
    week = run_copy.query("select min(as_of_date) from fct_weekly_alerts")[0][0]
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        connection.execute(
            """
            create or replace table intermediate.int_outcomes_at_date as
            select as_of_date, subscriber_id, alert_level = 'red' as has_quantity_loss, alert_level = 'blue' as has_value_loss
            from marts.fct_weekly_alerts where model_scope = 'local' and as_of_date = ?
            """,
            [week],
        )
    levels = dict(
        run_copy.query(
            f"select alert_level, count(*) from fct_weekly_alerts where model_scope = 'local' and as_of_date = '{week}' group by all"
        )
    )
    newly_red = [move for move in expected_moves(run_copy) if move[0] == str(week) and move[3] == "red"]
    lines, red_before, red_after = sum(levels.values()), levels["red"], levels["red"] + len(newly_red)

    judged = [[cell.strip() for cell in line.strip("│").split("│")] for line in diff(run_copy, chosen).output.splitlines()]

    assert [
        "quantity", "red", str(red_before), str(red_after), "100.0%", f"{red_before / red_after:.1%}", "100.0%", "100.0%",
        f"{lines / red_before:.2f}", f"{lines / red_after:.2f}",
    ] in judged  # fmt: skip
    assert any(row[:3] == ["value", "blue", str(levels["blue"])] and row[4] == "100.0%" for row in judged)

    with duckdb.connect(str(run_copy.warehouse)) as connection:
        connection.execute("update intermediate.int_outcomes_at_date set has_value_loss = null")
    unknown = [line.strip("│").split("│")[0].strip() for line in diff(run_copy, chosen).output.splitlines()]
    assert "quantity" in unknown
    assert not {"value", "loss"} & set(unknown), "what is not known is neither right nor wrong"


def test_worklists_count_the_newest_weeks_alerts_before_and_after(finished_run: FinishedRun, tmp_path: Path) -> None:
    chosen = candidate(finished_run, tmp_path / "candidate", "alerts/early_warning_rules.csv", "1,false,blue", "1,false,none")
    result = diff(finished_run, chosen, "--html", tmp_path / "moves.html")
    assert result.exit_code == 0, result.output
    page = read_page(tmp_path / "moves.html")
    expected = finished_run.query("""
        select
            coalesce(manager_id, 'no manager 无客户经理') || ' ' || max(branch_code)
            || ' ' || count(*) filter (where alert_level <> 'none')
            || ' ' || count(*) filter (where alert_level <> 'none' and alert_signals <> 'early_warning' or alert_level in ('red', 'yellow'))
        from fct_weekly_alerts
        where model_scope = 'local' and as_of_date = (select max(as_of_date) from fct_weekly_alerts)
        group by manager_id, case when manager_id is null then branch_code end
        having count(distinct branch_code) = 1
    """)
    assert len(expected) > 5
    for (row,) in expected:
        assert row in page.text


def test_a_spreadsheet_calculates_no_text_and_a_page_runs_none(run_copy: FinishedRun, tmp_path: Path) -> None:
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        connection.execute(
            "update intermediate.int_observations set manager_id = '=1+1', value_tier = '@mid', customer_class = '<script>'"
        )
        connection.execute("update intermediate.int_observations set arpu_3m = -1")

    rows = movers(run_copy, more_idle_points(run_copy, tmp_path / "candidate"), tmp_path, "--html", tmp_path / "moves.html")

    assert {(row["manager_id"], row["value_tier"], row["arpu_3m"]) for row in rows} == {("'=1+1", "'@mid", "-1.00")}
    assert "<script>" in read_page(tmp_path / "moves.html").text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (IDLE, IDLE.replace("false,1,", "false,many,"), 'line 8, points = "many"'),
        (IDLE, IDLE.replace("3,5", "5,3"), 'lower_bound'),
        (IDLE, IDLE.replace("base,*", "branch,nowhere"), '"nowhere"'),
    ],
)  # fmt: skip
def test_a_wrong_candidate_is_refused_with_its_file_and_line(
    finished_run: FinishedRun, tmp_path: Path, old: str, new: str, said: str
) -> None:
    chosen = candidate(finished_run, tmp_path / "candidate", BANDS, old, new)
    result = diff(finished_run, chosen)
    assert result.exit_code == 1
    assert f"{chosen / 'scorecard_bands.csv'} line 8" in result.output
    assert said in result.output


def test_wrong_use_is_answered_with_what_to_do(finished_run: FinishedRun, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    seeds = finished_run.project / "seeds"
    for chosen, arguments, said in (
        (tmp_path / "nowhere", (), "does not exist"),
        (empty, (), "holds no CSV file"),
        (seeds, ("--branch", "nowhere"), "there is no such branch"),
        (seeds, ("--weeks", 0), "must be 1 or more"),
        (seeds, ("--warehouse", tmp_path / "none.duckdb"), "no warehouse"),
        (seeds, ("--html", tmp_path / "nowhere" / "moves.html"), "folder does not exist"),
    ):
        result = diff(finished_run, chosen, *arguments)
        assert result.exit_code == 2, result.output
        assert said in result.output
        assert re.search(r"next: +\S", result.output), result.output


def test_seeds_that_act_before_the_scoring_are_named_as_not_compared(finished_run: FinishedRun, tmp_path: Path) -> None:
    shutil.copy(finished_run.project / "seeds/customers/value_tiers.csv", tmp_path)
    output = diff(finished_run, tmp_path).output
    assert "Nobody moves." in output
    assert "these seeds act before the scoring: value_tiers" in output


def test_a_run_that_holds_the_warehouse_is_named(run_copy: FinishedRun) -> None:
    from churn_warning.lock import run_lock

    with run_lock(run_copy.warehouse.with_name(run_copy.warehouse.name + ".lock")):
        result = diff(run_copy, run_copy.project / "seeds")
    assert result.exit_code == 3
    assert "A run is at work" in result.output


def test_every_text_is_there_in_both_languages_with_the_same_facts() -> None:
    for code, texts in TEXTS.items():
        english, chinese = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in texts)
        assert all(texts) and english == chinese, code


def test_a_comparison_speaks_chinese(finished_run: FinishedRun, tmp_path: Path) -> None:
    page = tmp_path / "moves.html"
    result = diff(finished_run, more_idle_points(finished_run, tmp_path / "candidate"), "--lang", "zh", "--html", page)
    assert result.exit_code == 0, result.output
    for text in ("预警级别（本地模型）", "级别变化", "变化最大的号码", "分（core_risk）", "无预警", "已写入"):
        assert text in result.output
    for text in ("Levels", "Who moves", "moved by", " points"):
        assert text not in result.output
    assert "分（core_risk）" in read_page(page).text
