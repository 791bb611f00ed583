"""What the dbt tests of the seeds refuse, for those who call dbt alone: a mistake planted in a seed's table is found by its test."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun

# Seed, statement that plants the mistake, and what the test says of it: problem and columns.
MISTAKES = [
    ("scorecard_bands", "update {seed} set points = null where indicator_code = 'arrears_amount'", "is blank", "points "),
    ("labels", "update {seed} set label_zh = '  '", "is blank", "label_zh "),
    ("alert_levels", "update {seed} set severity = 1", "is there more than once", "severity"),
    ("early_warning_rules", "insert into {seed} select * from {seed}", "is there more than once", "commitment_risk_level, has_condition"),
    ("warning_conditions", "update {seed} set operator = '<'", "is none of >, >=", "operator"),
    ("early_warning_rules", "update {seed} set commitment_risk_level = 3", "is none of 1, 2", "commitment_risk_level"),
    ("feed_expectations", "update {seed} set min_daily_row_share = 1.5", "is out of bounds", "min_daily_row_share"),
    ("value_tiers", "update {seed} set min_arpu = 'nan'", "is out of bounds", "min_arpu"),
    ("value_tiers", "update {seed} set min_arpu = 'infinity'", "is out of bounds", "min_arpu"),
    ("alert_policy", "update {seed} set alert_level = 'pink'", "is not in alert_levels", "alert_level"),
    ("scorecard_indicators", "update {seed} set family_code = 'x'", "is not in indicator_families", "scorecard_code, family_code"),
    ("scorecard_bands", "update {seed} set upper_bound = lower_bound", "is above upper_bound", "lower_bound, upper_bound"),
    ("scorecard_bands", "update {seed} set valid_to = valid_from - 1", "is above valid_to", "valid_from, valid_to"),
    ("indicators", "update {seed} set lowest_value = 2, highest_value = 1", "is above highest_value", "lowest_value, highest_value"),
    ("scorecard_bands", "insert into {seed} select * from {seed}", "overlaps with another row", None),
    ("stability_alert_rules", "update {seed} set risk_min = null, risk_max = null", "overlaps with another row", None),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{seed} {problem} {number}" for number, (seed, _, problem, _) in enumerate(MISTAKES)])
def test_a_planted_mistake_is_found(run_copy: FinishedRun, mistake: tuple[str, str, str, str | None]) -> None:
    seed, planted, problem, columns = mistake
    (compiled,) = Path(run_copy.project).glob(f"target/compiled/*/seeds/**/{seed}_rows_are_sound.sql")
    test = compiled.read_text(encoding="utf-8")
    with duckdb.connect(str(run_copy.warehouse)) as connection:
        assert connection.execute(test).fetchall() == []
        connection.execute(planted.format(seed=f"seeds.{seed}"))
        found = connection.execute(test).fetchall()
    assert any(row[0] == problem and columns in (None, row[1]) for row in found), found


def test_every_seed_has_its_test(finished_run: FinishedRun) -> None:
    seeds = {path.stem for path in (finished_run.project / "seeds").rglob("*.csv")}
    tested = {path.stem.removesuffix("_rows_are_sound") for path in finished_run.project.glob("target/compiled/*/seeds/**/*_rows_are_sound.sql")}
    assert seeds == tested
