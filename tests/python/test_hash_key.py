"""Real data is never hashed with a key that others know, and the key leaves no trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REAL_DATA_KEY, FinishedRun, churn_warning, tree_state

from churn_warning.demo_data.generator import MARKER_NAME
from churn_warning.hash_key import DEMO_KEY, key_for

VARIABLE = "CHURN_WARNING_HASH_KEY"
REFUSED = {"none": None, "blank": "", "short": "k3y-abc", "only_spaces": " " * 40, "the_public_one": DEMO_KEY}


@pytest.fixture
def real_raw(raw_copy: Path) -> Path:
    """Tables without the marker of the demo generator."""
    (raw_copy / MARKER_NAME).unlink()
    return raw_copy


@pytest.mark.parametrize("key", REFUSED.values(), ids=REFUSED)
def test_real_data_without_a_secret_key_is_refused_before_anything_is_built(
    key: str | None, real_raw: Path, finished_run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key is not None:
        monkeypatch.setenv(VARIABLE, key)
    before = tree_state(finished_run.published)
    warehouse = tmp_path / "warehouse.duckdb"
    result = finished_run.run_again("--raw-dir", real_raw, "--warehouse", warehouse)
    assert result.exit_code == 2, result.output
    assert result.output.count("Error:") == 1
    for text in (VARIABLE, f"where: {real_raw}", "next:", "at least 16 characters"):
        assert text in result.output
    assert not (key or "").strip() or key not in result.output
    assert not warehouse.exists()
    assert tree_state(finished_run.published) == before

    examined = churn_warning("doctor", "--project-dir", finished_run.project, "--raw-dir", real_raw, "--warehouse", warehouse)
    assert examined.exit_code == 1
    assert [line for line in examined.output.splitlines() if line.startswith("problem") and "hash key" in line]


def test_plain_dbt_build_refuses_real_data_without_a_key(project: Path, real_raw: Path, tmp_path: Path) -> None:
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or shutil.which("dbt")
    folders = {
        "CHURN_WARNING_RAW_DIR": f"{real_raw}/",
        "CHURN_WARNING_WAREHOUSE": str(tmp_path / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    arguments = ["build", "--select", "stg_plans"]
    result = subprocess.run([dbt, *arguments], cwd=project, env={**os.environ, **folders}, capture_output=True, text=True)
    assert result.returncode != 0
    assert f"Hash key: {real_raw} is not generated demo data" in result.stdout
    assert f"set {VARIABLE}" in result.stdout
    assert "OK created" not in result.stdout


def test_demo_data_needs_no_key_but_takes_one(demo_raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert key_for(demo_raw) == DEMO_KEY
    monkeypatch.setenv(VARIABLE, REAL_DATA_KEY)
    assert key_for(demo_raw) == REAL_DATA_KEY
