"""The commands of churn-warning."""

from __future__ import annotations

import functools
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from churn_warning import __version__, settings
from churn_warning.errors import RunnerError, WrongUse, storage_error
from churn_warning.progress import Progress
from churn_warning.settings import PREFIX, Settings

# Without a terminal a table would be cut to 80 columns.
_PLAIN_WIDTH = 160

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Weekly churn early warning: from an operator's raw tables to explained alerts.\n\n"
    "Works on the dbt project of the current folder (or [bold]--project-dir[/]). Every option is also an environment variable,"
    " for example CHURN_WARNING_RAW_DIR, and plain [bold]dbt build[/] reads the same variables.\n\n"
    "Start with [bold]churn-warning demo[/]; then point [bold]churn-warning run --raw-dir[/] at your own tables.\n\n"
    "Exit codes: 0 done; 1 checks failed, nothing published; 2 wrong use; 3 another run is at work.",
)
publish_app = typer.Typer()
app.add_typer(publish_app, name="publish")
weights_app = typer.Typer(
    no_args_is_help=True,
    help="Change points, bands and thresholds with confidence. Nothing here changes the project or the marts.\n\n"
    "The round:\n\n"
    "1. Edit: copy seeds/scorecards/scorecard_bands.csv into a folder of your own, say my-weights, and change it there.\n\n"
    "2. Check: [bold]churn-warning weights check --seeds my-weights[/] names every mistake with its line.\n\n"
    "3. Diff: [bold]churn-warning weights diff --candidate my-weights[/] shows who would move from which level to which.\n\n"
    "4. Adopt: copy the file back into seeds/scorecards; the next [bold]churn-warning run[/] scores with it.\n\n"
    "[bold]churn-warning weights fit[/] suggests points from what happened, as such a folder; or a scorecard for any table, which"
    " [bold]churn-warning weights score[/] scores with.\n\n"
    "docs/weights.md goes through it step by step (docs/weights.zh-CN.md in Chinese).",
)
app.add_typer(weights_app, name="weights")


class Language(str, Enum):
    """A language of messages."""

    en = "en"
    zh = "zh"


def _option(name: str, help_text: str) -> Any:
    variable = PREFIX + name.removeprefix("--").replace("-", "_").upper()
    return typer.Option(name, envvar=variable, help=help_text, show_default=False)


ProjectDir = Annotated[str | None, _option("--project-dir", "Folder of the dbt project. Default: the current folder.")]
RawDir = Annotated[str | None, _option("--raw-dir", "Folder of the raw tables. Default: data/raw.")]
PublishDir = Annotated[str | None, _option("--publish-dir", "Folder that gets the marts. Default: published.")]
Warehouse = Annotated[
    str | None,
    _option("--warehouse", "DuckDB file that the tables are built in. Default: data/warehouse/churn_warning.duckdb."),
]
AsOf = Annotated[
    str | None,
    _option("--as-of", "Day to judge, for example 2026-06-28. Default: the last Sunday on or before the last day of data."),
]
Weeks = Annotated[int | None, _option("--weeks", "Build only the last N Sundays. Default: all.")]
Target = Annotated[str | None, _option("--target", "Target of profiles.yml. Default: dev (DuckDB).")]
FullRefresh = Annotated[bool, _option("--full-refresh", "Read all calls, messages and sessions anew, not only the days that changed.")]
AllowLateFeeds = Annotated[
    bool, _option("--allow-late-feeds", "Publish although a feed is late or short; those alerts are marked provisional.")
]
Subscribers = Annotated[
    int, typer.Option("--subscribers", envvar=PREFIX + "DEMO_SUBSCRIBERS", help="How many subscribers to make.")
]
DemoWeeks = Annotated[int, typer.Option("--weeks", envvar=PREFIX + "DEMO_WEEKS", help="Weeks of call records.")]
Seed = Annotated[int, typer.Option("--seed", envvar=PREFIX + "DEMO_SEED", help="The same seed gives the same data.")]
LastDay = Annotated[
    str | None,
    typer.Option(
        "--last-day",
        envvar=PREFIX + "DEMO_LAST_DAY",
        help="Last day of the data, for example 2026-06-28. Default: the generator's own.",
        show_default=False,
    ),
]


def _ends_clearly(command: Callable[..., None]) -> Callable[..., None]:
    """Turns expected errors into a message and an exit code."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except RunnerError as error:
            _print_error(error)
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort):
            raise
        except (Exception, KeyboardInterrupt) as error:
            # DuckDB makes an error of its own of Ctrl-C.
            if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
                _console(stderr=True).print("Stopped. What was published before is as it was.")
                raise typer.Exit(130) from None
            if isinstance(error, OSError) and (explained := storage_error(error, "")):
                _print_error(explained)
                raise typer.Exit(explained.exit_code) from None
            path = _write_traceback()
            _print_error(
                RunnerError(
                    f"This should not have happened: {type(error).__name__}: {error}",
                    where=str(path),
                    next_step="What was published before is as it was. Report this with the file above.",
                )
            )
            raise typer.Exit(1) from None

    return wrapped


@app.command(
    epilog="Examples:\n\n"
    "churn-warning run --raw-dir /data/operator\n\n"
    "churn-warning run --raw-dir /data/operator --as-of 2026-06-28 --weeks 8\n\n"
    "CHURN_WARNING_RAW_DIR=/data/operator churn-warning run --publish-dir /srv/marts"
)
@_ends_clearly
def run(
    raw_dir: RawDir = None,
    as_of: AsOf = None,
    weeks: Weeks = None,
    publish_dir: PublishDir = None,
    target: Target = None,
    full_refresh: FullRefresh = False,
    allow_late_feeds: AllowLateFeeds = False,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
) -> None:
    """Check the raw tables, build and verify every layer, publish the marts, report.

    If anything fails, nothing is published and the marts that were published before stay as they are.
    """
    resolved = settings.resolve(
        project_dir, raw_dir, publish_dir, warehouse, target, as_of, weeks, full_refresh, allow_late_feeds
    )
    _run_and_report(resolved)


@app.command(
    epilog="Examples:\n\nchurn-warning demo\n\nchurn-warning demo --subscribers 2000 --weeks 12",
)
@_ends_clearly
def demo(
    subscribers: Subscribers = 3_000,
    weeks: DemoWeeks = 32,
    seed: Seed = 42,
    raw_dir: RawDir = None,
    publish_dir: PublishDir = None,
    target: Target = None,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
) -> None:
    """Generate demo raw data (once), run on it, and show this week's alerts."""
    from churn_warning import demo as demo_raw
    from churn_warning import report

    resolved = settings.resolve(project_dir, raw_dir, publish_dir, warehouse, target)
    console = _console()
    demo_raw.generate(resolved.raw_dir, subscribers, weeks, seed, Progress(console), keep=True)
    done = _run_and_report(resolved)
    console.print()
    report.show_top_alerts(done.version, console)
    console.print("\nNext: your own tables: churn-warning run --raw-dir DIR (README.md says which tables)", highlight=False)


@app.command(
    "generate-demo",
    epilog="Example:\n\nchurn-warning generate-demo --out my-demo --subscribers 1000000 --weeks 26 --seed 1",
)
@_ends_clearly
def generate_demo(
    out: Annotated[str, typer.Option("--out", envvar=PREFIX + "DEMO_OUT", help="Folder that gets the raw tables.")],
    subscribers: Subscribers = 20_000,
    weeks: DemoWeeks = 32,
    seed: Seed = 42,
    last_day: LastDay = None,
) -> None:
    """Make an operator's raw tables (nobody's real data) to try things on."""
    from churn_warning import demo as demo_raw

    day = settings.parse_date("--last-day", last_day)
    demo_raw.generate(Path(out).expanduser().absolute(), subscribers, weeks, seed, Progress(_console()), day)


@app.command(
    epilog="Examples:\n\n"
    "churn-warning backtest\n\n"
    "churn-warning backtest --weeks 8 --loss value\n\n"
    "churn-warning backtest --scope base --min-observations 100\n\n"
    "How to read it: of the lines with a level, precision is the share that was lost; of all lost lines, recall is the share with"
    " that level; lift is precision against the share of all watched lines that was lost: 1 is chance. AUC is the chance that of a"
    " lost and a kept line the lost one has the riskier score: 0.5 is chance. Top-decile lift is the lift of the tenth of the lines"
    " with the riskiest score. All of it week by week: marts fct_alert_backtest, fct_band_backtest, fct_score_drift (docs/marts.md).",
)
@_ends_clearly
def backtest(
    weeks: Annotated[
        int | None,
        typer.Option(
            "--weeks",
            envvar=PREFIX + "BACKTEST_WEEKS",
            help="Only the last N Sundays that can be judged. Default: all.",
            show_default=False,
        ),
    ] = None,
    scope: Annotated[
        str,
        typer.Option("--scope", envvar=PREFIX + "BACKTEST_SCOPE", help="local: with the points of branches and cities; or base."),
    ] = "local",
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            envvar=PREFIX + "BACKTEST_LOSS",
            help="What counts as lost: quantity (left or suspended), value (lost value), or any. Default: quantity.",
            show_default=False,
        ),
    ] = None,
    min_observations: Annotated[
        int | None,
        typer.Option(
            "--min-observations",
            envvar=PREFIX + "BACKTEST_MIN_OBSERVATIONS",
            help="Leave out bands with fewer observations. Default: parameter backtest_min_observations.",
            show_default=False,
        ),
    ] = None,
    publish_dir: PublishDir = None,
    project_dir: ProjectDir = None,
) -> None:
    """Say whether the published alerts were right: what followed them, which points earn their place, what has drifted.

    Only Sundays whose horizon (parameter outcome_horizon_days, 56 days) has passed are judged. Nothing is changed.
    """
    from churn_warning import backtest as judge

    resolved = settings.resolve(project_dir, publish_dir=publish_dir)
    if min_observations is None:
        min_observations = judge.default_min_observations(resolved.project_dir)
    judge.show(judge.measure(resolved.publish_dir, scope, loss or None, weeks, min_observations), _console())


@app.command(epilog="Examples:\n\nchurn-warning doctor --raw-dir DIR\n\nchurn-warning doctor --profile")
@_ends_clearly
def doctor(
    raw_dir: RawDir = None,
    publish_dir: PublishDir = None,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show instead where the last run's time went: its slowest tables, their size, what spilled.")
    ] = False,
) -> None:
    """Look at this machine, the project and its data, and say what would stop a run."""
    from churn_warning import doctor as examiner
    from churn_warning import profile as profiler

    chosen = settings.resolve(project_dir, raw_dir, publish_dir, warehouse)
    if profile:
        profiler.show(chosen.log_dir, _console())
        return
    findings = examiner.examine(chosen)
    colours = {examiner.OK: "green", examiner.NOTE: "yellow", examiner.PROBLEM: "red"}
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(f"[{colours[finding.status]}]{finding.status}[/]", finding.topic, finding.found, finding.advice)
    console = _console()
    console.print(table)
    problems = sum(finding.status == examiner.PROBLEM for finding in findings)
    console.print(f"{problems} problems would stop a run." if problems else "A run can start: churn-warning run")
    if problems:
        raise typer.Exit(1)


@publish_app.callback(
    invoke_without_command=True,
    epilog="Examples:\n\n"
    "churn-warning publish list\n\n"
    "churn-warning publish rollback\n\n"
    "churn-warning publish --to-postgres postgresql://loader@db.example/bi --reader-role bi_readers\n\n"
    "A password is safer in PGPASSWORD or ~/.pgpass than in the command line, where other users of the machine can see it.",
)
@_ends_clearly
def publish_group(
    context: typer.Context,
    to_postgres: Annotated[
        str | None, _option("--to-postgres", "Load the current version into this PostgreSQL database (a connection string).")
    ] = None,
    schema: Annotated[str | None, _option("--schema", "Schema that gets the marts. Default: churn_warning.")] = None,
    reader_role: Annotated[
        str | None, _option("--reader-role", "Role that may read the marts; made, without login, if it does not exist.")
    ] = None,
    publish_dir: PublishDir = None,
    project_dir: ProjectDir = None,
) -> None:
    """List the published versions, go back to an earlier one, or load the current one into PostgreSQL.

    A load replaces all marts in one transaction: readers see the version before or the new one, and nobody has to wait.
    """
    if context.invoked_subcommand:
        if any(context.get_parameter_source(name).name == "COMMANDLINE" for name in context.params):
            raise WrongUse(
                f"These options do not belong before {context.invoked_subcommand}.",
                next_step=f"See what belongs behind it: churn-warning publish {context.invoked_subcommand} --help",
            )
        return
    if not to_postgres:
        typer.echo(context.get_help())
        raise typer.Exit(2)
    from churn_warning import postgres

    resolved = settings.resolve(project_dir, publish_dir=publish_dir)
    progress, started = Progress(_console()), time.monotonic()
    progress.start("Loading into PostgreSQL")
    try:
        loaded = postgres.load(resolved.publish_dir, to_postgres, schema or "churn_warning", reader_role or None)
    except BaseException:
        progress.fail(time.monotonic() - started)
        raise
    counts = f"{len(loaded.rows)} marts, {sum(loaded.rows.values()):,} rows"
    progress.finish(f"{counts}, version {loaded.run_id}, as of {loaded.as_of_date}", time.monotonic() - started)
    _console().print(f"They are in {loaded.where}.", highlight=False, soft_wrap=True)


@publish_app.command("list")
@_ends_clearly
def publish_list(publish_dir: PublishDir = None, project_dir: ProjectDir = None) -> None:
    """Show the published versions, newest first."""
    from churn_warning import publish

    resolved = settings.resolve(project_dir, publish_dir=publish_dir)
    versions = publish.list_versions(resolved.publish_dir)
    console = _console()
    if not versions:
        console.print(f"Nothing is published in {resolved.publish_dir} yet. Run: churn-warning run")
        return
    table = Table("version", "as of", "published at (UTC)", "")
    for version in versions:
        remarks = [*(["current"] if version.is_current else []), *([version.problem] if version.problem else [])]
        table.add_row(version.run_id, version.as_of_date, version.published_at[:19], ", ".join(remarks))
    console.print(table)


@publish_app.command("rollback")
@_ends_clearly
def publish_rollback(
    version: Annotated[str | None, typer.Argument(help="The version. Default: the one before the current one.")] = None,
    publish_dir: PublishDir = None,
    project_dir: ProjectDir = None,
) -> None:
    """Make an earlier version current again."""
    from churn_warning import publish

    chosen = publish.rollback(settings.resolve(project_dir, publish_dir=publish_dir).publish_dir, version)
    _console().print(f"Current again: {chosen.run_id}, as of {chosen.as_of_date}", highlight=False)


@weights_app.command(
    "check",
    epilog="Examples:\n\n"
    "churn-warning weights check\n\n"
    "churn-warning weights check --seeds my-weights\n\n"
    "churn-warning weights check --seeds my-weights --lang zh",
)
@_ends_clearly
def weights_check(
    seeds: Annotated[
        str | None,
        _option("--seeds", "Folder (or one CSV file) with changed seeds; what it lacks is taken from the project's seeds."),
    ] = None,
    language: Annotated[
        Language,
        typer.Option("--lang", envvar=PREFIX + "LANG", help="Language of the answer: en or zh (Chinese)."),
    ] = Language.en,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
) -> None:
    """Say everything that is wrong with the weights and the other seeds: file, line, reason, what to do.

    Errors would stop a run, or change weeks that are scored already; exit code 1. Warnings are worth a look; exit code 0.
    """
    from churn_warning import weights_check as checker

    resolved = settings.resolve(project_dir, warehouse=warehouse)
    checked = checker.check(resolved, Path(seeds).expanduser() if seeds else None)
    checker.show(checked, language.value, _console())
    if checked.errors:
        raise typer.Exit(1)


@weights_app.command(
    "diff",
    epilog="Examples:\n\n"
    "mkdir my-weights && cp seeds/scorecards/scorecard_bands.csv my-weights/   (change points there)\n\n"
    "churn-warning weights diff --candidate my-weights\n\n"
    "churn-warning weights diff --candidate my-weights --weeks 12 --branch B01 --html moves.html --csv movers.csv",
)
@_ends_clearly
def weights_diff(
    candidate: Annotated[
        str,
        typer.Option(
            "--candidate",
            help="Folder with the changed seed files, in the layout of seeds/ or flat; or one CSV file named as its seed.",
            show_default=False,
        ),
    ],
    weeks: Annotated[int, typer.Option("--weeks", help="Compare on the newest N Sundays.")] = 4,
    branch: Annotated[str | None, typer.Option("--branch", help="Only the lines of this branch.", show_default=False)] = None,
    html: Annotated[str | None, typer.Option("--html", help="Write the comparison to this file.", show_default=False)] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", help="Write every mover of both models to this file.", show_default=False)
    ] = None,
    language: Annotated[
        Language,
        typer.Option("--lang", envvar=PREFIX + "LANG", help="Language of the answer: en or zh (Chinese)."),
    ] = Language.en,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
) -> None:
    """Show who would move if a candidate's weights had been in force, and change nothing.

    The stored indicators of the last weeks are scored with the seeds that the warehouse was built with and with the candidate:
    who moves from which level to which and why, the revenue at stake, every manager's list before and after, and, for weeks
    whose outcome is known, whether the alerts got better. The candidate is checked first.

    Both sides are scored as if the rows valid on the day after the newest Sunday (or on the day on which the candidate's last
    new row begins) had been valid on every week.
    """
    from churn_warning import weights_diff as comparison
    from churn_warning import weights_diff_report as report
    from churn_warning.weights_diff_messages import say

    resolved = settings.resolve(project_dir, warehouse=warehouse)
    html_file, csv_file = (_output_file(name, path) for name, path in (("--html", html), ("--csv", csv)))
    console = _console()
    request = comparison.Request(Path(candidate).expanduser().absolute(), weeks, branch, csv_file)
    found = comparison.compare(resolved, request, Progress(console))
    report.show(found, console, language.value)
    if html_file:
        html_file.write_text(report.render(found, language.value), encoding="utf-8")
    for path in filter(None, (html_file, csv_file)):
        console.print(say("written", language.value, path=path), highlight=False, soft_wrap=True)


@weights_app.command(
    "fit",
    epilog="Examples, on the history of the warehouse:\n\n"
    "churn-warning weights fit --scorecard core_risk\n\n"
    "churn-warning weights fit --scorecard churn_traceback --weeks 26 --out my-fit\n\n"
    "churn-warning weights diff --candidate my-fit   (who would move; nothing is applied before you copy the file into seeds/)\n\n"
    "On any table with a column of 1 and 0 (or Yes and No):\n\n"
    "churn-warning weights fit --data customers.parquet --label churned --id customer_id --out my-card\n\n"
    "churn-warning weights score --data new_customers.parquet --seeds my-card",
)
@_ends_clearly
def weights_fit(
    scorecard: Annotated[
        str | None,
        typer.Option(
            "--scorecard",
            envvar=PREFIX + "FIT_SCORECARD",
            help="Scorecard to fit on history: core_risk, core_stability or churn_traceback.",
            show_default=False,
        ),
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(
            "--weeks",
            envvar=PREFIX + "FIT_WEEKS",
            help="With --scorecard: only the last N Sundays whose outcome is known. Default: all.",
            show_default=False,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            envvar=PREFIX + "FIT_LOSS",
            help="With --scorecard: what counts as lost: quantity (left or suspended), value (lost value), or any. Default: quantity.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", envvar=PREFIX + "FIT_DATA", help="Fit on this table instead: a Parquet or CSV file.", show_default=False),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", envvar=PREFIX + "FIT_LABEL", help="With --data: the column that says who was lost (two values).", show_default=False
        ),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option("--id", envvar=PREFIX + "FIT_ID", help="With --data: the column that names a row; it earns no points.", show_default=False),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", envvar=PREFIX + "FIT_LEAVE_OUT", help="With --data: a column not to look at; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            envvar=PREFIX + "FIT_OUT",
            help="New folder for the seed files and report.html. Default: weights-fit-SCORECARD.",
            show_default=False,
        ),
    ] = None,
    project_dir: ProjectDir = None,
    warehouse: Warehouse = None,
) -> None:
    """Suggest points and band edges from what happened. Nothing is applied: a new folder gets them, and a report.

    With --scorecard: from the stored indicators of the Sundays whose outcome is known; the folder is a candidate for weights diff.

    With --data: a scorecard for any table, in the same seed format, with its AUC and top-decile lift by five-fold cross-validation.

    Needs more packages; if they are not installed it says how to install them (the extra "fit").
    """
    from churn_warning import weights_fit_report as report

    console = _console()
    if bool(scorecard) == bool(data):
        raise WrongUse(
            "Write either --scorecard or --data." if data else "What shall be fitted?",
            next_step="churn-warning weights fit --scorecard core_risk, or --data FILE --label COLUMN --out DIR",
        )
    if data:
        from churn_warning import weights_fit_table as fitter

        for option, value in (("--label", label), ("--out", out)):
            if not value:
                raise WrongUse(f"--data needs {option}.", next_step="churn-warning weights fit --data FILE --label COLUMN --out DIR")
        for option, value in (("--weeks", weeks), ("--loss", loss)):
            if value is not None:
                raise WrongUse(f"{option} does not go with --data.", next_step="Leave it out.")
        request = fitter.TableRequest(_path_of(data), label, id_column or None, tuple(leave_out or ()), _path_of(out))
        found = fitter.fit_table(request, Progress(console))
        report.write_table_fit(found)
        report.show_table_fit(found, console)
        return
    for option, value in (("--label", label), ("--id", id_column), ("--leave-out", leave_out)):
        if value:
            raise WrongUse(f"{option} does not go with --scorecard.", next_step="Leave it out.")
    from churn_warning import weights_fit_history as history

    resolved = settings.resolve(project_dir, warehouse=warehouse)
    suggested = history.fit_history(
        resolved, history.HistoryRequest(scorecard, weeks, loss or None, _path_of(out or f"weights-fit-{scorecard}")), Progress(console)
    )
    report.write_history_fit(suggested)
    report.show_history_fit(suggested, console)


@weights_app.command(
    "score",
    epilog="Examples:\n\n"
    "churn-warning weights score --data customers.parquet --seeds my-card\n\n"
    "churn-warning weights score --data customers.csv --seeds my-card --id customer_id --out scores.csv",
)
@_ends_clearly
def weights_score(
    data: Annotated[str, typer.Option("--data", envvar=PREFIX + "SCORE_DATA", help="The table: a Parquet or CSV file.", show_default=False)],
    seeds: Annotated[
        str,
        typer.Option("--seeds", envvar=PREFIX + "SCORE_SEEDS", help="Folder that weights fit --data has written.", show_default=False),
    ],
    id_column: Annotated[
        str | None,
        typer.Option(
            "--id", envvar=PREFIX + "SCORE_ID", help="Column that names a row. Default: that of the fit, else the row's number.", show_default=False
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", envvar=PREFIX + "SCORE_OUT", help="CSV or Parquet file that gets all rows.", show_default=False),
    ] = None,
) -> None:
    """Score a table with a fitted scorecard: the sum of the points of its values, and which indicators gave the most.

    Only the CSV files of the folder say what counts, so edited points count as edited.
    """
    from churn_warning import weights_score as scorer

    scorer.show(scorer.score_table(_path_of(data), _path_of(seeds), id_column or None, _path_of(out) if out else None), _console())


@app.command()
def version() -> None:
    """Show the version of churn-warning."""
    typer.echo(__version__)


def main() -> None:
    """Entry point of churn-warning."""
    app(prog_name="churn-warning")


def _run_and_report(resolved: Settings) -> Any:
    from churn_warning import publish, report
    from churn_warning.run import execute

    console = _console()
    done = execute(resolved, Progress(console))
    content = json.loads((done.version / publish.RUN_FILE).read_text(encoding="utf-8"))
    report.show(done, content, console)
    return done


def _path_of(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _output_file(option: str, path: str | None) -> Path | None:
    if not path:
        return None
    file = Path(path).expanduser().absolute()
    if file.is_dir() or not file.parent.is_dir():
        what = "This is a folder." if file.is_dir() else "Its folder does not exist."
        raise WrongUse(f"{option} {path}: {what}", where=str(file), next_step="Name a file in a folder that exists.")
    return file


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=_PLAIN_WIDTH)


def _print_error(error: RunnerError) -> None:
    console = _console(stderr=True)
    console.print(f"[bold red]{error.heading}[/] ", end="")
    for text in (error.message, error.where and f"  where: {error.where}", error.next_step and f"  next:  {error.next_step}"):
        if text:
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _write_traceback() -> Path:
    """Into the project's logs if the current folder is a project, else where nobody minds."""
    folder = Path.cwd() / "logs" if Path("dbt_project.yml").is_file() else Path(tempfile.gettempdir())
    path = folder / "churn_warning_error.log"
    # The disk may be what is wrong; the message matters more than the file.
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        path.write_text(traceback.format_exc(), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
