"""dbt stays the way in: plain `dbt build` makes every table and passes every test, unit tests included."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb


def test_plain_dbt_build_works_with_the_same_settings(project: Path, demo_raw: Path, tmp_path: Path) -> None:
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or shutil.which("dbt")
    settings = {
        "CHURN_WARNING_RAW_DIR": str(demo_raw),
        "CHURN_WARNING_WAREHOUSE": str(tmp_path / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    result = subprocess.run([dbt, "build"], cwd=project, env={**os.environ, **settings}, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-4000:]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) > 0 from marts.fct_weekly_alerts").fetchone() == (True,)
