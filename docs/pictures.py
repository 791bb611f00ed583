"""Draws the pictures of weights.md and weights.zh-CN.md: what the commands really print, on the data of the guide.

`make pictures` calls it after a change of what a command says; tests/python/test_guide.py compares the pictures with what the commands print.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "python"))
from project_copy import REPOSITORY, copy_project

PICTURES = REPOSITORY / "docs" / "pictures"
DEMO = ("--subscribers", "300", "--weeks", "10")
BANDS = Path("seeds/scorecards/scorecard_bands.csv")
# Columns of the terminal; the size of one in the picture.
WIDTH, CELL, LINE, MARGIN = 125, 8.4, 19, 12
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace"
NO_BREAK = "\u00a0"

# The example of the guide: a drop of usage fees by 30 to 50 % gives 3 points in place of 1, from the Monday after the last Sunday on.
ROW = "core_risk,base,*,fee_drop_4w,0.3,0.5,false,1,2000-01-01,,"
CLOSED = "core_risk,base,*,fee_drop_4w,0.3,0.5,false,1,2000-01-01,2026-06-28,"
ADDED = "core_risk,base,*,fee_drop_4w,0.3,0.5,false,3,2026-06-29,,default,Raised after the review of June; decided by the retention team"
# The four mistakes of the guide: a number overwritten, a branch misspelt, a row that begins in the past, a band that nothing falls into.
OVERWRITTEN = "core_risk,base,*,fee_drop_4w,0.3,0.5,false,3,2000-01-01,,"
MISTAKES = (
    "core_risk,branch,yunlan_lak,handset_risk,2,,false,3,2026-06-29,,default,Dual-SIM handsets are common here",
    "core_risk,branch,yunlan_lake,handset_risk,2,,false,3,2026-06-01,,default,Dual-SIM handsets are common here",
    "core_risk,branch,yunlan_lake,complaints_28d,0.2,0.4,false,1,2026-06-29,,default,A band that nothing falls into",
)
COMMANDS = {
    "check": ("weights", "check", "--seeds", "my-weights"),
    "mistakes": ("weights", "check", "--seeds", "my-mistakes"),
    "diff": ("weights", "diff", "--candidate", "my-weights"),
}
# End of the name of a picture, and the option.
LANGUAGES = (("", ()), (".zh-CN", ("--lang", "zh")))


def write_candidates(project: Path) -> None:
    """Makes the folders my-weights and my-mistakes of the guide in a copy of the project."""
    shipped = (project / BANDS).read_text(encoding="utf-8")
    line = next(line for line in shipped.splitlines(keepends=True) if line.startswith(ROW))
    changed = line.replace(ROW, CLOSED) + ADDED + "\n"
    for folder, content in (
        ("my-weights", shipped.replace(line, changed)),
        ("my-mistakes", shipped.replace(ROW, OVERWRITTEN) + "\n".join(MISTAKES) + "\n"),
    ):
        (project / folder).mkdir(exist_ok=True)
        (project / folder / BANDS.name).write_text(content, encoding="utf-8")


def run(project: Path, warehouse: Path, *arguments: str, colours: bool = False) -> str:
    """What churn-warning prints, called in the project's folder as the guide does."""
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHURN_WARNING_", "DBT_", "NO_COLOR"))
    }
    surroundings |= {"CHURN_WARNING_WAREHOUSE": str(warehouse), "PYTHONIOENCODING": "utf-8"}
    if colours:
        surroundings |= {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    command = [sys.executable, "-m", "churn_warning", *arguments]
    done = subprocess.run(command, cwd=project, env=surroundings, capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in (0, 1) or "This should not have happened" in done.stderr:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout + done.stderr


def draw(project: Path, warehouse: Path, folder: Path) -> Iterator[Path]:
    """Draws every picture into a folder.

    Args:
        project: A copy of the project with the folders of write_candidates().
        warehouse: What `churn-warning demo` with DEMO left.
        folder: Gets the pictures.
    """
    for suffix, option in LANGUAGES:
        for name, command in COMMANDS.items():
            # How long each step took is another text each time.
            printed = re.sub(r"(?s)^.*✓[^\n]*\n", "", run(project, warehouse, *command, *option, colours=True))
            path = folder / f"weights-{name}{suffix}.svg"
            path.write_text(_as_svg(f"$ churn-warning {' '.join((*command, *option))}", printed), encoding="utf-8")
            yield path


def _as_svg(typed: str, printed: str) -> str:
    """A terminal of WIDTH columns. Nothing is fetched: the fonts are those of the reader's machine, and each run of letters is fitted into its columns."""
    with open(os.devnull, "w") as nowhere:
        console = Console(width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor", legacy_windows=False)
        text = Text("\n").join([Text(typed, "bold green"), Text.from_ansi(printed.rstrip())])
        lines = console.render_lines(text, console.options.update(overflow="fold"), pad=False)
    drawn = []
    for number, line in enumerate(lines, start=1):
        column = 0
        for segment in line:
            style = segment.style or Style()
            colour = (style.color.get_truecolor(MONOKAI) if style.color else MONOKAI.foreground_color).hex
            # Chinese characters take two columns, so they are placed apart from the others.
            for run_of_letters in re.findall(r"[\u2e80-\uffef]+|[^\u2e80-\uffef]+", segment.text):
                cells = cell_len(run_of_letters)
                if run_of_letters.strip():
                    weight = ' font-weight="bold"' if style.bold else ""
                    place = f'x="{MARGIN + column * CELL:g}" y="{MARGIN + number * LINE:g}" textLength="{cells * CELL:g}" fill="{colour}"{weight}'
                    drawn.append(f"<text {place}>{escape(run_of_letters).replace(' ', NO_BREAK)}</text>")
                column += cells
    width, height = f"{WIDTH * CELL + 2 * MARGIN:g}", f"{(len(lines) + 0.5) * LINE + 2 * MARGIN:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="{MONOKAI.background_color.hex}"/>\n'
        f'<g font-family="{FONTS}" font-size="14" lengthAdjust="spacingAndGlyphs">\n' + "\n".join(drawn) + "\n</g>\n</svg>\n"
    )


@contextmanager
def demo_project() -> Iterator[tuple[Path, Path]]:
    """A copy of the project with the demo data of the guide, and its warehouse."""
    with tempfile.TemporaryDirectory() as scratch:
        project, warehouse = Path(scratch) / "churn-warning", Path(scratch) / "warehouse.duckdb"
        copy_project(project)
        run(project, warehouse, "demo", *DEMO)
        write_candidates(project)
        yield project, warehouse


def photograph(project: Path, warehouse: Path, folder: Path) -> None:
    """A picture of the page of `weights diff --html`, if there is a browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("No chromium here: the picture of the HTML page stays as it is.")
        return
    run(project, warehouse, *COMMANDS["diff"], "--html", "moves.html")
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1000,680"]
    picture = folder / "weights-diff-page.png"
    subprocess.run([browser, *options, f"--screenshot={picture}", str(project / "moves.html")], check=True, capture_output=True)
    print(picture)


def main() -> None:
    """Draws all pictures anew."""
    PICTURES.mkdir(exist_ok=True)
    with demo_project() as (project, warehouse):
        for path in draw(project, warehouse, PICTURES):
            print(path)
        photograph(project, warehouse, PICTURES)


if __name__ == "__main__":
    main()
