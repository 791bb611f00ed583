"""Where a run's time went: seconds, rows, bytes and spilled bytes of each table that it built, and what its tests cost.

Kept in run.json under `profile`; `churn-warning doctor --profile` shows it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from churn_warning.errors import WrongUse
from churn_warning.publish import RUN_FILE
from churn_warning.sql import identifier, literal, memory_limit

_SAMPLE_SECONDS = 0.1
_SHOWN_MODELS = 10
_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Built:
    """One table, view or seed that a run built.

    Attributes:
        name: Its name.
        schema: Its schema in the warehouse.
        layer: Layer of the run.
        materialized: table, view, incremental, seed or snapshot.
        seconds: From its start to its end, with what dbt itself takes.
        spilled_bytes: The most that lay in DuckDB's temporary folder while it was built; whatever was built beside it may have its share.
    """

    name: str
    schema: str
    layer: str
    materialized: str
    seconds: float
    spilled_bytes: int


@dataclass
class Profile:
    """What a run has built and tested so far.

    Attributes:
        built: In the order in which it was finished.
        tests: Number of dbt tests.
        test_seconds: Their seconds, added up.
        expectations: Number of expectations.
        expectation_seconds: Seconds of the gates.
    """

    built: list[Built] = field(default_factory=list)
    tests: int = 0
    test_seconds: float = 0.0
    expectations: int = 0
    expectation_seconds: float = 0.0

    def as_json(self, warehouse: Path) -> dict[str, Any]:
        """The profile as run.json holds it.

        Args:
            warehouse: The DuckDB file, which nobody has open for writing; rows and bytes are null if it cannot be read.

        Returns:
            `models`, the slowest first, `tests`, `expectations` and the memory limit of DuckDB.
        """
        sizes = _sizes(warehouse, self.built)
        models = [
            {
                "name": one.name,
                "layer": one.layer,
                "materialized": one.materialized,
                "seconds": round(one.seconds, 3),
                "rows": sizes.get(one.name, (None, None))[0],
                "bytes": sizes.get(one.name, (None, None))[1],
                "spilled_bytes": one.spilled_bytes,
            }
            for one in sorted(self.built, key=lambda one: (-one.seconds, one.name))
        ]
        return {
            "memory_limit": memory_limit(),
            "models": models,
            "tests": {"count": self.tests, "seconds": round(self.test_seconds, 3)},
            "expectations": {"count": self.expectations, "seconds": round(self.expectation_seconds, 3)},
        }


class Spilling:
    """Watches how much DuckDB spills to its temporary folder, and while what was being built.

    The size of the folder is looked at ten times a second, from a thread of its own: to ask DuckDB would need a connection
    beside those that build. What is spilled for less than a tenth of a second may be missed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._most: dict[str, int] = {}
        self._running: set[str] = set()

    def started(self, name: str) -> None:
        """Something begins to be built."""
        with self._lock:
            self._running.add(name)

    def finished(self, name: str) -> None:
        """It is done."""
        with self._lock:
            self._running.discard(name)

    def most(self, name: str) -> int:
        """The most bytes that lay in the folder while this was built."""
        return self._most.get(name, 0)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watches while the block runs."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(_SAMPLE_SECONDS):
            size = _folder_bytes(self._folder)
            if size:
                with self._lock:
                    for name in self._running:
                        self._most[name] = max(size, self._most.get(name, 0))


def show(log_dir: Path, console: Console) -> None:
    """Prints the profile of the last run.

    Raises:
        WrongUse: There is none.
    """
    try:
        run = json.loads((log_dir / RUN_FILE).read_text(encoding="utf-8"))
        profile = run["profile"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongUse("There is no profile of a run.", where=str(log_dir / RUN_FILE), next_step="Run first: churn-warning run") from None
    models = profile["models"]
    tests, expectations = profile["tests"], profile["expectations"]
    console.print(f"Run {run['run_id']} ({run['status']}): {sum(run['seconds'].values()):.1f} s", highlight=False)
    console.print(f"  {len(models)} tables: {sum(model['seconds'] for model in models):.1f} s", highlight=False)
    console.print(f"  {tests['count']} dbt tests: {tests['seconds']:.1f} s", highlight=False)
    console.print(f"  {expectations['count']} expectations: {expectations['seconds']:.1f} s", highlight=False)
    table = Table(title=f"The {min(len(models), _SHOWN_MODELS)} slowest tables", title_justify="left")
    for heading in ("table", "layer", "made as", "seconds", "rows", "size", "spilled"):
        table.add_column(heading, justify="left" if heading in ("table", "layer", "made as") else "right")
    for model in models[:_SHOWN_MODELS]:
        table.add_row(
            model["name"],
            model["layer"],
            model["materialized"],
            f"{model['seconds']:.2f}",
            "-" if model["rows"] is None else f"{model['rows']:,}",
            "-" if model["bytes"] is None else size_text(model["bytes"]),
            f"[yellow]{size_text(model['spilled_bytes'])}[/]" if model["spilled_bytes"] else "no",
        )
    console.print(table)
    spilled = [model for model in models if model["spilled_bytes"]]
    if not spilled:
        console.print(f"Nothing was seen to spill to disk (memory limit {profile['memory_limit']}).", highlight=False)
        return
    names = ", ".join(model["name"] for model in sorted(spilled, key=lambda model: -model["spilled_bytes"]))
    console.print(f"Spilled to disk: {names}", highlight=False)
    console.print(
        f"They did not fit into {profile['memory_limit']}. If the machine has more to give, set CHURN_WARNING_MEMORY_LIMIT,"
        " for example to 8GB; else keep room on the disk of the warehouse.",
        highlight=False,
    )


def size_text(count: int) -> str:
    """A number of bytes as a person reads it."""
    if count >= 1024**3:
        return f"{count / 1024**3:.1f} GiB"
    return f"{count / 1024**2:.1f} MiB" if count >= 1024**2 else f"{count / 1024:.0f} KiB"


def _sizes(warehouse: Path, built: list[Built]) -> dict[str, tuple[int, int]]:
    """Rows, and bytes in the file, by table; views have neither. A block that several small tables share is divided among them."""
    tables = [one for one in built if one.materialized != "view"]
    if not tables:
        return {}
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
            rows = {(schema, name): count for schema, name, count in found}
            tables = [one for one in tables if (one.schema, one.name) in rows]
            blocks = " union all ".join(
                f"select {literal(one.name)} as name, block_id, additional_block_ids"
                f" from pragma_storage_info({literal(f'{identifier(one.schema)}.{identifier(one.name)}')})"
                for one in tables
            )
            query = f"""
                with stored as ({blocks}),
                used as (
                    select name, block_id from stored
                    union
                    select name, unnest(additional_block_ids) as block_id from stored
                ),
                shared as (select name, block_id, count(*) over (partition by block_id) as tables from used where block_id >= 0)
                select name, sum({_BLOCK_BYTES} / tables)::bigint from shared group by name
            """
            bytes_of = dict(connection.execute(query).fetchall()) if tables else {}
            return {one.name: (rows[one.schema, one.name], bytes_of.get(one.name, 0)) for one in tables}
    except duckdb.Error:
        return {}


def _folder_bytes(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries)
    except OSError:
        # There is none as long as nothing is spilled, and files go while they are looked at.
        return 0
