"""docs/weights.md and docs/weights.zh-CN.md: whoever types what they say gets what they show."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, FinishedRun, churn_warning

sys.path.insert(0, str(REPOSITORY / "docs"))
import pictures

GUIDES = ("weights.md", "weights.zh-CN.md")
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def site(finished_run: FinishedRun, tmp_path: Path) -> Path:
    """A copy of the project as an analyst finds it, with what dbt has read of it."""
    return Path(shutil.copytree(finished_run.project, tmp_path / "churn-warning"))


@pytest.mark.parametrize("guide", GUIDES)
def test_the_round_of_the_guide_works_as_it_says(
    finished_run: FinishedRun, site: Path, guide: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    monkeypatch.setenv("CHURN_WARNING_WAREHOUSE", str(finished_run.warehouse))
    typed, edited = [], 0
    for block in BLOCK.findall((REPOSITORY / "docs" / guide).read_text(encoding="utf-8")):
        if block.startswith(pictures.ROW[:30]):
            _edit(site / "my-weights" / pictures.BANDS.name, block)
            edited += 1
        for command, shown in _typed(block):
            typed.append(command[0])
            if command[0] == "churn-warning":
                result = churn_warning(*command[1:])
                assert result.exit_code == 0
                assert [line.rstrip() for line in result.output.splitlines()] == shown
            else:
                subprocess.run(command, check=True)
    assert edited == 1
    assert typed.count("churn-warning") == 2 and typed.count("cp") == 3
    assert (site / pictures.BANDS).read_text(encoding="utf-8").count("fee_drop_4w,0.3,0.5") == 2


@pytest.mark.parametrize("guide", GUIDES)
def test_the_pictures_of_a_guide_are_there(guide: str) -> None:
    shown = re.findall(r"!\[[^]]+\]\((pictures/[^)]+)\)", (REPOSITORY / "docs" / guide).read_text(encoding="utf-8"))
    assert len(shown) == len(set(shown)) >= 3
    assert all((REPOSITORY / "docs" / path).is_file() for path in shown)


def test_the_pictures_show_what_the_commands_print(finished_run: FinishedRun, site: Path, tmp_path: Path) -> None:
    pictures.write_candidates(site)
    (tmp_path / "pictures").mkdir()
    for drawn in pictures.draw(site, finished_run.warehouse, tmp_path / "pictures"):
        kept = pictures.PICTURES / drawn.name
        assert drawn.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), f"draw {drawn.name} anew: make pictures"
        # An image that would fetch something is not shown, or tells somebody who looks at it.
        assert not re.search(r"url\(|@import|href|http(?!://www\.w3\.org/2000/svg)", drawn.read_text(encoding="utf-8"))


def _typed(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """The commands of a block with the lines that they print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        yield shlex.split(command), shown


def _edit(bands: Path, rows: str) -> None:
    """Puts the two rows of the guide into the place of the shipped one, as it tells the analyst to."""
    shipped = bands.read_text(encoding="utf-8")
    old = next(line for line in shipped.splitlines(keepends=True) if line.startswith(pictures.ROW))
    assert rows.startswith(old.replace(pictures.ROW, pictures.CLOSED))
    bands.write_text(shipped.replace(old, rows), encoding="utf-8")
