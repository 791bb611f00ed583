"""One run: check, build and verify layer by layer, publish, report."""

from __future__ import annotations

import gc
import json
import os
import re
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

from churn_warning import __version__, checks, gates, publish, quality_page, raw_files, report, warehouse
from churn_warning.checks import CheckResult
from churn_warning.dbt_project import DbtProject, Layer
from churn_warning.errors import ChecksFailed, RunnerError, Stopped, storage_error
from churn_warning.lock import run_lock
from churn_warning.mart_files import sha256_of
from churn_warning.progress import Progress
from churn_warning.seed_lint import lint_seeds
from churn_warning.settings import PREFIX, RAW_IS_REGISTERED, Settings, require_hash_key, require_raw_dir
from churn_warning.stop import StopSignal, stop_signal
from churn_warning.weights_check import changes_of_history

_SHOWN_FAILURES = 10
# Check of what a run is given -> reason, action.
_INPUT_CHECKS = {
    "raw_contract": (
        "A missing table, column or type would be read as if nothing had happened.",
        "Correct the delivery: models/staging/_sources.yml says what is expected.",
    ),
    "seed_lint": (
        "A wrong row of a rule or weight would give wrong alerts without an error.",
        "Correct these lines of the seeds.",
    ),
}


@dataclass
class Run:
    """What a run has done so far.

    Attributes:
        settings: Its settings.
        run_id: Its name, also that of the published version; sorts by time.
        started_at: UTC.
        results: Checks so far.
        seconds: Duration of each finished step.
        version: Folder of the published version, once there is one.
    """

    settings: Settings
    run_id: str
    started_at: datetime
    results: list[CheckResult] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    version: Path | None = None


def execute(settings: Settings, progress: Progress) -> Run:
    """Does a whole run.

    Raises:
        WrongUse: The raw folder, hash key, target or project is not usable.
        AlreadyRunning: Another run is at work on the same warehouse.
        ChecksFailed: A check failed; what was published before is as it was.
        Stopped: Ctrl-C or SIGTERM.
        RunnerError: The disk is full, or the warehouse file is in use or broken.
    """
    require_raw_dir(settings)
    require_hash_key(settings)
    publish.require_publish_dir(settings.publish_dir)
    now = datetime.now(timezone.utc)
    run = Run(settings, f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", now)
    with stop_signal() as stop, run_lock(settings.lock_file), settings.exported(run.run_id), _few_collections():
        project = DbtProject(settings)
        suites: list[gates.Suite] = []
        try:
            if note := warehouse.make_ready(settings.warehouse):
                progress.note(note)
            for problem in changes_of_history(settings):
                progress.note(str(problem))
            suites = gates.load_suites(settings.project_dir)
            _check_inputs(run, project, progress)
            for layer in project.layers():
                _build_layer(run, project, layer, progress)
                _check_layer(run, project, [suite for suite in suites if suite.layer == layer.name], layer, progress)
            project.close()
            _publish(run, project, progress)
        except (Exception, KeyboardInterrupt) as error:
            project.close()
            explained = _explain(run, error, stop)
            _record_failure(run, project, suites, explained or error)
            if explained is None:
                raise
            raise explained from None
    return run


@contextmanager
def _few_collections() -> Iterator[None]:
    """While the block runs, Python hardly looks for garbage in circles.

    dbt and Great Expectations hold millions of objects to the end; to go through them again and again finds nothing, and took a
    twelfth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _explain(run: Run, error: BaseException, stop: StopSignal) -> RunnerError | None:
    """What broke the run off, as an error that says what to do; None if it is not an expected one."""
    settings = run.settings
    if stop.received:
        current = publish.current_version(settings.publish_dir)
        if current == run.run_id:
            return Stopped(stop.received, f"Version {run.run_id} had already been published.")
        return Stopped(stop.received, "Nothing was published; what was published before is as it was.", "Run again: nothing has to be cleaned up first.")
    explained = storage_error(error, settings.warehouse.parent) or warehouse.explain(error, settings.warehouse)
    if explained:
        return explained
    # Only where a table could not be built: to read all of the files again takes its time.
    not_built = isinstance(error, ChecksFailed) and error.where == "layer staging" and "could not be built" in error.message
    if not_built and (damaged := _damaged_calls(settings)):
        return ChecksFailed(
            f"A raw file is damaged.\n- {damaged}",
            where=str(settings.raw_dir),
            next_step="Deliver this file again, then run again. What was published before is as it was.",
        )
    return error if isinstance(error, RunnerError) else None


def _damaged_calls(settings: Settings) -> str:
    """Which file of calls, messages or sessions cannot be read; only the build reads these whole."""
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            files = connection.execute("select file_name from staging.cdr_files_to_read order by file_name").fetchall()
    except duckdb.Error:
        return ""
    return raw_files.damaged_file(settings.raw_dir, [name for (name,) in files])


def _check_inputs(run: Run, project: DbtProject, progress: Progress) -> None:
    """Lints the seeds and checks the raw contract; both lists of problems are shown at once."""
    settings = run.settings
    with _step(run, progress, "Checking raw tables and seeds") as finish:
        project.parse()
        contract: ChecksFailed | None = None
        try:
            project.run_operation("register_raw_tables")
        except ChecksFailed as error:
            contract = _contract_error(error, settings)
        project.close()
        run.results.append(_input_result("raw_contract", "raw tables", "feed", contract.message if contract else "", settings))
        branches = None if contract else _branches(settings.warehouse)
        problems = "\n".join(f"- {problem}" for problem in lint_seeds(settings.project_dir / "seeds", branches))
        run.results.append(_input_result("seed_lint", "seeds", "dbt", problems, settings))
        if problems:
            message = "\n".join(["Seeds:", problems, *([contract.message] if contract else [])])
            raise ChecksFailed(message, next_step="Correct these lines, then run again; nothing was built.")
        if contract:
            raise contract
        os.environ[PREFIX + RAW_IS_REGISTERED] = "true"
        finish("nothing to complain about")


def _input_result(code: str, table: str, kind: str, problems: str, settings: Settings) -> CheckResult:
    reason, action = _INPUT_CHECKS[code]
    return CheckResult(
        layer="inputs",
        table_name=table,
        check_code=code,
        check_kind=kind,
        severity=checks.CRITICAL,
        status=checks.FAILED if problems else checks.PASSED,
        observed=problems or "no problem",
        expected="no problem",
        reason=reason,
        action=action,
    )


def _contract_error(error: ChecksFailed, settings: Settings) -> ChecksFailed:
    """Says where the delivery lies and what to do about it; a file that DuckDB cannot read is a broken contract too."""
    message = re.sub(r"^dbt could not run .*\n((\w+ )+Error: )?", "Raw contract:\n- ", error.message)
    # DuckDB points at the place in a statement that the user never wrote.
    message = re.sub(r"\nLINE \d+:.*", "", message, flags=re.DOTALL)
    return ChecksFailed(
        message,
        where=error.where or str(settings.raw_dir),
        next_step=error.next_step or "Correct the delivery, then run again; nothing was built.",
    )


def _build_layer(run: Run, project: DbtProject, layer: Layer, progress: Progress) -> None:
    if not layer.models and not layer.tests:
        return
    with _step(run, progress, f"Building {layer.name}", len(layer.models) + len(layer.tests)) as finish:
        results = project.build(layer, on_finish=lambda _: progress.advance())
        run.results += results
        failed = [result for result in results if result.status == checks.FAILED]
        if failed:
            raise _failure(run, project, layer, failed)
        finish(f"{len(layer.models)} tables, {_tally(results, 'tests')}")


def _check_layer(run: Run, project: DbtProject, suites: list[gates.Suite], layer: Layer, progress: Progress) -> None:
    if not suites:
        return
    with _step(run, progress, f"Checking {layer.name}") as finish:
        project.close()
        started = time.monotonic()
        results = gates.run_suites(run.settings.warehouse, suites)
        project.profile.expectations += len(results)
        project.profile.expectation_seconds += time.monotonic() - started
        run.results += results
        failed = [result for result in results if result.status == checks.FAILED]
        if failed:
            raise _failure(run, project, layer, failed)
        finish(_tally(results, "expectations"))


def _publish(run: Run, project: DbtProject, progress: Progress) -> None:
    settings = run.settings
    with _step(run, progress, "Publishing") as finish:
        checks.write_results(settings.warehouse, run.run_id, run.results)
        marts = [publish.mart_of(node) for node in project.models_in("marts") if node.name != report.CHECKS_MART.name]
        page_facts = quality_page.facts(settings.warehouse, project.built)
        profile = project.profile.as_json(settings.warehouse)
        facts = {
            "as_of_date": _as_of_date(settings.warehouse),
            "code_version": __version__,
            "code_commit": _commit(settings.project_dir),
            "seeds": {
                str(path.relative_to(settings.project_dir)): sha256_of(path)
                for path in sorted((settings.project_dir / "seeds").rglob("*.csv"))
            },
        }
        run.version = publish.publish(
            settings.warehouse,
            settings.publish_dir,
            [*marts, report.CHECKS_MART],
            run.run_id,
            facts,
            lambda rows: _report_files(run, report.as_json(run, "published", rows, profile), page_facts),
        )
        finish(f"{len(marts) + 1} marts")
    _write_logs(run, {name: (run.version / name).read_text(encoding="utf-8") for name in (publish.RUN_FILE, publish.QUALITY_FILE)})


def _failure(run: Run, project: DbtProject, layer: Layer, failed: list[CheckResult]) -> ChecksFailed:
    lines = []
    for result in failed[:_SHOWN_FAILURES]:
        lines.append(f"- {result.table_name}: {result.check_code}: found {result.observed}, expected {result.expected}")
        lines += [f"  {text}" for text in (result.reason, result.action) if text]
        if path := project.test_path(result.check_code):
            if result.check_kind == "feed":
                lines += [f"  {row}" for row in _failing_rows(project, path)]
            lines.append(f"  all failing rows: {path}")
    if len(failed) > _SHOWN_FAILURES:
        lines.append(f"- and {len(failed) - _SHOWN_FAILURES} more")
    return ChecksFailed(
        "\n".join([f"{len(failed)} checks failed:" if len(failed) > 1 else "A check failed:", *lines]),
        where=f"layer {layer.name}",
        next_step=f"Nothing was published. All checks of this run: {run.settings.log_dir / publish.QUALITY_FILE}",
    )


def _failing_rows(project: DbtProject, test: Path) -> list[str]:
    """The first rows that a test found, as text. For tests whose rows name feeds and days, never people."""
    project.close()
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        cursor = connection.execute(test.read_text(encoding="utf-8"))
        names = [column[0] for column in cursor.description]
        return [", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True)) for row in cursor.fetchmany(14)]


def _record_failure(run: Run, project: DbtProject, suites: list[gates.Suite], error: BaseException) -> None:
    """Keeps what is known about a failed run; never hides the failure itself."""
    stopped = "The run was stopped from outside." if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
    message = error.message if isinstance(error, RunnerError) else stopped
    done = {result.check_code for result in run.results}
    why = "the run stopped before it"
    left = [result for layer in project.layers() for result in project.not_run(layer, why)] + gates.not_run(suites, why)
    run.results += [result for result in left if result.check_code not in done]
    try:
        checks.write_results(run.settings.warehouse, run.run_id, run.results)
        facts = quality_page.facts(run.settings.warehouse, project.built)
        profile = project.profile.as_json(run.settings.warehouse)
        _write_logs(run, _report_files(run, {**report.as_json(run, "failed", {}, profile), "error": message}, facts))
    except (OSError, duckdb.Error):
        pass


def _report_files(run: Run, content: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    """The run's reports, by file name: one for a program, one for a person."""
    return {
        publish.RUN_FILE: json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n",
        publish.QUALITY_FILE: quality_page.render(content, run.results, facts),
    }


def _write_logs(run: Run, files: dict[str, str]) -> None:
    run.settings.log_dir.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (run.settings.log_dir / name).write_text(text, encoding="utf-8")


@contextmanager
def _step(run: Run, progress: Progress, title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Shows and times one step; the block calls what it is given with the step's outcome."""
    started = time.monotonic()
    progress.start(title, total)

    def finish(outcome: str) -> None:
        run.seconds[title] = round(time.monotonic() - started, 2)
        progress.finish(outcome, run.seconds[title])

    try:
        yield finish
    except BaseException:
        progress.fail(time.monotonic() - started)
        raise


def _tally(results: list[CheckResult], noun: str) -> str:
    counts = Counter(result.status for result in results)
    others = [f"{counts[status]} {status}" for status in (checks.WARNED, checks.SKIPPED) if counts[status]]
    return ", ".join([f"{counts[checks.PASSED]} {noun} passed", *others])


def _branches(warehouse: Path) -> dict[str, str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select branch_code::varchar, city_code::varchar from raw.branches order by all").fetchall()
    return {branch: city for branch, city in rows if branch is not None}


def _as_of_date(warehouse: Path) -> str | None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        latest = connection.execute("select max(as_of_date) from marts.fct_weekly_alerts").fetchone()[0]
    return str(latest) if latest else None


def _commit(project_dir: Path) -> str | None:
    """The checked-out commit; None outside a git clone."""
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project_dir, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None if found.returncode == 0 else None
