"""dbt inside this process: the project's layers, builds of one layer, and what went wrong in plain words."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from churn_warning import checks
from churn_warning.checks import CheckResult
from churn_warning.errors import ChecksFailed, RunnerError, WrongUse
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
_SHOWN_FAILURES = 5
# A test on this model is a check of the feeds.
_FEED_GAPS = "int_feed_gaps"


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
    """

    def __init__(self, settings: Settings) -> None:
        os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        self._settings = settings
        self._manifest: Any = None
        self._on_finish: Callable[[str], None] | None = None
        self._operation_errors: list[str] = []

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
        """All seeds, models and tests by layer; a test belongs to the last layer that it looks at."""
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
            The results of the tests.

        Raises:
            ChecksFailed: A table could not be built. (Failed tests are returned, not raised.)
        """
        # Unit tests check the SQL, not this data; `make test` and `dbt build` run them.
        # The whole dotted name: a bare name would also select every folder that is called so.
        names = ["fqn:" + ".".join(self._manifest.nodes[id].fqn) for id in [*layer.models, *layer.tests]]
        arguments = ["build", "--indirect-selection", "empty", "--exclude-resource-type", "unit_test"]
        if self._settings.full_refresh:
            arguments.append("--full-refresh")
        self._on_finish = on_finish
        try:
            outcome = self._invoke(arguments, f"Layer {layer.name} could not be built.", select=tuple(names))
        finally:
            self._on_finish = None
        broken, results = [], []
        for result in outcome.result.results:
            kind = getattr(result.node, "resource_type", "")
            if kind == "test":
                results.append(self._check_result(layer.name, result))
            elif result.status not in ("success", "pass", "skipped"):
                broken.append(f"{result.node.name}: {clean_message(result.message)}")
        if broken:
            more = [f"... and {len(broken) - _SHOWN_FAILURES} more"] if len(broken) > _SHOWN_FAILURES else []
            raise ChecksFailed(
                "\n".join(["Tables could not be built:", *broken[:_SHOWN_FAILURES], *more]),
                where=f"layer {layer.name}",
                next_step=f"The SQL that ran is in {self._settings.log_dir / 'dbt.log'}.",
            )
        return results

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

    def _invoke(self, arguments: list[str], failure: str, **options: Any) -> Any:
        from dbt.cli.main import dbtRunner

        project = str(self._settings.project_dir)
        common = ["--project-dir", project, "--profiles-dir", project, "--target", self._settings.target]
        quiet = ["--log-level", "none", "--log-level-file", "info", "--no-print", "--no-use-colors"]
        runner = dbtRunner(manifest=self._manifest, callbacks=[self._on_event])
        self._settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        outcome = runner.invoke([*quiet, *arguments, *common], **options)
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if outcome.exception is not None:
            raise self._error(str(outcome.exception), failure)
        return outcome

    def _error(self, text: str, failure: str) -> RunnerError:
        """What dbt said, as an error that says what to do."""
        text = clean_message(text)
        if "Could not set lock on file" in text:
            return ChecksFailed(
                "The warehouse file is open in another program.",
                where=str(self._settings.warehouse),
                next_step="Close that program (for example a dbt or DuckDB session), then run again.",
            )
        if "does not have a target named" in text:
            profiles = self._settings.project_dir / "profiles.yml"
            return WrongUse(text, where=str(profiles), next_step="Choose one of these with --target.")
        if text.startswith(("Raw contract:", "As-of date:")):
            return ChecksFailed(text)
        return ChecksFailed(f"{failure}\n{text}")

    def _on_event(self, event: Any) -> None:
        if event.info.name in ("RunningOperationCaughtError", "RunningOperationUncaughtError"):
            # The result of an operation does not hold the text of its error.
            self._operation_errors.append(event.data.exc)
        elif self._on_finish is not None and event.info.name == "NodeFinished":
            self._on_finish(event.data.node_info.unique_id)

    def _layer_of(self, node: Any) -> str:
        if node.resource_type == "seed":
            return "seeds"
        return _LAYER_OF_FOLDER.get(node.fqn[1], "marts")

    def _check_result(self, layer: str, result: Any) -> CheckResult:
        node = result.node
        status = {
            "pass": checks.PASSED,
            "warn": checks.WARNED,
            "skipped": checks.SKIPPED,
        }.get(str(result.status), checks.FAILED)
        meta = node.config.meta or {}
        if status == checks.SKIPPED:
            observed = "not run: a table before it failed"
        elif str(result.status) == "error":
            observed = f"could not run: {clean_message(result.message)}"
        else:
            observed = f"{result.failures or 0} rows"
        return CheckResult(
            layer=layer,
            table_name=self._tested_table(node),
            check_code=node.name,
            check_kind="feed" if any(parent.endswith(f".{_FEED_GAPS}") for parent in node.depends_on.nodes) else "dbt",
            severity=checks.WARNING if str(node.config.severity).lower() == "warn" else checks.CRITICAL,
            status=status,
            observed=observed,
            expected="0 rows",
            reason=node.description or meta.get("reason", ""),
            action=meta.get("action", ""),
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
    DuckDBConnectionManager.close_all_connections()
    # The database is closed when its last Python reference goes.
    gc.collect()


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
