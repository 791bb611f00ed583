"""Where a run's time went: run.json, and churn-warning doctor --profile."""

from __future__ import annotations

import json
import time
from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun, churn_warning

from churn_warning.profile import Spilling


@pytest.fixture
def logs(finished_run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of logs with the report of the finished run only."""
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path))
    (tmp_path / "run.json").write_text((finished_run.published / "current/run.json").read_text())
    return tmp_path


def test_every_table_that_was_built_has_its_seconds_rows_and_bytes(finished_run: FinishedRun) -> None:
    profile = json.loads((finished_run.published / "current/run.json").read_text())["profile"]
    found = {model["name"]: model for model in profile["models"]}
    assert len(found) == len(profile["models"])
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'raw' and table_name <> 'dq_results'"
        ).fetchall()
        for schema, name in tables:
            assert found[name]["rows"] == connection.execute(f'select count(*) from {schema}."{name}"').fetchone()[0], name
            assert found[name]["bytes"] > 0 or not found[name]["rows"], name
    views = {name for name, model in found.items() if model["materialized"] == "view"}
    assert {name for _, name in tables} | views == set(found)
    assert all(model["seconds"] > 0 and model["spilled_bytes"] == 0 for model in profile["models"])
    assert [model["seconds"] for model in profile["models"]] == sorted((model["seconds"] for model in profile["models"]), reverse=True)
    assert profile["tests"]["count"] > 100 and profile["tests"]["seconds"] > 0
    assert profile["expectations"]["count"] > 100 and profile["expectations"]["seconds"] > 0


def test_the_doctor_names_the_slowest_tables(finished_run: FinishedRun, logs: Path) -> None:
    models = json.loads((logs / "run.json").read_text())["profile"]["models"]
    result = churn_warning("doctor", "--profile", "--project-dir", finished_run.project)
    assert result.exit_code == 0, result.output
    assert [line.split()[1] for line in result.output.splitlines() if line.startswith("│")] == [model["name"] for model in models[:10]]
    assert "Nothing was seen to spill to disk (memory limit 4GB)" in result.output


def test_the_doctor_says_what_spilled_and_what_to_do(finished_run: FinishedRun, logs: Path) -> None:
    run = json.loads((logs / "run.json").read_text())
    run["profile"]["models"][20]["spilled_bytes"] = 3 * 1024**3
    (logs / "run.json").write_text(json.dumps(run))
    result = churn_warning("doctor", "--profile", "--project-dir", finished_run.project)
    assert result.exit_code == 0, result.output
    assert f"Spilled to disk: {run['profile']['models'][20]['name']}" in result.output
    assert "CHURN_WARNING_MEMORY_LIMIT" in result.output


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_the_doctor_says_that_there_is_no_profile(finished_run: FinishedRun, logs: Path, content: str | None) -> None:
    (logs / "run.json").unlink() if content is None else (logs / "run.json").write_text(content)
    result = churn_warning("doctor", "--profile", "--project-dir", finished_run.project)
    assert result.exit_code == 2
    assert "There is no profile of a run." in result.output and "churn-warning run" in result.output


def test_spilling_is_seen_while_a_table_is_built(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse.duckdb.tmp"
    spilling = Spilling(folder)
    with spilling.watched():
        spilling.started("before")
        time.sleep(0.25)
        spilling.finished("before")
        spilling.started("spills")
        # DuckDB writes such files when the memory is used up.
        with duckdb.connect(config={"memory_limit": "40MB", "temp_directory": str(folder), "threads": "1"}) as connection:
            connection.execute("create table long as select i, md5(i::varchar) as text from range(1500000) as numbers (i)")
            time.sleep(0.25)
        spilling.finished("spills")
    assert spilling.most("before") == 0
    assert spilling.most("spills") > 1024**2
