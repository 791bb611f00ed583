"""Draws what was measured, as SVG files for the docs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

GIB = 2**30
COLOURS = {"floor": "#8c8c8c", "project": "#1f6feb"}
# Curve -> the part of the size that grows, and its name.
AXES = {
    "cdrs": ("cdrs", "records of the new week (million)", 1e6),
    "subscribers": ("subscribers", "lines (thousand)", 1e3),
    "history": ("history_weeks", "weeks of history", 1),
}


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Draws each growth curve, and the steps of the largest single size.

    Args:
        results: What was stored, by file name.
        folder: Gets the drawings; made if missing.

    Returns:
        The files.
    """
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    # Texts stay texts, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 10})
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for kind, (part, label, unit) in AXES.items():
        if measured := results.get(f"curve-{kind}"):
            drawn.append(_curve(plt, measured, part, label, unit, folder / f"growth_{kind}.svg"))
    runs = [result for name, result in results.items() if name.startswith("run-") and not result["memory_limit"]]
    if runs:
        drawn.append(_steps(plt, max(runs, key=lambda result: result["size"]["cdrs"]), folder / "steps.svg"))
    return drawn


def _curve(plt: Any, measured: list[dict[str, Any]], part: str, label: str, unit: float, path: Path) -> Path:
    figure, (walls, peaks) = plt.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
    sizes = [result["size"][part] / unit for result in measured]
    for side, colour in COLOURS.items():
        totals = [result[side]["total"] for result in measured]
        walls.plot(sizes, [total["wall_s"] for total in totals], "o-", color=colour, label=side)
        peaks.plot(sizes, [total["peak_bytes"] / GIB for total in totals], "o-", color=colour, label=side)
    for axes, title in ((walls, "wall time (s)"), (peaks, "peak memory (GiB)")):
        axes.set(title=title, xlabel=label, xlim=(0, None), ylim=(0, None))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    walls.legend(frameon=False)
    return _saved(plt, figure, path)


def _steps(plt: Any, result: dict[str, Any], path: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8.4, 2.2), layout="constrained")
    for row, side in enumerate(COLOURS):
        left = 0.0
        for number, step in enumerate(result[side]["steps"]):
            wall = step["wall_s"]
            axes.barh(row, wall, left=left, color=plt.cm.tab20(number % 20), edgecolor="white")
            if wall > 0.06 * result["project"]["total"]["wall_s"]:
                axes.text(left + wall / 2, row, step["name"].replace(" ", "\n", 1), ha="center", va="center", fontsize=7)
            left += wall
    axes.set(yticks=range(len(COLOURS)), yticklabels=list(COLOURS), xlabel="seconds")
    axes.spines[["top", "right"]].set_visible(False)
    return _saved(plt, figure, path)


def _saved(plt: Any, figure: Any, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path
