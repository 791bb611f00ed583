"""Scores the stored indicators again with other seeds, by the project's own scoring models, without changing anything.

The models are compiled by dbt and run in a database in memory that has the warehouse's name: inside it the seeds and the
scoring tables are new, everything else is a view on the warehouse file, which is opened read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from churn_warning import lock
from churn_warning.dbt_project import DbtProject
from churn_warning.errors import AlreadyRunning, RunnerError, WrongUse
from churn_warning.settings import Settings
from churn_warning.sql import literal, memory_limit

# The model that a week's level comes from; whatever else of models/scoring it needs is scored with it.
_GOAL = "alert_levels_at_date"
# The warehouse as it is, beside the database in memory that stands in for it.
STORED = "stored_warehouse"
_IN_USE = "Could not set lock on file"


@dataclass(frozen=True)
class Relation:
    """A table that the compiled SQL reads or makes.

    Attributes:
        name: Its name in the warehouse.
        schema: Its schema there.
        rendered: As the SQL writes it.
        kept: The table, as schema and name, that keeps the rows of all runs; a run's own table has those that it built.
        sql: The SQL that makes it; empty for a table that is only read.
    """

    name: str
    schema: str
    rendered: str
    kept: tuple[str, str]
    sql: str = ""


@dataclass(frozen=True)
class Scoring:
    """The compiled scoring.

    Attributes:
        database: Name of the database in the compiled SQL.
        models: The scoring models in the order in which they are built.
        seeds: The seeds that they read.
        inputs: The other tables that they read.
        shared_seeds: Seeds that tables before the scoring are built with as well.
        parents: Scoring model -> the models and seeds that it reads.
    """

    database: str
    models: list[Relation]
    seeds: list[Relation]
    inputs: list[Relation]
    shared_seeds: set[str]
    parents: dict[str, set[str]]

    def untouched(self, seeds: set[str]) -> set[str]:
        """The scoring models that depend on none of these seeds, however indirectly."""
        untouched: set[str] = set()
        # Each model comes after those that it reads.
        for model in self.models:
            scored = self.parents[model.name] & self.parents.keys()
            if not self.parents[model.name] & seeds and scored <= untouched:
                untouched.add(model.name)
        return untouched

    def needed(self, goals: set[str], given: set[str]) -> set[str]:
        """The scoring models that the goals are made of, those included; what is given is made of nothing."""
        needed: set[str] = set()
        waiting = list(goals)
        while waiting:
            name = waiting.pop()
            if name in self.parents and name not in needed:
                needed.add(name)
                waiting += [] if name in given else self.parents[name]
        return needed


def compile_scoring(settings: Settings, scratch: Path) -> Scoring:
    """Compiles the scoring models and finds what they need.

    Args:
        settings: Which project, and the warehouse whose name the SQL is to use.
        scratch: Folder for dbt's own files.

    Raises:
        WrongUse, ChecksFailed: The project cannot be compiled.
    """
    with settings.exported("weights-diff"):
        nodes = DbtProject(settings).compile("scoring", scratch)
    goal = next(node for node in nodes.values() if node.resource_type == "model" and node.name == _GOAL)
    ordered: dict[str, Any] = {}

    def visit(node: Any) -> None:
        if node.unique_id in ordered:
            return
        if _is_scored(node):
            for parent in node.depends_on.nodes:
                visit(nodes[parent])
        ordered[node.unique_id] = node

    visit(goal)
    found = list(ordered.values())
    return Scoring(
        database=goal.database,
        models=[_relation(node, nodes) for node in found if _is_scored(node)],
        seeds=[_relation(node, nodes) for node in found if node.resource_type == "seed"],
        inputs=[_relation(node, nodes) for node in found if node.resource_type != "seed" and not _is_scored(node)],
        shared_seeds={
            nodes[parent].name
            for node in nodes.values()
            # models/intermediate/build only decides what a run builds again.
            if node.resource_type == "model" and node.fqn[1] not in ("scoring", "marts") and node.fqn[2] != "build"
            for parent in node.depends_on.nodes
            if parent in nodes and nodes[parent].resource_type == "seed"
        },
        parents={
            node.alias: {nodes[parent].alias for parent in node.depends_on.nodes if parent in nodes} for node in found if _is_scored(node)
        },
    )


@contextmanager
def stand_in(scoring: Scoring, settings: Settings, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that stands in for the warehouse, whose file is attached read-only as STORED.

    Raises:
        AlreadyRunning: A run is at work on the warehouse.
        RunnerError: The warehouse cannot be opened.
    """
    config = {
        "threads": "2",
        "memory_limit": memory_limit(),
        "temp_directory": str(scratch / "spilled"),
        "preserve_insertion_order": "false",
    }
    with duckdb.connect(config=config) as connection:
        attach_warehouse(connection, settings)
        connection.execute(f"attach if not exists ':memory:' as \"{scoring.database}\"")
        for schema in {relation.schema for relation in (*scoring.models, *scoring.seeds, *scoring.inputs)}:
            connection.execute(f'create schema if not exists "{scoring.database}"."{schema}"')
        yield connection


def attach_warehouse(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Attaches the warehouse file read-only as STORED.

    Raises:
        AlreadyRunning: A run is at work on it.
        WrongUse: There is none.
        RunnerError: It cannot be opened.
    """
    if not settings.warehouse.is_file():
        raise WrongUse(
            "There is no warehouse to take the indicators from.",
            where=str(settings.warehouse),
            next_step="Run first: churn-warning run; or name the warehouse file with --warehouse.",
        )
    if pid := lock.holder(settings.lock_file):
        raise AlreadyRunning(
            f"A run is at work on the warehouse (process {pid}), which nobody else can read meanwhile.",
            where=str(settings.warehouse),
            next_step="Wait until it is done, then compare again.",
        )
    try:
        connection.execute(f"attach {literal(settings.warehouse)} as {STORED} (read_only)")
    except duckdb.Error as error:
        in_use = _IN_USE in str(error)
        raise RunnerError(
            "The warehouse file is open in another program." if in_use else f"The warehouse file cannot be opened: {error}",
            where=str(settings.warehouse),
            next_step="Close that program, then compare again." if in_use else "Run again: churn-warning run",
        ) from None


def limit_inputs(
    connection: duckdb.DuckDBPyConnection,
    scoring: Scoring,
    week: date,
    branch: str | None = None,
    only: str | None = None,
    given: frozenset[str] = frozenset(),
    indicators: frozenset[str] | None = None,
) -> None:
    """Makes the tables that the scoring reads: views on the warehouse, limited to one Sunday.

    Args:
        connection: From stand_in().
        scoring: What is scored.
        week: The Sunday. One at a time: of a few millions of observations the hits would not fit into memory.
        branch: Code of the only branch; None: all.
        only: Table of the only observations (as_of_date, subscriber_id); None: all.
        given: Scoring models that are not made again but read as they are stored.
        indicators: Codes of the only indicators, one at least; None: all.
    """
    for relation in [*scoring.inputs, *(model for model in scoring.models if model.name in given)]:
        columns = {row[0] for row in connection.execute(f"describe {stored(relation)}").fetchall()}
        query = f"select * from {stored(relation)} as input"
        if only and {"as_of_date", "subscriber_id"} <= columns:
            query += (
                f" semi join (select * from {only} where as_of_date = date '{week}') as chosen using (as_of_date, subscriber_id)"
            )
        elif branch and {"as_of_date", "subscriber_id"} <= columns:
            observations = f"select as_of_date, subscriber_id from {STORED}.intermediate.int_observations"
            query += f" semi join ({observations} where branch_code = {literal(branch)}) as chosen using (as_of_date, subscriber_id)"
        if "as_of_date" in columns:
            query += f" where input.as_of_date = date '{week}'"
            if indicators is not None and "indicator_code" in columns:
                query += f" and input.indicator_code in ({', '.join(map(literal, sorted(indicators)))})"
        connection.execute(f"create or replace view {relation.rendered} as {query}")


def score(
    connection: duckdb.DuckDBPyConnection,
    scoring: Scoring,
    seeds: str,
    kept: dict[str, str],
    last: str = _GOAL,
    given: frozenset[str] = frozenset(),
) -> None:
    """Scores the limited inputs with the seeds that are tables of a schema.

    Args:
        connection: From stand_in(), with limited inputs.
        scoring: What is scored.
        seeds: The schema.
        kept: Model -> table that gets its rows, beside those that it already has.
        last: The last model that is made.
        given: Models that are read as they are stored; as for limit_inputs().
    """
    needed = scoring.needed({last, *kept}, set(given))
    connection.execute("create schema if not exists scratch")
    for relation in scoring.seeds:
        connection.execute(f'create or replace view {relation.rendered} as select * from memory."{seeds}"."{relation.name}"')
    for model in scoring.models:
        if model.name in needed and model.name not in given:
            made = f'memory.scratch."{model.name}"'
            connection.execute(f"create or replace table {made} as {model.sql}")
            connection.execute(f"create or replace view {model.rendered} as select * from {made}")
        if model.name in kept:
            connection.execute(f"create table if not exists {kept[model.name]} as select * from {model.rendered} limit 0")
            connection.execute(f"insert into {kept[model.name]} select * from {model.rendered}")
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = 'memory' and schema_name = 'scratch'"
    ).fetchall():
        connection.execute(f'drop table memory.scratch."{name}"')


def _is_scored(node: Any) -> bool:
    return node.resource_type == "model" and node.fqn[1] == "scoring"


def _relation(node: Any, nodes: dict[str, Any]) -> Relation:
    keeper = (node.config.meta or {}).get("kept_in")
    kept = next((one for one in nodes.values() if one.resource_type == "model" and one.name == keeper), node)
    return Relation(node.alias, node.schema, node.relation_name, (kept.schema, kept.alias), getattr(node, "compiled_code", None) or "")


def stored(relation: Relation) -> str:
    """The relation as it is in the warehouse, with the rows of all runs."""
    schema, name = relation.kept
    return f'{STORED}."{schema}"."{name}"'
