"""Whatever the project makes is described, and whatever is described exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb
import pytest
from conftest import REPOSITORY, FinishedRun
from dbt.cli.main import dbtRunner

# {% macro name(first, second='x') %} and {% test ... %}; a default of ours holds no parenthesis.
SIGNATURE = re.compile(r"\{%-?\s*(?:(?:macro|test)\s+\w+\(([^)]*)\)|materialization\s+\w+,)")


class Documentation:
    """What dbt's manifest says of this project, and the columns that a build of it really has."""

    def __init__(self, manifest: dict, columns: dict[tuple[str, str], list[str]]) -> None:
        self.manifest = manifest
        self._columns = columns

    def nodes(self, *types: str) -> Iterator[dict]:
        """The nodes of this project of the given resource types."""
        for node in [*self.manifest["nodes"].values(), *self.manifest["sources"].values()]:
            if node["package_name"] == "churn_warning" and node["resource_type"] in types:
                yield node

    def macros(self) -> Iterator[dict]:
        """The macros and generic tests of this project."""
        return (macro for macro in self.manifest["macros"].values() if macro["package_name"] == "churn_warning")

    def built_columns(self, node: dict) -> list[str]:
        """The columns of a model's, seed's or snapshot's relation, in order; empty if it was not built."""
        return self._columns.get((node["schema"], node["alias"]), [])


@pytest.fixture(scope="module")
def documentation(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Documentation:
    target = tmp_path_factory.mktemp("documentation")
    arguments = ["--project-dir", finished_run.project, "--profiles-dir", finished_run.project, "--target-path", target]
    parsed = dbtRunner().invoke(["--quiet", "--log-path", str(target), "parse", *map(str, arguments)])
    assert parsed.success, parsed.exception
    columns: dict[tuple[str, str], list[str]] = {}
    with duckdb.connect(str(finished_run.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " order by table_schema, table_name, ordinal_position"
        )
        for schema, table, column in found.fetchall():
            columns.setdefault((schema, table), []).append(column)
    return Documentation(json.loads((target / "manifest.json").read_text(encoding="utf-8")), columns)


def _is_blank(thing: dict) -> bool:
    return not (thing.get("description") or "").strip()


def test_every_model_seed_snapshot_and_raw_table_is_described(documentation: Documentation) -> None:
    undescribed = [node["unique_id"] for node in documentation.nodes("model", "seed", "snapshot", "source") if _is_blank(node)]
    assert not undescribed, f"give these a description in the _*.yml file of their folder: {undescribed}"


def test_every_column_is_described(documentation: Documentation) -> None:
    undescribed = []
    for node in documentation.nodes("model", "seed", "snapshot"):
        described = {name for name, column in node["columns"].items() if not _is_blank(column)}
        undescribed += [f"{node['name']}.{name}" for name in documentation.built_columns(node) if name not in described]
    for node in documentation.nodes("source"):
        undescribed += [f"{node['name']}.{name}" for name, column in node["columns"].items() if _is_blank(column)]
    assert not undescribed, f"give these columns a description in the _*.yml file of their folder: {undescribed}"


def test_every_described_column_exists(documentation: Documentation) -> None:
    not_found = []
    for node in documentation.nodes("model", "seed", "snapshot"):
        built = documentation.built_columns(node)
        assert built, f"{node['name']} was not built"
        not_found += [f"{node['name']}.{name}" for name in node["columns"] if name not in built]
    assert not not_found, f"these columns are described but do not exist; remove or rename them: {not_found}"


def test_every_model_says_whether_it_contains_personal_data(documentation: Documentation) -> None:
    silent = [
        node["name"] for node in documentation.nodes("model") if not isinstance(node["config"]["meta"].get("contains_pii"), bool)
    ]
    assert not silent, f"set config.meta.contains_pii to true or false for these models: {silent}"


def test_only_views_of_delivered_rows_contain_clear_personal_data(documentation: Documentation) -> None:
    personal = {
        source["name"]: [name for name, column in source["columns"].items() if column["config"]["meta"].get("pii")]
        for source in documentation.nodes("source")
    }
    expected = {f"chk_{table}" for table, columns in personal.items() if columns}
    marked = {node["name"] for node in documentation.nodes("model") if node["config"]["meta"].get("contains_pii")}
    assert marked == expected, f"contains_pii is wrong for {sorted(marked ^ expected)}"
    named = {column for columns in personal.values() for column in columns}
    leaking = [
        f"{node['name']}.{name}"
        for node in documentation.nodes("model")
        if node["name"] not in expected
        for name in documentation.built_columns(node)
        if name in named
    ]
    assert not leaking, f"these columns have the name of clear personal data; mask or hash them in staging: {leaking}"


def test_every_macro_and_its_arguments_are_described(documentation: Documentation) -> None:
    problems = []
    for macro in documentation.macros():
        name = macro["name"]
        if _is_blank(macro):
            problems.append(f"{name}: no description")
        if name.startswith("materialization_"):
            continue  # takes no arguments
        signature = SIGNATURE.search(macro["macro_sql"])
        assert signature, f"{name}: no signature found in its SQL"
        arguments = [part.split("=")[0].strip() for part in (signature.group(1) or "").split(",") if part.strip()]
        described = [argument["name"] for argument in macro["arguments"]]
        is_dispatched = re.match(r"(default|duckdb|spark)__", name) and not described
        if not is_dispatched and described != arguments:
            problems.append(f"{name}: takes {arguments}, but {described} are described")
        problems += [f"{name}: no description of {argument['name']}" for argument in macro["arguments"] if _is_blank(argument)]
    assert not problems, "describe them in macros/_macros.yml:\n" + "\n".join(problems)


def test_every_test_that_the_docs_promise_exists() -> None:
    promised = set(re.findall(r"`([a-z0-9_]{20,})`", (REPOSITORY / "docs/reliability.md").read_text(encoding="utf-8")))
    sources = [path for folder in ("tests", "models") for path in (REPOSITORY / folder).rglob("*") if path.suffix in (".py", ".yml", ".sql")]
    existing = {path.stem for path in sources}
    for path in sources:
        found = re.findall(r"def (test_\w+)\(|^ *- name: (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        existing.update(name for names in found for name in names)
    assert promised
    assert promised <= existing
