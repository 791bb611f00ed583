"""dbt inside this process: the project's layers, builds of one layer, and what went wrong in plain words."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from churn_warning import checks
from churn_warning.checks import CheckResult
from churn_warning.errors import ChecksFailed, RunnerError, WrongUse
from churn_warning.profile import Built, Profile, Spilling
from churn_warning.settings import Settings

# Layer -> folders of models/ that belong to it. A run builds and checks them in this order.
LAYERS = {
    "seeds": (),
    "staging": ("staging",),
    "indicators": ("intermediate", "indicators"),
    "marts": ("scoring", "marts"),
}
_ORDER = list(LAYERS)
_LAYER_OF_FOLDER = {folder: layer for layer, folders in LAYERS.items() for folder in folders}
_BUILT = ("model", "seed", "snapshot")
# A test on this model is a check of the feeds.
_FEED_GAPS = "int_feed_gaps"
# Generic test -> why it is made, where the project does not say it at the test itself.
_REASONS = {
    "not_null": "{columns}: filled in every row; whatever reads the table relies on it.",
    "unique": "One row per {columns}; a second one would count twice.",
    "at_most_one_row_per": "One row per {columns}, since a second one would count twice{also}.",
    "rows_are_sound": "Every row is filled in, there once, within its bounds, and refers to rows that exist; the rules rely on it.",
    "relationships": "{columns}: found in the table that it refers to; a row without it would get lost in joins.",
}
_ACTIONS = {
    "seeds": "Correct these rows of the seed's file, then run again.",
    "staging": "Run the test's SQL to see the rows. They should have been quarantined or merged: report it with the run's logs.",
}
# dbt's events that the runner listens to; besides them only warnings and errors go anywhere, into dbt.log.
_OPERATION_FAILED = ("RunningOperationCaughtError", "RunningOperationUncaughtError")
_STARTED, _FINISHED = "NodeStart", "NodeFinished"
_HEARD = {*_OPERATION_FAILED, _STARTED, _FINISHED}
_DEFECT = "Run the test's SQL to see the rows. This is a defect of the project: report it with the run's logs."


@dataclass
class Layer:
    """One step of a run: the unique ids of its models or seeds, and of the tests that can run after it."""

    name: str
    models: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


class DbtProject:
    """The dbt project of a run.

    dbt runs in this process and reads the settings from the environment (see Settings.exported). It keeps the DuckDB
    file open; call close() before anything else opens it.

    Attributes:
        built: Names of the models and seeds that were built so far.
        profile: What they and the tests cost.
    """

    def __init__(self, settings: Settings) -> None:
        os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        self._settings = settings
        self._manifest: Any = None
        self._on_finish: Callable[[str], None] | None = None
        self._operation_errors: list[str] = []
        self._spilling = Spilling(settings.warehouse.with_name(settings.warehouse.name + ".tmp"))
        self.built: set[str] = set()
        self.profile = Profile()

    @property
    def warehouse(self) -> Path:
        return self._settings.warehouse

    def parse(self) -> None:
        """Reads the project.

        Raises:
            WrongUse: The profile or target does not exist.
            ChecksFailed: The project cannot be read.
        """
        self._manifest = self._invoke(["parse"], "The dbt project cannot be read.").result
        for layer in self.layers():
            for id in (*layer.models, *layer.tests):
                # One tag is looked up quickly; several hundred names are compared with every name of the project, for seconds.
                self._manifest.nodes[id].tags.append(_layer_tag(layer))

    def run_operation(self, macro: str) -> None:
        """Runs one macro.

        Raises:
            ChecksFailed: The macro raised an error; its text is the message.
        """
        self._operation_errors = []
        outcome = self._invoke(["run-operation", macro], f"dbt could not run {macro}.")
        if not outcome.success:
            raise self._error("\n".join(self._operation_errors), f"dbt could not run {macro}.")

    def layers(self) -> list[Layer]:
        """All seeds, models and tests by layer; a test belongs to the last layer that it looks at.

        Empty before parse().
        """
        if self._manifest is None:
            return []
        layers = {name: Layer(name) for name in _ORDER}
        for node in self._manifest.nodes.values():
            if node.resource_type in _BUILT:
                layers[self._layer_of(node)].models.append(node.unique_id)
            elif node.resource_type == "test":
                parents = [self._manifest.nodes[id] for id in node.depends_on.nodes if id in self._manifest.nodes]
                positions = [_ORDER.index(self._layer_of(parent)) for parent in parents if parent.resource_type in _BUILT]
                layers[_ORDER[max(positions)] if positions else "staging"].tests.append(node.unique_id)
        return list(layers.values())

    def build(self, layer: Layer, on_finish: Callable[[str], None]) -> list[CheckResult]:
        """Builds a layer's tables and runs its tests.

        Args:
            layer: What to build.
            on_finish: Called with the unique id of each table or test when it is done.

        Returns:
            The results of the tests, and one failed result per table that could not be built.
        """
        # Unit tests check the SQL, not this data; `make test` and `dbt build` run them.
        arguments = ["build", "--select", f"tag:{_layer_tag(layer)}", "--indirect-selection", "empty"]
        arguments += ["--exclude-resource-type", "unit_test"]
        if self._settings.full_refresh:
            arguments.append("--full-refresh")
        self._on_finish = on_finish
        try:
            with self._spilling.watched():
                outcome = self._invoke(arguments, f"Layer {layer.name} could not be built.")
        finally:
            self._on_finish = None
        results = []
        for result in outcome.result.results:
            node, status = result.node, str(result.status)
            if getattr(node, "resource_type", "") == "test":
                results.append(self._test_result(layer.name, result))
                self.profile.tests += 1
                self.profile.test_seconds += result.execution_time
            elif status == "success":
                self.built.add(node.name)
                if node.resource_type in _BUILT:
                    spilled = self._spilling.most(node.unique_id)
                    kind = node.get_materialization()
                    self.profile.built.append(Built(node.alias, node.schema, layer.name, kind, result.execution_time, spilled))
            elif status not in ("pass", "skipped"):
                results.append(self._not_built(layer.name, node.name, result.message))
        return results

    def compile(self, folder: str, scratch: Path) -> dict[str, Any]:
        """Compiles the models of a folder, for SQL that is to run elsewhere.

        The warehouse is not opened, and the project's folders get nothing.

        Args:
            folder: Folder of models/.
            scratch: Folder for dbt's own files.

        Returns:
            All nodes of the manifest by unique id; the models of the folder have their compiled_code.

        Raises:
            WrongUse: The profile or target does not exist.
            ChecksFailed: The project cannot be read or compiled.
        """
        target = os.environ.get("DBT_TARGET_PATH") or "target"
        parsed = self._settings.project_dir / target / "partial_parse.msgpack"
        if parsed.is_file():
            # What dbt has read before, so that it reads only what has changed since.
            shutil.copy(parsed, scratch)
        elsewhere, failure = ["--log-path", str(scratch)], "The dbt project cannot be compiled."
        self._manifest = self._invoke([*elsewhere, "parse", "--target-path", str(scratch)], failure).result
        selected = ["--select", f"path:models/{folder},resource_type:model"]
        untouched = ["--no-introspect", "--no-populate-cache", "--target-path", str(scratch)]
        outcome = self._invoke([*elsewhere, "compile", *selected, *untouched], failure)
        if not outcome.success:
            raise self._error("\n".join(result.message or "" for result in outcome.result.results), failure)
        return {**self._manifest.nodes, **{result.node.unique_id: result.node for result in outcome.result.results}}

    def not_run(self, layer: Layer, why: str) -> list[CheckResult]:
        """The results of a layer's tests that were not run: skipped."""
        return [self._check(layer.name, self._manifest.nodes[id], checks.SKIPPED, f"not run: {why}") for id in layer.tests]

    def models_in(self, schema: str) -> list[Any]:
        """The manifest's nodes of all tables of a schema, by name."""
        nodes = [node for node in self._manifest.nodes.values() if node.resource_type in _BUILT and node.schema == schema]
        return sorted(nodes, key=lambda node: node.name)

    def test_path(self, check_code: str) -> Path | None:
        """Where the SQL of a test was written, so that a person can run it and see the failing rows; None: not a dbt test."""
        for node in self._manifest.nodes.values():
            if node.resource_type == "test" and node.name == check_code:
                relative = getattr(node, "compiled_path", None)
                return self._settings.project_dir / relative if relative else None
        return None

    def close(self) -> None:
        """Closes dbt's connections, so that others can open the warehouse file."""
        close_connections()

    def _invoke(self, arguments: list[str], failure: str) -> Any:
        from dbt.cli.main import dbtRunner

        _hear_only(_HEARD)
        project = str(self._settings.project_dir)
        common = ["--project-dir", project, "--profiles-dir", project, "--target", self._settings.target]
        quiet = ["--log-level", "none", "--log-level-file", "warn", "--no-print", "--no-use-colors", "--no-write-json"]
        runner = dbtRunner(manifest=self._manifest, callbacks=[self._on_event])
        self._settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        outcome = runner.invoke([*quiet, *arguments, *common])
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if outcome.exception is not None:
            raise self._error(str(outcome.exception), failure)
        return outcome

    def _error(self, text: str, failure: str) -> RunnerError:
        """What dbt said, as an error that says what to do."""
        text = clean_message(text)
        if "does not have a target named" in text:
            profiles = self._settings.project_dir / "profiles.yml"
            return WrongUse(text, where=str(profiles), next_step="Choose one of these with --target.")
        if text.startswith(("Raw contract:", "As-of date:")):
            return ChecksFailed(text)
        return ChecksFailed(f"{failure}\n{text}")

    def _on_event(self, event: Any) -> None:
        if event.info.name in _OPERATION_FAILED:
            # The result of an operation does not hold the text of its error.
            self._operation_errors.append(event.data.exc)
        elif event.info.name == _STARTED:
            self._spilling.started(event.data.node_info.unique_id)
        elif event.info.name == _FINISHED:
            self._spilling.finished(event.data.node_info.unique_id)
            if self._on_finish is not None:
                self._on_finish(event.data.node_info.unique_id)

    def _layer_of(self, node: Any) -> str:
        if node.resource_type == "seed":
            return "seeds"
        return _LAYER_OF_FOLDER.get(node.fqn[1], "marts")

    def _test_result(self, layer: str, result: Any) -> CheckResult:
        status = {
            "pass": checks.PASSED,
            "warn": checks.WARNED,
            "skipped": checks.SKIPPED,
        }.get(str(result.status), checks.FAILED)
        if status == checks.SKIPPED:
            observed = "not run: a table or test before it failed"
        elif str(result.status) == "error":
            observed = f"could not run: {clean_message(result.message)}"
        else:
            observed = "1 row" if result.failures == 1 else f"{result.failures or 0} rows"
        return self._check(layer, result.node, status, observed)

    def _check(self, layer: str, node: Any, status: str, observed: str) -> CheckResult:
        meta = node.config.meta or {}
        return CheckResult(
            layer=layer,
            table_name=self._tested_table(node),
            check_code=node.name,
            check_kind="feed" if any(parent.endswith(f".{_FEED_GAPS}") for parent in node.depends_on.nodes) else "dbt",
            severity=checks.WARNING if str(node.config.severity).lower() == "warn" else checks.CRITICAL,
            status=status,
            observed=observed,
            expected="0 rows",
            reason=node.description or meta.get("reason") or _generic_reason(node),
            action=meta.get("action") or _ACTIONS.get(layer, _DEFECT),
        )

    def _not_built(self, layer: str, table: str, message: str | None) -> CheckResult:
        return CheckResult(
            layer=layer,
            table_name=table,
            check_code=f"{table}.is_built",
            check_kind="dbt",
            severity=checks.CRITICAL,
            status=checks.FAILED,
            observed=f"could not be built: {clean_message(message)}",
            expected="built",
            reason="Nothing that reads this table can be built without it.",
            action=f"The SQL that ran is in {self._settings.log_dir / 'dbt.log'}.",
        )

    def _tested_table(self, test: Any) -> str:
        """A generic test names its table; a singular test is filed under the last one that it reads."""
        attached = getattr(test, "attached_node", None)
        names = [id.rsplit(".", 1)[-1] for id in ([attached] if attached else test.depends_on.nodes)]
        return names[-1] if names else ""


def close_connections() -> None:
    """Closes what dbt keeps open in this process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import cleanup_connections

    cleanup_connections()
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        # Now, and not when the last Python reference to it goes.
        environment.close()
    DuckDBConnectionManager.close_all_connections()


def _hear_only(names: set[str]) -> None:
    """Lets dbt make messages only of warnings, errors and the named events: it makes some forty for each table, for seconds of a run."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    class Heard(EventManager):
        def fire_event(self, e: BaseEvent, level: EventLevel | None = None, *arguments: Any, **named: Any) -> None:
            if type(e).__name__ in names or (level or e.level_tag()) in (EventLevel.WARN, EventLevel.ERROR):
                super().fire_event(e, level, *arguments, **named)

    ctx_set_event_manager(Heard())


def _layer_tag(layer: Layer) -> str:
    return f"layer_of_run_{layer.name}"


def _generic_reason(test: Any) -> str:
    """What a generic test guards, from its kind and columns; a test of a kind that nobody described names itself."""
    metadata = getattr(test, "test_metadata", None)
    if metadata is None or metadata.name not in _REASONS:
        return f"Test {test.name} finds no rows."
    columns = metadata.kwargs.get("columns") or [metadata.kwargs.get("column_name")]
    also = ""
    if filled := metadata.kwargs.get("filled"):
        also += f"; filled in every row: {', '.join(filled)}"
    if accepted := metadata.kwargs.get("accepted"):
        also += f"; only values that the rules know, since any other would fall through them: {', '.join(accepted)}"
    return _REASONS[metadata.name].format(columns=", ".join(map(str, columns)), also=also)


def clean_message(text: str | None) -> str:
    """dbt's error text without its own prefixes and call stack."""
    lines = (text or "").replace("\r", "").split("\n")
    kept = [
        line.strip() if line.strip().startswith("- ") else line.rstrip()
        for line in lines
        if line.strip() and not re.match(r"^\s*> (in|called by) ", line)
    ]
    if len(kept) > 1 and re.match(r"^(Compilation|Runtime|Database|Parsing|Validation) Error( in .*)?$", kept[0].strip()):
        kept = kept[1:]
    indent = min((len(line) - len(line.lstrip()) for line in kept if not line.startswith("- ")), default=0)
    return "\n".join(line if line.startswith("- ") else line[indent:] for line in kept).strip()
