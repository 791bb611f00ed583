"""The worked example comes out exactly: every published value of two Sundays, as an independent calculation has it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import REAL_DATA_KEY, churn_warning, copy_project

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
