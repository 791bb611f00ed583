"""`churn-warning weights fit` and `weights score`: points from what happened, for the project's scorecards and for any table."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
from conftest import FinishedRun, churn_warning, read_page, tree_state

from churn_warning import settings
from churn_warning.scorecard import FILES
from churn_warning.seed_lint import find_seeds, read_seeds
from churn_warning.weights_fit_history import _Scorecard

ROWS = 2000
MOST_MISSING = 0.2


def write_table(path: Path, rows: int = ROWS, seed: int = 7) -> Path:
    """Customers whose churn hangs on a middle value, on a missing one, on a category, and on two columns together."""
    random = np.random.default_rng(seed)
    age = random.uniform(0, 100, rows)
    one, two = random.integers(0, 10, rows), random.integers(0, 10, rows)
    plan = random.choice(["basic", "gold", "silver, old", "it's \"new\""], rows)
    fee = np.where(random.random(rows) < MOST_MISSING, np.nan, random.gamma(2, 20, rows))
    risk = -1.5 + 1.8 * (np.abs(age - 50) < 15) + 1.6 * np.isnan(fee) + 1.5 * (plan == "gold") + 2.0 * ((one >= 5) ^ (two >= 5))
    lost = random.random(rows) < 1 / (1 + np.exp(-(risk - 1)))
    with duckdb.connect() as connection:
        connection.execute(
            "create table customers (customer varchar, churned varchar, age double, one integer, two integer, plan varchar, fee double,"
            " same varchar, noise double)"
        )
        for position in range(0, rows, 500):
            part = [
                (f"C{row}", "Yes" if lost[row] else "No", age[row], int(one[row]), int(two[row]), str(plan[row]),
                 None if math.isnan(fee[row]) else fee[row], "x", random.normal())
                for row in range(position, min(position + 500, rows))
            ]  # fmt: skip
            places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(part))
            connection.execute(f"insert into customers values {places}", [value for row in part for value in row])
        connection.execute(f"copy customers to '{path}'")
    return path


def fit(data: Path, out: Path, *arguments: object) -> object:
    return churn_warning("weights", "fit", "--data", data, "--label", "churned", "--id", "customer", "--out", out, *arguments)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A table, the card that was fitted on it, and what was printed."""
    folder = tmp_path_factory.mktemp("fit")
    data, out = write_table(folder / "customers.parquet"), folder / "card"
    result = fit(data, out)
    assert result.exit_code == 0, result.output
    return data, out, result.output


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def points_of(card: Path, indicator: str, value: float | None) -> int:
    """Points of a value by hand."""
    found = 0
    for row in read_csv(card / "scorecard_bands.csv"):
        if row["indicator_code"] != indicator:
            continue
        low, high = float(row["lower_bound"] or "-inf"), float(row["upper_bound"] or "inf")
        is_hit = row["match_missing"] == "true" if value is None else row["match_missing"] == "false" and low <= value < high
        found += int(row["points"]) if is_hit else 0
    return found


def scores_by_hand(card: Path, table: list[dict[str, object]]) -> list[int]:
    """The score of every row, out of the CSV files alone."""
    derived = read_csv(card / "derived_indicators.csv")
    levels = {(row["indicator_code"], row["first_category"]): float(row["level"]) for row in derived if not row["second_input"]}
    inputs = {row["indicator_code"]: row["first_input"] for row in derived if not row["second_input"]}
    cells = [row for row in derived if row["second_input"]]
    pairs = {row["indicator_code"] for row in cells}
    members = [row["indicator_code"] for row in read_csv(card / "scorecard_indicators.csv")]
    scores = []
    for row in table:
        values: dict[str, float | None] = {}
        for code in members:
            if code in inputs:
                values[code] = levels.get((code, row[inputs[code]]))
            elif code not in pairs:
                values[code] = row[code]
        for code in pairs:
            values[code] = None
            for cell in cells:
                if cell["indicator_code"] == code and all(is_inside(cell, side, values) for side in ("first", "second")):
                    values[code] = float(cell["level"])
        scores.append(sum(points_of(card, code, values[code]) for code in members))
    return scores


def is_inside(cell: dict[str, str], side: str, values: dict[str, float | None]) -> bool:
    value = values[cell[f"{side}_input"]]
    low, high = float(cell[f"{side}_lower_bound"] or "-inf"), float(cell[f"{side}_upper_bound"] or "inf")
    return value is not None and low <= value < high


def numbers_of(output: str, *names: str) -> dict[str, list[float]]:
    """The numbers in the lines of a printed table that begin with these names."""
    lines = output.splitlines()
    return {name: [float(one) for line in lines if f"│ {name}" in line for one in re.findall(r"\d\.\d+", line)] for name in names}


def test_a_card_finds_the_middle_the_missing_the_category_and_the_pair(fitted: tuple[Path, Path, str]) -> None:
    _, card, output = fitted
    assert sorted(path.name for path in card.iterdir()) == sorted([*(f"{name}.csv" for name in FILES), "report.html"])
    assert min(points_of(card, "age", value) for value in (40, 50, 60)) > max(points_of(card, "age", value) for value in (5, 20, 80, 95)) + 20
    assert points_of(card, "fee", None) > max(points_of(card, "fee", value) for value in (5, 20, 40, 80)) + 15
    derived = read_csv(card / "derived_indicators.csv")
    level = {row["first_category"]: float(row["level"]) for row in derived if row["indicator_code"] == "plan (level)"}
    assert set(level) == {"basic", "gold", "silver, old", "it's \"new\""}
    assert all(points_of(card, "plan (level)", level["gold"]) > points_of(card, "plan (level)", level[other]) + 15 for other in level if other != "gold")
    assert any({row["first_input"], row["second_input"]} == {"one", "two"} for row in derived)
    points = [int(row["points"]) for row in read_csv(card / "scorecard_bands.csv")]
    assert min(points) == 0
    assert "same (the same everywhere)" in output
    assert not any(row["indicator_code"] in ("customer", "same", "churned") for row in read_csv(card / "indicators.csv"))
    page = read_page(card / "report.html")
    assert "plan (level)" in page.text and "2,000" in page.text


def test_the_cross_validated_card_comes_close_to_gradient_boosting(fitted: tuple[Path, Path, str]) -> None:
    numbers = numbers_of(fitted[2], "integer card", "gradient boosting")
    assert numbers["integer card"][0] > 0.75
    assert numbers["integer card"][0] > numbers["gradient boosting"][0] - 0.012
    assert numbers["integer card"][1] > 1.5


def test_two_fits_are_the_same(fitted: tuple[Path, Path, str], tmp_path: Path) -> None:
    result = fit(fitted[0], tmp_path / "card")
    assert tree_state(tmp_path / "card") == tree_state(fitted[1])
    without_times = [re.sub(r"\(\d+\.\d s\)", "", text).replace(str(place), "") for text, place in ((result.output, tmp_path / "card"), (fitted[2], fitted[1]))]
    assert without_times[0] == without_times[1]


def test_a_score_is_the_sum_of_the_points_in_the_files(fitted: tuple[Path, Path, str], tmp_path: Path) -> None:
    data, card, _ = fitted
    result = churn_warning("weights", "score", "--data", data, "--seeds", card, "--out", tmp_path / "scores.csv")
    assert result.exit_code == 0, result.output
    with duckdb.connect() as connection:
        cursor = connection.execute(f"select * from '{data}' limit 300")
        table = [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor.fetchall()]
    scored = read_csv(tmp_path / "scores.csv")
    assert len(scored) == ROWS
    assert [row["customer"] for row in scored[:300]] == [row["customer"] for row in table]
    assert [int(row["score"]) for row in scored[:300]] == scores_by_hand(card, table)
    assert all(re.fullmatch(r"(.+ = .+: \+\d+(; )?){1,3}", row["reasons"]) for row in scored)


def test_a_spreadsheet_calculates_no_cell_of_the_scores(fitted: tuple[Path, Path, str], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text("customer,age,one,two,plan,fee,noise\n=1+1,50,1,9,gold,1,0\n@SUM(A1),50,1,9,gold,1,0\nplain,50,1,9,gold,1,0\n")
    result = churn_warning("weights", "score", "--data", data, "--seeds", fitted[1], "--out", tmp_path / "scores.csv")
    assert result.exit_code == 0, result.output
    assert [row["customer"] for row in read_csv(tmp_path / "scores.csv")] == ["'=1+1", "'@SUM(A1)", "plain"]


def test_what_a_card_does_not_know_earns_the_points_of_an_unknown_value_and_is_told(fitted: tuple[Path, Path, str], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text("customer,age,one,two,plan,fee,noise\nA,50,1,9,gold,NA,0\nB,50,1,9,platinum,,0\nC,,,,,,\nD,inf,many,9,gold,1e300,x\n")
    result = churn_warning("weights", "score", "--data", data, "--seeds", fitted[1], "--out", tmp_path / "scores.parquet")
    assert result.exit_code == 0, result.output
    assert "plan: 1 values are of categories" in result.output and "platinum" in result.output
    assert "one: 1 values are not numbers" in result.output
    table = [
        {"age": 50, "one": 1, "two": 9, "plan": "gold", "fee": None, "noise": 0},
        {"age": 50, "one": 1, "two": 9, "plan": "platinum", "fee": None, "noise": 0},
        {"age": None, "one": None, "two": None, "plan": None, "fee": None, "noise": None},
        {"age": None, "one": None, "two": 9, "plan": "gold", "fee": 1e300, "noise": None},
    ]
    with duckdb.connect() as connection:
        found = connection.execute(f"select customer, score from '{tmp_path / 'scores.parquet'}'").fetchall()
    assert found == list(zip("ABCD", scores_by_hand(fitted[1], table), strict=True))


@pytest.mark.parametrize(
    ("lines", "arguments", "exit_code", "said"),
    [
        (["churned,a", *(f"{row % 2},{row % 7}" for row in range(400))], ["--label", "left"], 2, "no such column"),
        (["churned,a", *(f"{row % 3},{row % 7}" for row in range(400))], [], 1, "more than two values: 0 (134), 1 (133), 2 (133)"),
        (["churned,a", *(f"{('A', 'B')[row % 2]},{row % 7}" for row in range(400))], [], 1, "which of its values means lost is not clear"),
        (["churned,a", *(f"1,{row % 7}" for row in range(400))], [], 1, "one value"),
        (["churned,a", *(f"{('', 0, 1)[row % 3]},{row % 7}" for row in range(400))], [], 1, "134 of 400 rows have no label"),
        (["churned,a,b", *(f"{row % 2},{row % 7},{('no', 'yes')[row % 2]}" for row in range(400))], [], 1, "exactly what the label says: b"),
        (["churned,a,b", *(f"{row % 2},{row % 7},{row / 1000 + row % 2}" for row in range(400))], [], 1, "exactly what the label says: b"),
        (["churned,a", *(f"{row % 2},{row % 7}" for row in range(100))], [], 1, "Too few rows: 100"),
        (["churned,a", *(f"{row % 2},5" for row in range(400))], [], 1, "No column is left"),
        (["churned,a"], [], 2, "holds no row"),
        (["churned,a", *(f"{row % 2},{row % 7}" for row in range(400))], ["--weeks", 3], 2, "--weeks does not go with --data"),
        (["churned,a", *(f"{row % 2},{row % 7}" for row in range(400))], ["--scorecard", "core_risk"], 2, "either --scorecard or --data"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_learned_from_is_named_and_nothing_is_written(
    lines: list[str], arguments: list[object], exit_code: int, said: str, tmp_path: Path
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("\n".join(lines) + "\n")
    result = churn_warning("weights", "fit", "--data", data, "--label", "churned", "--out", tmp_path / "card", *arguments)
    assert result.exit_code == exit_code, result.output
    assert said in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_a_file_or_folder_that_cannot_be_used_is_named(fitted: tuple[Path, Path, str], tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.parquet", tmp_path / "table.xlsx"
    broken.write_text("this is no parquet")
    other.write_text("nor this")
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("keep")
    for data, out, said in (
        (broken, tmp_path / "card", "cannot be read"),
        (other, tmp_path / "card", "does not say what it is"),
        (tmp_path / "none.csv", tmp_path / "card", "no such file"),
        (fitted[0], full, "not empty"),
        (fitted[0], tmp_path / "no" / "card", "folder above it does not exist"),
    ):
        result = fit(data, out)
        assert result.exit_code == 2 and said in " ".join(result.output.split()), result.output
    for data, card, said in ((fitted[0], full, "lacks the file"), (fitted[0], tmp_path / "none", "no such folder")):
        result = churn_warning("weights", "score", "--data", data, "--seeds", card)
        assert result.exit_code == 2 and said in " ".join(result.output.split()), result.output
    assert (full / "mine.txt").read_text() == "keep" and not (tmp_path / "card").exists()


# ---------------------------------------------------------------- the project's own scorecards


# Per 1000: the longer idle and the more in arrears, or the newer, the likelier lost.
SIGNS = "60 + 120 * idle_days_7d + 500 * (arrears_amount > 50)::integer"
TENURE = "60 + 300 * (tenure_days < 1500)::integer"


def plant_outcomes(run: FinishedRun, chance: str = SIGNS) -> None:
    """Outcomes of all weeks by a chance and a hash, which is always the same."""
    with duckdb.connect(str(run.warehouse)) as connection:
        connection.execute(f"""
            create or replace table intermediate.int_outcomes_by_loss_kind as
            select
                as_of_date, subscriber_id, 'quantity' as loss_kind, as_of_date + 56 as outcome_until,
                hash(subscriber_id || as_of_date::varchar) % 1000 < {chance} as is_lost
            from marts.fct_indicators
            where as_of_date in (select as_of_date from marts.fct_weekly_alerts)
        """)


@pytest.fixture
def with_outcomes(run_copy: FinishedRun) -> FinishedRun:
    plant_outcomes(run_copy)
    return run_copy


def fit_history(run: FinishedRun, scorecard: str, out: Path, *arguments: object) -> object:
    return churn_warning("weights", "fit", "--scorecard", scorecard, "--out", out, "--project-dir", run.project, "--warehouse", run.warehouse, *arguments)


def test_too_little_history_is_said_with_numbers(finished_run: FinishedRun, tmp_path: Path) -> None:
    result = fit_history(finished_run, "core_risk", tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert "Too little history: 0 Sundays" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scorecard", ["core_risk", "core_stability", "churn_traceback"])
def test_a_suggestion_can_be_checked_and_compared_and_changes_nothing(scorecard: str, with_outcomes: FinishedRun, tmp_path: Path) -> None:
    run, out = with_outcomes, tmp_path / "out"
    if scorecard == "core_stability":
        plant_outcomes(run, TENURE)
    before = tree_state(run.project / "seeds")
    result = fit_history(run, scorecard, out)
    assert result.exit_code == 0, result.output
    assert tree_state(run.project / "seeds") == before
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "scorecard_bands.csv"]
    read_page(out / "report.html")
    assert "by line, not by time" in " ".join(result.output.split()), "7 Sundays leave no room for a gap of 56 days"

    checked = churn_warning("weights", "check", "--seeds", out, "--project-dir", run.project, "--warehouse", run.warehouse)
    assert checked.exit_code == 0 and "Errors: 0. Warnings: 0." in checked.output, checked.output
    monday = "2026-06-29"
    old, new = read_csv(run.project / "seeds" / "scorecards" / "scorecard_bands.csv"), read_csv(out / "scorecard_bands.csv")
    suggested = [row for row in new if row["valid_from"] == monday]
    assert suggested and {row["scorecard_code"] for row in suggested} == {scorecard}
    kept = [{**row, "valid_to": ""} for row in new if row["valid_from"] != monday]
    assert kept == old
    directions = {row["indicator_code"]: row["expected_direction"] for row in read_csv(run.project / "seeds" / "scorecards" / "indicators.csv")}
    units = {row["indicator_code"]: row["unit"] for row in read_csv(run.project / "seeds" / "scorecards" / "indicators.csv")}
    for code in {row["indicator_code"] for row in suggested if row["match_missing"] == "false"}:
        rows = [row for row in suggested if row["indicator_code"] == code and row["match_missing"] == "false"]
        rows.sort(key=lambda row: float(row["lower_bound"] or "-inf"))
        points = [int(row["points"]) for row in rows]
        # A value in no band earns 0.
        points = ([0] if rows[0]["lower_bound"] else []) + points + ([0] if rows[-1]["upper_bound"] else [])
        rises = (directions[code] == "up") == (scorecard != "core_stability")
        assert not directions[code] or points == sorted(points, reverse=not rises), code
        assert min(points) == 0
        if units[code] not in ("share", "yuan"):
            assert all(float(row[bound] or 0).is_integer() for row in rows for bound in ("lower_bound", "upper_bound"))
    again = fit_history(run, scorecard, out)
    assert again.exit_code == 2 and "not empty" in again.output
    # One is enough: the diff compiles the whole scoring each time.
    if scorecard == "core_risk":
        compared = churn_warning("weights", "diff", "--candidate", out, "--project-dir", run.project, "--warehouse", run.warehouse)
        assert compared.exit_code == 0 and "scorecard_bands (" in compared.output, compared.output


def test_what_was_planted_earns_the_points(with_outcomes: FinishedRun, tmp_path: Path) -> None:
    result = fit_history(with_outcomes, "core_risk", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert max(points_of_suggestion(tmp_path / "out", "idle_days_7d")) >= 2
    numbers = numbers_of(result.output, "current card", "suggested card")
    assert numbers["suggested card"][0] > 0.55
    is_better = numbers["suggested card"][0] > numbers["current card"][0]
    assert is_better != ("was not better than the current one" in result.output)


def points_of_suggestion(folder: Path, indicator: str) -> list[int]:
    return [int(row["points"]) for row in read_csv(folder / "scorecard_bands.csv") if row["indicator_code"] == indicator and not row["valid_to"]]


def test_with_enough_weeks_the_newest_are_held_out(with_outcomes: FinishedRun, tmp_path: Path) -> None:
    with duckdb.connect(str(with_outcomes.warehouse)) as connection:
        connection.execute("update seeds.parameters set value = '14' where parameter_code = 'outcome_horizon_days'")
    result = fit_history(with_outcomes, "core_risk", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "by time: fitted on Sundays up to 2026-06-07, judged on those from 2026-06-21 on" in " ".join(result.output.split())
    for arguments, said in ((["--weeks", 0], "must be 1 or more"), (["--loss", "money"], "no such value"), (["--label", "x"], "does not go with")):
        wrong = fit_history(with_outcomes, "core_risk", tmp_path / "other", *arguments)
        assert wrong.exit_code == 2 and said in wrong.output
    assert fit_history(with_outcomes, "core_luck", tmp_path / "other").exit_code == 2


def test_the_current_card_of_the_report_is_the_one_that_is_published(finished_run: FinishedRun) -> None:
    tables, _ = read_seeds(find_seeds(settings.resolve(str(finished_run.project)).project_dir / "seeds"))
    for code in ("core_risk", "core_stability", "churn_traceback"):
        card = _Scorecard(tables, code)
        columns = ", ".join(f"{indicator}::double" for indicator in card.families)
        rows = finished_run.query(f"""
            select {code}_score::double, {columns}
            from fct_weekly_alerts inner join fct_indicators using (as_of_date, subscriber_id) where model_scope = 'base'
        """)
        found = np.array([[math.nan if value is None else value for value in row] for row in rows])
        newest = finished_run.query("select max(as_of_date) from fct_weekly_alerts")[0][0]
        scores = card.score(card.bands_on(newest), dict(zip(card.families, found[:, 1:].T, strict=True)))
        assert len(rows) > 500 and np.array_equal(scores, found[:, 0])
