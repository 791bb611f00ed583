"""Planted names, numbers, addresses and certificates are found in no table after the raw files, nor in anything else that a run leaves behind."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import REAL_DATA_KEY, REPOSITORY, churn_warning
from hostile import CONTRACT, KEYS

from churn_warning.demo_data.generator import MARKER_NAME

PII = {table: [name for name, (_, meta) in columns.items() if meta.get("pii")] for table, columns in CONTRACT.items()}
# What stands in a name, address or certificate behind its first character.
WORDS = {"customer_name": "名标记", "group_name": "团标记", "manager_name": "理标记", "address": "址标记路", "certificate_no": "2101021990"}
# A number and a name where neither belongs, in rows that the rules set aside.
STRAY_NUMBER, STRAY_NAME = "13711112222", "王名标记"
FREE_TEXTS = {"plans": "plan_name", "device_models": "brand", "branches": "branch_name", "subscribers": "brand_code"}


def plant(raw: Path) -> set[str]:
    """Makes every personal value of the tables one that can be searched for; returns all numbers."""
    numbers = {STRAY_NUMBER}
    with duckdb.connect() as connection:
        for table, columns in CONTRACT.items():
            files = sorted(raw.glob(f"{table}.parquet")) + sorted(raw.glob(f"{table}/**/*.parquet"))
            changed = dict.fromkeys(PII[table])
            for column in PII[table]:
                changed[column] = f"'隐{WORDS[column]}' || (row_number() over ())" if column in WORDS else None
            stray = {}
            for column, (type_, meta) in columns.items():
                if meta.get("accepted") or meta.get("accepted_seed"):
                    stray[column] = STRAY_NUMBER if len(stray) % 2 else STRAY_NAME
                elif type_ != "varchar" and column not in KEYS[table] and column not in ("updated_at",):
                    stray[column] = STRAY_NAME if len(stray) % 2 else STRAY_NUMBER + "9" * 20
            if FREE_TEXTS.get(table) and stray:
                stray[FREE_TEXTS[table]] = STRAY_NUMBER
            for position, file in enumerate(files):
                for column in PII[table]:
                    if column not in WORDS:
                        found = connection.execute(f"select distinct {column} from read_parquet(?) where {column} is not null", [str(file)])
                        numbers |= {number.removeprefix("+86") for (number,) in found.fetchall()}
                replaced = [f"{value} as {column}" for column, value in changed.items() if value]
                replacing = f"replace ({', '.join(replaced)})" if replaced else ""
                select = f"select * {replacing} from read_parquet('{file}')"
                if position == len(files) - 1 and stray:
                    texts = ", ".join(f"cast({column} as varchar) as {column}" for column in stray)
                    values = ", ".join(f"'{text}' as {column}" for column, text in stray.items())
                    select = f"select * replace ({texts}) from ({select}) union all by name (select * replace ({values}) from ({select}) limit 1)"
                new = file.with_suffix(".new")
                connection.execute(f"copy ({select}) to '{new}' (format parquet)")
                new.replace(file)
    # Short codes and service numbers are nobody's.
    return {number for number in numbers if len(number) == 11}


def leaks(text: str, numbers: set[str]) -> set[str]:
    """The planted values in a text, and the key. Numbers have 11 digits and may be part of a longer run of them."""
    parts = (run[at : at + 11] for run in re.findall(r"[0-9]{11,}", text) for at in range(len(run) - 10))
    return numbers.intersection(parts) | {word for word in (*WORDS.values(), REAL_DATA_KEY) if word in text}


def texts_of_database(path: Path) -> Iterator[tuple[str, str]]:
    """All text of all tables but the views on the raw files."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute("""
            select schema_name, table_name, column_name from duckdb_columns() join duckdb_tables() using (schema_name, table_name)
            where data_type = 'VARCHAR'
        """).fetchall()
        assert columns
        for schema, table, column in columns:
            rows = connection.execute(f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null').fetchall()
            yield f"{schema}.{table}.{column}", "\n".join(value for (value,) in rows)


def texts_of_files(*folders: Path) -> Iterator[tuple[str, str]]:
    """Every file: Parquet and databases by their values, and all by their bytes, deleted blocks included."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            if path.suffix == ".parquet":
                with duckdb.connect() as connection:
                    rows = connection.execute("select columns(*)::varchar from read_parquet(?)", [str(path)]).fetchall()
                yield str(path), "\n".join(str(value) for row in rows for value in row)
            if path.suffix == ".duckdb":
                yield from texts_of_database(path)
            yield str(path), path.read_bytes().decode("utf-8", errors="ignore")


def test_what_is_planted_is_found(demo_raw: Path, tmp_path: Path) -> None:
    """The search itself can fail."""
    raw = Path(shutil.copytree(demo_raw, tmp_path / "raw"))
    numbers = plant(raw)
    assert len(numbers) > 300
    with duckdb.connect(str(tmp_path / "clear.duckdb")) as connection:
        connection.execute("create table customers as select * from read_parquet(?)", [str(raw / "customers.parquet")])
        connection.execute("create table messages as select '{\"a\":\"' || ? || '\"}' as content", [REAL_DATA_KEY])
    found = {place: leaks(text, numbers) for place, text in texts_of_database(tmp_path / "clear.duckdb")}
    for column in PII["customers"]:
        assert found[f"main.customers.{column}"]
    assert found["main.messages.content"] == {REAL_DATA_KEY}


def test_a_run_that_fails_and_one_that_goes_well_leave_nothing_personal_behind(
    project: Path, raw_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = plant(raw_copy)
    (raw_copy / MARKER_NAME).unlink()
    monkeypatch.setenv("CHURN_WARNING_HASH_KEY", REAL_DATA_KEY)
    left = tmp_path / "left"
    folders = ("--project-dir", project, "--raw-dir", raw_copy, "--warehouse", left / "warehouse.duckdb", "--publish-dir", left / "published")
    arguments = ("run", *folders, "--weeks", 1)

    def assert_nothing_is_left(output: str) -> None:
        found = {place: leaks(text, numbers) for place, text in texts_of_files(left, project / "logs", project / "target")}
        assert {place: sorted(values)[:3] for place, values in found.items() if values} == {}
        assert leaks(output, numbers) == set()

    late = tmp_path / "day=2026-06-28"
    shutil.move(raw_copy / "sms_cdrs" / late.name, late)
    failed = churn_warning(*arguments)
    assert failed.exit_code == 1, failed.output
    assert "sms_cdrs" in failed.output
    assert_nothing_is_left(failed.output)

    shutil.move(late, raw_copy / "sms_cdrs" / late.name)
    done = churn_warning(*arguments)
    assert done.exit_code == 0, done.output
    assert_nothing_is_left(done.output)

    with duckdb.connect(str(left / "published/current/marts.duckdb"), read_only=True) as connection:
        aside = connection.execute("select distinct table_name from dq_quarantine where rule_code in ('code_outside_list', 'not_castable')").fetchall()
        shown = connection.execute("select row_json from dq_quarantine where rule_code = 'not_castable' and table_name = 'bills'").fetchall()
        masked = connection.execute("select distinct customer_name_masked from dim_customers").fetchall()
    with_strays = {table for table, columns in CONTRACT.items() if any(meta.get("accepted") or type_ != "varchar" for type_, meta in columns.values())}
    assert {table for (table,) in aside} >= with_strays - {"plan_changes", "subscriber_status_events", "devices"}
    assert all("*******" in content for (content,) in shown)
    assert masked == [("隐***",)]


def test_no_model_after_staging_names_a_personal_column() -> None:
    personal = {column for columns in PII.values() for column in columns}
    assert personal == {"customer_name", "contact_phone", "address", "certificate_no", "msisdn", "peer_number", "group_name", "manager_name"}
    word = re.compile(rf"\b({'|'.join(sorted(personal))})\b")
    found = []
    for path in sorted((REPOSITORY / "models").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        is_staging = path.is_relative_to(REPOSITORY / "models/staging")
        takes_everything = re.search(r"(?<!count\()\*\s+from \{\{ (ref\('chk_|source\('raw')", text)
        if not is_staging and (word.search(text) or takes_everything):
            found.append(path.name)
        if is_staging and path.name.startswith("stg_"):
            # In staging it stands only inside a macro that hides it, or is looked up as a service line.
            shown = re.sub(r"\{\{[^}]*\}\}", "", text)
            found += [path.name] if word.search(shown) else []
    assert found == []


def test_no_key_is_personal() -> None:
    assert [(table, column) for table, columns in KEYS.items() for column in columns if column in PII[table]] == []


# Functions that make text safe inside SQL.
QUOTING = {"literal", "identifier"}
# Values that come from outside, by what they are called here.
FROM_OUTSIDE = {
    "path", "folder", "file", "files", "warehouse", "raw_dir", "publish_dir", "project_dir", "as_of", "run_id", "version", "settings", "value", "text", "code",
}  # fmt: skip


def unquoted_values(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Values from outside that stand unquoted in an f-string which is run as SQL, by line."""
    for call in ast.walk(tree):
        runs_sql = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("execute", "executemany", "sql", "query")
        if not runs_sql or not call.args or not isinstance(call.args[0], ast.JoinedStr):
            continue
        for part in call.args[0].values:
            if not isinstance(part, ast.FormattedValue):
                continue
            is_quoted = isinstance(part.value, ast.Call) and isinstance(part.value.func, ast.Name) and part.value.func.id in QUOTING
            names = {node.id for node in ast.walk(part.value) if isinstance(node, ast.Name)} | {
                node.attr for node in ast.walk(part.value) if isinstance(node, ast.Attribute)
            }
            if not is_quoted and names & FROM_OUTSIDE:
                yield call.lineno, ast.unparse(part.value)


def test_no_value_from_outside_is_put_into_sql_unquoted() -> None:
    planted = "connection.execute(f'select * from {identifier(mart)} where a = {run_id} and b = {literal(run_id)}')"
    assert list(unquoted_values(ast.parse(planted))) == [(1, "run_id")]
    package = REPOSITORY / "churn_warning"
    found = [
        (str(source.relative_to(package)), line, value)
        for source in sorted(package.rglob("*.py"))
        for line, value in unquoted_values(ast.parse(source.read_text(encoding="utf-8")))
        # The names of the generator's own files.
        if value != "path.stem"
    ]
    assert found == []


def test_no_macro_puts_a_setting_into_sql_unquoted() -> None:
    """Settings come into SQL through quoted(), or are compared in Jinja, or are checked to be a date or number before."""
    found = []
    for folder in ("macros", "models", "tests"):
        for source in sorted((REPOSITORY / folder).rglob("*.sql")):
            for line in source.read_text(encoding="utf-8").splitlines():
                for variable in re.findall(r"'\{\{ env_var\('(\w+)'[^}]*\}\}", line):
                    found.append((source.name, variable))
    # check_as_of_date has refused what is no date.
    assert {one for one in found if one[1] != "CHURN_WARNING_AS_OF"} == set()
