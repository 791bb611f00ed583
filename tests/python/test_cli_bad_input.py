"""Bad input of every kind: exit code 1 or 2, one clear message, and what was published before is untouched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun, blank_fields, churn_warning, copy_project, read_page, tree_state


def rewrite(path: Path, select: str) -> None:
    """Replaces a Parquet file by a query on it; `{file}` stands for it."""
    old = path.with_suffix(".old")
    path.rename(old)
    query = select.format(file=f"read_parquet('{old}')")
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    old.unlink()


def drop_table(raw: Path) -> None:
    (raw / "bills.parquet").unlink()


def drop_required_folder(raw: Path) -> None:
    shutil.rmtree(raw / "voice_cdrs")


def drop_column(raw: Path) -> None:
    rewrite(raw / "bills.parquet", "select * exclude (issued_on) from {file}")


def mistype_column(raw: Path) -> None:
    rewrite(raw / "bills.parquet", "select * replace (true as total_fee) from {file}")


def text_that_cannot_be_cast(raw: Path) -> None:
    rewrite(raw / "contracts.parquet", "select * replace ('soon' as ends_on) from {file}")


def unreadable_file(raw: Path) -> None:
    (raw / "plans.parquet").write_bytes(b"this is no Parquet file at all")


def empty_feed(raw: Path) -> None:
    rewrite(raw / "complaints.parquet", "select * from {file} limit 0")


def two_forms_of_one_table(raw: Path) -> None:
    (raw / "plans.csv").write_text("plan_code,plan_name,monthly_fee\np,P,1\n")


BREAKERS = [
    (drop_table, "bills"),
    (drop_required_folder, "voice_cdrs"),
    (drop_column, "issued_on"),
    (mistype_column, "total_fee"),
    (text_that_cannot_be_cast, "ends_on"),
    (unreadable_file, "plans"),
    (empty_feed, "complaints"),
    (two_forms_of_one_table, "plans"),
]


@pytest.mark.parametrize(("break_it", "named"), BREAKERS, ids=[breaker.__name__ for breaker, _ in BREAKERS])
def test_a_broken_delivery_is_refused(
    break_it: Callable[[Path], None], named: str, run_copy: FinishedRun, raw_copy: Path
) -> None:
    break_it(raw_copy)
    before = tree_state(run_copy.published)
    result = run_copy.run_again("--raw-dir", raw_copy)
    assert result.exit_code == 1, result.output
    assert result.output.count("Error:") == 1
    assert named in result.output
    assert "next:" in result.output
    assert "Building" not in result.output
    assert tree_state(run_copy.published) == before


def test_all_problems_of_a_delivery_are_listed_at_once(run_copy: FinishedRun, raw_copy: Path) -> None:
    drop_table(raw_copy)
    empty_feed(raw_copy)
    # A name that would be code if the page did not write it as text.
    raw = raw_copy.rename(raw_copy.with_name("<script>alert(1)&amp;"))
    result = run_copy.run_again("--raw-dir", raw)
    assert result.exit_code == 1
    page = read_page(run_copy.project / "logs" / "quality.html")
    for text in ("bills", "complaints"):
        assert text in result.output
        assert f"{text}: the" in page.text
    for text in ("Failed: nothing was published", "运行失败", "raw_contract", "Correct the delivery", str(raw)):
        assert text in page.text
    with duckdb.connect(str(run_copy.warehouse), read_only=True) as connection:
        assert blank_fields(connection, "marts.dq_results") == []
        counts = connection.execute("select status, count(*), min(check_code) from marts.dq_results group by status order by status")
        failed, passed, skipped = counts.fetchall()
    assert failed == ("failed", 1, "raw_contract")
    assert passed == ("passed", 1, "seed_lint")
    assert skipped[1] > 400


@pytest.mark.parametrize("as_of", ["1999-01-03", "2035-01-07"])
def test_a_date_without_data_is_refused(as_of: str, run_copy: FinishedRun) -> None:
    before = tree_state(run_copy.published)
    result = run_copy.run_again("--as-of", as_of)
    assert result.exit_code == 1, result.output
    assert as_of in result.output
    assert tree_state(run_copy.published) == before


def test_a_seed_with_an_error_is_refused_with_file_and_line(run_copy: FinishedRun, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    bands = project / "seeds/scorecards/scorecard_bands.csv"
    lines = bands.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("core_risk", "no_such_scorecard", 1).replace("core_stability", "no_such_scorecard", 1)
    bands.write_text("\n".join(lines) + "\n", encoding="utf-8")
    before = tree_state(run_copy.published)
    result = run_copy.run_again("--project-dir", project)
    assert result.exit_code == 1, result.output
    assert "scorecard_bands.csv" in result.output
    assert "2" in result.output
    assert "no_such_scorecard" in result.output
    # What would be scored anew is said as well; that alone does not stop a run.
    assert "history would change" in result.output
    assert tree_state(run_copy.published) == before


def test_a_late_feed_stops_the_run_unless_it_is_allowed(run_copy: FinishedRun, raw_copy: Path) -> None:
    for day in ("2026-06-27", "2026-06-28"):
        shutil.rmtree(raw_copy / "sms_cdrs" / f"day={day}")
    before = tree_state(run_copy.published)
    refused = run_copy.run_again("--raw-dir", raw_copy)
    assert refused.exit_code == 1, refused.output
    assert "sms_cdrs" in refused.output
    assert "2026-06-27" in refused.output
    assert tree_state(run_copy.published) == before

    allowed = run_copy.run_again("--raw-dir", raw_copy, "--allow-late-feeds")
    assert allowed.exit_code == 0, allowed.output
    page = read_page(run_copy.published / "current" / "quality.html")
    for text in ("Published with", "已发布，但有", "sms_cdrs 2026-06-27 0", "Deliver the named days again", "allow_late_feeds True"):
        assert text in page.text
    newest = "select bool_or(is_provisional) from fct_weekly_alerts where as_of_date = date '2026-06-28'"
    assert run_copy.query(newest) == [(True,)]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--as-of", "next Sunday"], "next Sunday"),
        (["--as-of", "2026-02-30"], "2026-02-30"),
        (["--weeks", "0"], "--weeks"),
        (["--weeks", "many"], "--weeks"),
        (["--raw-dir", "/no/such/folder"], "/no/such/folder"),
        (["--project-dir", "/"], "dbt_project.yml"),
        (["--target", "no_such_target"], "no_such_target"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_use_ends_with_exit_code_2(arguments: list[str], named: str, run_copy: FinishedRun) -> None:
    before = tree_state(run_copy.published)
    result = run_copy.run_again(*arguments)
    assert result.exit_code == 2, result.output
    assert named in result.output
    assert tree_state(run_copy.published) == before


def test_demo_data_never_overwrites_other_data(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = churn_warning("generate-demo", "--out", tmp_path, "--subscribers", 10, "--weeks", 5)
    assert result.exit_code == 2
    assert "next:" in result.output or "Name another folder" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_installed_command_ends_with_the_exit_code_and_no_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "churn_warning", "run", "--project-dir", str(tmp_path)], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr + result.stdout
