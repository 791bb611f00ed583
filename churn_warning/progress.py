"""Progress of a run: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar


class Progress:
    """Shows the steps of a run one after the other, with counts and elapsed time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._title = ""
        self._bar: Bar | None = None

    def start(self, title: str, total: int | None = None) -> None:
        """Begins a step of `total` parts (None: not known)."""
        self._title = title
        if self._console.is_terminal:
            count = [BarColumn(bar_width=30), MofNCompleteColumn()] if total else []
            columns = [SpinnerColumn(), TextColumn("{task.description}"), *count, TimeElapsedColumn()]
            self._bar = Bar(*columns, console=self._console, transient=True)
            self._bar.add_task(title, total=total)
            self._bar.start()

    def advance(self) -> None:
        """One part of the step is done."""
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])

    def finish(self, outcome: str, seconds: float) -> None:
        """Ends the step and leaves one line about it."""
        self._stop()
        self._console.print(f"[green]✓[/] {self._title}: {outcome} [dim]({seconds:.1f} s)[/]", highlight=False)

    def note(self, text: str) -> None:
        """Leaves one line about something that the user should know."""
        self._console.print(f"[yellow]![/] {escape(text)}", highlight=False, soft_wrap=True)

    def fail(self, seconds: float) -> None:
        """Ends a step that was broken off."""
        self._stop()
        self._console.print(f"[red]✗[/] {self._title} [dim]({seconds:.1f} s)[/]", highlight=False)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
