"""Random raw folders full of edge cases, built with dbt, equal what a second, independent implementation of the rules makes of them.

More cases than these: ``python -m reference.dbt_case --project . --seeds 0 50`` with ``tests/python`` on the path.
"""

from __future__ import annotations

from pathlib import Path

from conftest import REPOSITORY
from reference.dbt_case import run_case


def test_the_models_give_what_the_reference_gives(tmp_path: Path) -> None:
    # This case varies the scorecards, lacks feeds, and has folders that are named like columns.
    assert run_case(REPOSITORY, tmp_path, 5, column_named_folders=True) == []
