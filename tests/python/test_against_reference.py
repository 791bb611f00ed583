"""Random raw folders full of edge cases, built with dbt, equal what a second, independent implementation of the rules makes of them.

More cases than these: ``python -m reference.dbt_case --project . --seeds 0 50`` with ``tests/python`` on the path.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPOSITORY
from reference.dbt_case import run_case


@pytest.mark.parametrize(
    ("case", "column_named_folders"),
    [
        pytest.param(5, False, id="varied_scorecards_and_absent_feeds"),
        pytest.param(47, True, id="folders_named_like_columns"),
    ],
)
def test_the_models_give_what_the_reference_gives(case: int, column_named_folders: bool, tmp_path: Path) -> None:
    assert run_case(REPOSITORY, tmp_path, case, column_named_folders=column_named_folders) == []
