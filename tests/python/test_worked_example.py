"""The worked example comes out exactly: every published value of two Sundays, as an independent calculation has it."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from conftest import REAL_DATA_KEY, churn_warning, copy_project
from reference.backtest import History
from reference.seeds import Seeds

EXAMPLE = Path(__file__).parent / "worked_example"
SUNDAYS = ["2026-03-22", "2026-04-12"]
MARTS = ["fct_weekly_alerts", "fct_alert_contributions", "fct_indicators", "fct_loss_judgements", "dq_reconciliation"]
# The example knows no value-churn signal; the mart's alert_level is what it calls the level without it.
LEVEL_OF_EXAMPLE = "alert_level_without_value_churn"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = copy_project(tmp_path_factory.mktemp("worked_example") / "project")
    for seed in (EXAMPLE / "seeds").glob("*.csv"):
        shutil.copy(seed, next((copy / "seeds").rglob(seed.name)))
    return copy


def run(project: Path, folder: Path, *arguments: str) -> Path:
    """Runs the example into a folder of its own and returns the published marts."""
    folders = ("--warehouse", folder / "warehouse.duckdb", "--publish-dir", folder / "published")
    with pytest.MonkeyPatch.context() as patch:
        # This data does not carry the demo generator's marker.
        patch.setenv("CHURN_WARNING_HASH_KEY", REAL_DATA_KEY)
        result = churn_warning("run", "--project-dir", project, "--raw-dir", EXAMPLE / "raw", *folders, *arguments)
    assert result.exit_code == 0, result.output
    return folder / "published" / "current" / "marts.duckdb"


@pytest.fixture(scope="module")
def marts(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(project, tmp_path_factory.mktemp("all_sundays"), "--as-of", SUNDAYS[1])


def comparable(value: object) -> object:
    """Numbers as numbers and empty text as nothing, whatever a CSV made of them."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value)
    try:
        return round(float(str(value)), 9)
    except ValueError:
        return str(value)


@pytest.mark.parametrize("sunday", SUNDAYS)
@pytest.mark.parametrize("mart", MARTS)
def test_the_mart_holds_what_the_rules_make_of_the_example(marts: Path, mart: str, sunday: str) -> None:
    with (EXAMPLE / "expected" / sunday / f"{mart}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [column for column in rows[0] if column != LEVEL_OF_EXAMPLE]
    expected = {tuple(comparable(row[column]) for column in columns) for row in rows}

    only_sunday = f"where as_of_date = date '{sunday}'" if "as_of_date" in columns else ""
    with duckdb.connect(str(marts), read_only=True) as connection:
        found = connection.execute(f"select {', '.join(columns)} from {mart} {only_sunday}").fetchall()
    actual = {tuple(map(comparable, row)) for row in found}

    assert len(found) == len(rows)
    assert actual == expected


def test_a_past_sunday_built_alone_has_the_same_rows(marts: Path, project: Path, tmp_path: Path) -> None:
    alone = run(project, tmp_path, "--as-of", SUNDAYS[0], "--weeks", "1")

    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as together (read_only)")
        connection.execute(f"attach '{alone}' as alone (read_only)")
        sundays = connection.execute("select distinct as_of_date::varchar from alone.fct_weekly_alerts").fetchall()
        assert sundays == [(SUNDAYS[0],)]
        # State and weeks look at the Sundays that the mart holds; here there is one.
        for mart, without in [
            ("fct_weekly_alerts", "exclude (alert_state, weeks_in_alert)"),
            ("fct_alert_contributions", ""),
            ("fct_indicators", ""),
        ]:
            rows = [
                connection.execute(
                    f"select * {without} from {side}.{mart} where as_of_date = date '{SUNDAYS[0]}' order by all"
                ).fetchall()
                for side in ("together", "alone")
            ]
            assert rows[0]
            assert rows[0] == rows[1], mart


@pytest.fixture(scope="module")
def history(marts: Path, project: Path) -> History:
    with duckdb.connect(str(marts), read_only=True) as connection:
        connection.execute(f"attach '{marts.parents[2] / 'warehouse.duckdb'}' as warehouse (read_only)")
        return History(connection, Seeds(project / "seeds"), date.fromisoformat(SUNDAYS[1]), date(2026, 3, 1))


def rows_by_key(marts: Path, keys: str, values: str, mart: str) -> dict[tuple, tuple]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        width = len(keys.split(","))
        rows = connection.execute(f"select {keys}, {values} from {mart}").fetchall()
    return {row[:width]: row[width:] for row in rows}


def shares(observations: int, losses: int, all_observations: int, all_losses: int) -> tuple[float | None, ...]:
    precision = losses / observations if observations else None
    recall = losses / all_losses if all_losses else None
    lift = precision / (all_losses / all_observations) if precision is not None and all_losses else None
    return precision, recall, lift


def test_precision_recall_and_lift_are_those_of_a_count_line_by_line(marts: Path, history: History) -> None:
    counts = history.levels()
    expected = {key: (*found, *shares(*found)) for key, found in counts.items()}
    keys = "as_of_date, model_scope, signal, signal_level, loss_kind"
    columns = "observations, losses, target_observations, target_losses, precision_share, recall_share, lift"
    found = rows_by_key(marts, keys, columns, "fct_alert_backtest where signal_level <> '*'")
    assert sum(losses for _, losses, *_ in counts.values()) > 100
    assert {key[4] for key in found} == {"quantity", "value", "any"}
    assert found == {key: pytest.approx(row, abs=1e-6) for key, row in expected.items()}


def test_auc_and_top_decile_lift_are_those_of_all_pairs_of_lines(marts: Path, history: History) -> None:
    found = rows_by_key(
        marts, "as_of_date, model_scope, signal, loss_kind", "auc, top_decile_lift", "fct_alert_backtest where signal_level = '*'"
    )
    assert len({auc for auc, _ in found.values()}) > 10
    assert len({lift for _, lift in found.values()}) > 10
    assert found == {key: pytest.approx(row, abs=1e-5) for key, row in history.scores().items()}


def test_each_band_has_the_losses_of_the_lines_that_fell_into_it(marts: Path, history: History) -> None:
    keys = "as_of_date, model_scope, scorecard_code, indicator_code, scope_code, lower_bound, upper_bound, points, loss_kind"
    found = rows_by_key(marts, keys, "observations, losses", "fct_band_backtest where band_kind <> 'no_points'")
    assert found == history.bands()


def test_drift_is_the_index_that_numpy_makes_of_the_deciles(marts: Path, history: History) -> None:
    keys = "as_of_date, model_scope, measure_code"
    found = rows_by_key(marts, keys, "psi", "fct_score_drift where psi is not null")
    codes = sorted({code for _, scope, code in rows_by_key(marts, keys, "psi", "fct_score_drift") if scope == "*"})
    expected = history.drift(codes)
    assert len(expected) > 500
    assert {key: psi for key, (psi,) in found.items()} == {key: pytest.approx(psi, abs=1e-6) for key, psi in expected.items()}


def test_the_command_adds_the_weeks_up_before_it_divides(marts: Path, project: Path, history: History) -> None:
    options = ("--project-dir", project, "--publish-dir", marts.parents[1], "--weeks", "8", "--scope", "base")
    result = churn_warning("backtest", *options)
    assert result.exit_code == 0, result.output
    counts = history.levels()
    weeks = sorted({key[0] for key in counts if key[4] == "quantity"})[-8:]
    chosen = {key: row for key, row in counts.items() if key[0] in weeks and key[1] == "base" and key[4] == "quantity"}
    for level in ("red", "blue", "none"):
        rows = [row for key, row in chosen.items() if key[2:4] == ("alert_level", level)]
        observations, losses, all_observations, all_losses = map(sum, zip(*rows, strict=True))
        precision, recall, lift = shares(observations, losses, all_observations, all_losses)
        texts = [f"{observations:,}", f"{losses:,}", f"{precision:.1%}", f"{recall:.1%}", f"{lift:.2f}"]
        assert re.search(r"alert_level\s+│ " + level + r"\s+│\s+" + r"\s+│\s+".join(map(re.escape, texts)), result.output), result.output
    assert f"8 weeks, {weeks[0]} to {weeks[-1]}, base model" in result.output
    for title in ("Scores", "Bands that do not earn their points", "Bands with the highest lift", "Moved against the reference week"):
        assert title in result.output
