"""Hostile files in the place of every raw table: accepted as they are, or named with file, line, what was found and what to do; never quoted."""

# One case a line reads best in a table, however long the line.
# ruff: noqa: E501

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import REAL_DATA_KEY
from hostile import CONTRACT, KEYS, csv_bytes, valid_delivery, write_csv

from churn_warning import raw_files
from churn_warning.dbt_project import DbtProject
from churn_warning.errors import ChecksFailed
from churn_warning.settings import resolve

SECRET = "王小明13800001111"
ROWS = 3


@dataclass(frozen=True)
class Case:
    """What is made of a valid CSV file, and a part of the message; None: it is read, with this many rows."""

    make: Callable[[bytes], bytes]
    found: str | None
    rows: int = ROWS


def header(content: bytes) -> bytes:
    return content.split(b"\n")[0]


def row(content: bytes) -> bytes:
    return content.split(b"\n")[1]


def with_secret(content: bytes) -> bytes:
    """A further row whose last field is somebody's."""
    return content + row(content).rsplit(b",", 1)[0] + b"," + SECRET.encode() + b"\n"


CSV = {
    "as it should be": Case(lambda csv: csv, None),
    "byte order mark": Case(lambda csv: b"\xef\xbb\xbf" + csv, None),
    "windows line ends": Case(lambda csv: csv.replace(b"\n", b"\r\n"), None),
    "old mac line ends": Case(lambda csv: csv.replace(b"\n", b"\r"), None),
    "no line end at the end": Case(lambda csv: csv[:-1], None),
    "blank lines": Case(lambda csv: csv.replace(b"\n", b"\n\n"), None),
    "everything in quotes": Case(lambda csv: b"\n".join(b'"' + line.replace(b",", b'","') + b'"' for line in csv.split(b"\n")[:-1]) + b"\n", None),
    "line ends inside quotes": Case(lambda csv: csv + row(csv).rsplit(b",", 1)[0] + b',"a\nb\r\nc"\n', None, ROWS + 1),
    "a row that begins with #": Case(lambda csv: csv + b"#" + row(csv) + b"\n", None, ROWS + 1),
    "upper case and spaces in the header": Case(lambda csv: csv.replace(header(csv), header(csv).upper().replace(b",", b" , ")), None),
    "a further column": Case(lambda csv: b"\n".join(line + b",x" for line in csv.split(b"\n")[:-1]), None),
    "columns the other way round": Case(lambda csv: b"\n".join(b",".join(reversed(line.split(b","))) for line in csv.split(b"\n")[:-1]), None),
    "header only": Case(lambda csv: header(csv) + b"\n", None, 0),
    "NUL inside a text": Case(lambda csv: csv + b"a\0b" + row(csv) + b"\n", None, ROWS + 1),
    "empty": Case(lambda csv: b"", "the file is empty"),
    "one line end": Case(lambda csv: b"\n", "the first line is blank"),
    "blank first line": Case(lambda csv: b"\n" + csv, "the first line is blank"),
    "comment above the header": Case(lambda csv: b"# exported today\n" + csv, "holds no column of the table"),
    "no header": Case(lambda csv: csv.split(b"\n", 1)[1], "holds no column of the table"),
    "gbk": Case(lambda csv: (csv + row(csv)).decode().replace("60", "六十").encode("gbk") + b"," + "王".encode("gbk"), "not UTF-8"),
    "latin-1": Case(lambda csv: csv + b"\xe9" + row(csv) + b"\n", f"line {ROWS + 2}: the line is not UTF-8"),
    "utf-16": Case(lambda csv: csv.decode().encode("utf-16"), "UTF-16"),
    "utf-16 without a mark": Case(lambda csv: csv.decode().encode("utf-16-le"), "control character"),
    "cut off by zeros": Case(lambda csv: csv + b"\0" * 5000, "control character"),
    "semicolons": Case(lambda csv: csv.replace(b",", b";"), 'separated by ";"'),
    "tabs": Case(lambda csv: csv.replace(b",", b"\t"), "write commas"),
    "a field too few": Case(lambda csv: with_secret(csv) + row(csv).rsplit(b",", 1)[0] + b"\n", f"line {ROWS + 3}: the row has"),
    "a field too many": Case(lambda csv: with_secret(csv) + row(csv) + b"," + SECRET.encode() + b"\n", f"line {ROWS + 3}: the row has"),
    "late field too few": Case(lambda csv: csv + (row(csv) + b"\n") * 30_000 + SECRET.encode() + b"\n", f"line {ROWS + 30_002}: the row has 1 fields"),
    "quote not closed": Case(lambda csv: csv + b'"' + SECRET.encode() + row(csv) + b"\n", f"line {ROWS + 2}: the quotes"),
    "text behind a quote": Case(lambda csv: csv + b'"' + SECRET.encode() + b'"x' + row(csv) + b"\n", f"line {ROWS + 2}: the quotes"),
    "line ends of two kinds": Case(lambda csv: csv + row(csv) + b"\r\n" + row(csv) + b"\n", "\\r\\n and others with \\n"),
    "a column twice": Case(lambda csv: csv.replace(header(csv), header(csv) + b"," + header(csv).split(b",")[0]).replace(b"\n", b",x\n").replace(b",x\n", b"\n", 1), "2 times"),
    "a column twice in another case": Case(lambda csv: b"\n".join(line + b"," + line.split(b",")[0].upper() for line in csv.split(b"\n")[:-1]), "2 times"),
    "compressed": Case(gzip.compress, "compressed with gzip"),
    "a workbook": Case(lambda csv: b"PK\x03\x04" + csv, "Excel"),
    "parquet by another name": Case(lambda csv: b"PAR1" + csv, "a Parquet file"),
}  # fmt: skip
SLOW_CSV = {
    "a field of 10 MB": Case(lambda csv: csv + b"x" * 10_000_000 + row(csv) + b"\n", f"line {ROWS + 2}: the line is longer"),
    "200,000 columns": Case(lambda csv: csv.replace(header(csv), header(csv) + b",c" * 200_000), "200"),
}


def looked_at(raw: Path, table: str, form: str) -> tuple[list[str], int]:
    """Problems of a table, and its rows, as the contract check asks for them."""
    reader = raw_files.READERS[Path(form).suffix]
    problems = json.loads(raw_files.problems_of_files(str(raw), form, json.dumps([form]), ",".join(CONTRACT[table])))
    if problems:
        return problems, 0
    counted = ", ".join(f'count(*) filter ("{column}" is not null)' for column in CONTRACT[table])
    for query in (f"select * from (describe select * from {reader})", f"select count(*), {counted} from {reader}"):
        answer = json.loads(raw_files.query_files(query, str(raw), json.dumps([form])))
        if "problem" in answer:
            return [answer["problem"]], 0
    return [], answer["rows"][0][0]


def assert_is_clear(problem: str, file: str) -> None:
    assert problem.startswith(file)
    assert "; " in problem, "it has to say what to do"
    assert "\n" not in problem and len(problem) < 600
    assert SECRET not in problem and "13800001111" not in problem


@pytest.mark.parametrize("table", CONTRACT)
def test_a_hostile_csv_file_is_read_or_named(table: str, tmp_path: Path) -> None:
    cases = CSV | (SLOW_CSV if table == "bills" else {})
    wrong = []
    for number, (name, case) in enumerate(cases.items()):
        # A folder or one file: both are ways to deliver.
        form = f"{table}/**/*.csv" if number % 2 else f"{table}.csv"
        file = tmp_path / str(number) / (f"{table}/day=1/part 0.csv" if number % 2 else f"{table}.csv")
        file.parent.mkdir(parents=True)
        file.write_bytes(case.make(csv_bytes(table, ROWS)))
        problems, rows = looked_at(tmp_path / str(number), table, form)
        for problem in problems:
            assert_is_clear(problem, str(file.relative_to(tmp_path / str(number))))
        if case.found is None:
            if problems or rows != case.rows:
                wrong.append((name, problems, rows))
        elif len(problems) != 1 or case.found not in problems[0]:
            wrong.append((name, problems, rows))
    assert wrong == []


def good_parquet(table: str, path: Path) -> bytes:
    columns = {column: pa.array(["1", "2"]) for column in CONTRACT[table]}
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


def damaged(content: bytes) -> bytes:
    """Another content in the first page."""
    return content[:4] + bytes(byte ^ 0xFF for byte in content[4:60]) + content[60:]


def not_utf8(path: Path, table: str) -> None:
    text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.array([0, 14], pa.int32()).buffers()[1], pa.py_buffer(b"\xff13800001111\xff\xff")]
    )
    pq.write_table(pa.table({column: text for column in CONTRACT[table]}), path)


PARQUET: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "empty (0 bytes)"),
    "cut off": (lambda parquet: parquet[:-100], "the end of the file is missing"),
    "text": (lambda _: b"a,b\n1,2\n" * 100, "no Parquet file"),
    "compressed": (gzip.compress, "compressed with gzip"),
    "encrypted": (lambda parquet: b"PARE" + parquet[4:-4] + b"PARE", "encrypted"),
    "other bytes": (lambda _: b"PAR1" + os.urandom(1000) + b"PAR1", "damaged"),
    "damaged inside": (damaged, "damaged"),
}


@pytest.mark.parametrize("table", CONTRACT)
def test_a_hostile_parquet_file_is_named(table: str, tmp_path: Path) -> None:
    good = good_parquet(table, tmp_path / "good.parquet")
    wrong = []
    for number, (name, (make, found)) in enumerate(PARQUET.items()):
        raw = tmp_path / str(number)
        (raw / table).mkdir(parents=True)
        (raw / table / "a.parquet").write_bytes(good)
        (raw / table / "b.parquet").write_bytes(make(good))
        problems, _ = looked_at(raw, table, f"{table}/**/*.parquet")
        if len(problems) != 1 or found not in problems[0]:
            wrong.append((name, problems))
        else:
            assert_is_clear(problems[0], f"{table}/b.parquet: ")
    assert wrong == []
    (tmp_path / "text").mkdir()
    not_utf8(tmp_path / f"text/{table}.parquet", table)
    [problem] = looked_at(tmp_path / "text", table, f"{table}.parquet")[0]
    assert "not UTF-8" in problem
    assert_is_clear(problem, f"{table}.parquet: ")


A_DAY = pa.array([0], pa.int64())
SCHEMAS: dict[str, tuple[list[pa.Table], dict[str, object], str]] = {
    "the same column twice": ([pa.table([pa.array([1]), pa.array([2])], names=["fee", "FEE"])], {}, "b.parquet: column fee is there 2 times"),
    "int96": ([pa.table({"started_at": A_DAY.cast(pa.timestamp("us"))})], {"use_deprecated_int96_timestamps": True}, "INT96"),
    "too many digits": ([pa.table({"fee": pa.array(["1"]).cast(pa.decimal256(50, 10))})], {}, "50 digits"),
    "a zone in one file only": ([pa.table({"started_at": A_DAY.cast(pa.timestamp("us", zone))}) for zone in (None, "UTC")], {}, "column started_at has a time zone"),
    "types that do not go together": ([pa.table({"started_at": A_DAY}), pa.table({"started_at": A_DAY.cast(pa.timestamp("us"))})], {}, "write all files alike"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_would_change_values_is_named(name: str, tmp_path: Path) -> None:
    files, options, found = SCHEMAS[name]
    (tmp_path / "voice_cdrs").mkdir()
    for letter, table in zip("ba", files, strict=False):
        rest = {column: pa.array(["1"]) for column in CONTRACT["voice_cdrs"] if column not in table.column_names}
        for column, values in rest.items():
            table = table.append_column(column, values)
        pq.write_table(table, tmp_path / f"voice_cdrs/{letter}.parquet", **options)
    [problem] = looked_at(tmp_path, "voice_cdrs", "voice_cdrs/**/*.parquet")[0]
    assert found in problem
    assert "; " in problem


def test_columns_inside_a_nested_column_are_not_those_of_the_table(tmp_path: Path) -> None:
    columns = {column: pa.array(["1"]) for column in CONTRACT["plans"]}
    pq.write_table(pa.table({"extra": pa.array([{"plan_code": "x", "more": {"plan_name": [1]}}]), **columns}), tmp_path / "plans.parquet")
    assert looked_at(tmp_path, "plans", "plans.parquet") == ([], 1)


def test_files_that_would_be_left_out_or_are_not_finished_are_named(tmp_path: Path) -> None:
    content = csv_bytes("bills")
    elsewhere = tmp_path / "elsewhere"
    for path in ("raw/bills/1.csv", "raw/bills/2.CSV", "raw/bills/3.csv.gz", "raw/bills/_temporary/4.csv", "raw/bills/README.md", "elsewhere/5.csv"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "raw/bills/.part.csv.crc").write_bytes(b"x")
    (tmp_path / "raw/bills/linked").symlink_to(elsewhere)
    (tmp_path / "raw/bills/round").symlink_to(tmp_path / "raw/bills")
    (tmp_path / "raw/bills/6.csv").symlink_to(elsewhere / "5.csv")

    problems, _ = looked_at(tmp_path / "raw", "bills", "bills/**/*.csv")

    assert sorted(problem.split(":")[0] for problem in problems) == [
        "bills/2.CSV", "bills/3.csv.gz", "bills/_temporary/4.csv", "bills/linked/5.csv",
    ]  # fmt: skip


def contract_check(project: Path, raw: Path, warehouse: Path) -> str:
    """What the contract check of a run says; empty: nothing to complain about."""
    settings = resolve(str(project), str(raw), str(warehouse.parent / "published"), str(warehouse), as_of="2026-03-01")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_WARNING_HASH_KEY", REAL_DATA_KEY)
        with settings.exported("hostile"):
            dbt = DbtProject(settings)
            try:
                dbt.parse()
                dbt.run_operation("register_raw_tables")
            except ChecksFailed as error:
                return error.message
            finally:
                dbt.close()
    return ""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: dbt reads the whole project again if the path of the warehouse is another one."""
    return tmp_path_factory.mktemp("hostile_files") / "warehouse.duckdb"


def write_delivery(raw: Path) -> None:
    """Valid CSV files; the calls are in a folder, and there are enough days of them."""
    for table, rows in valid_delivery(ROWS).items():
        if table == "voice_cdrs":
            rows[0]["started_at"] = "2026-01-01 10:00:00"
        write_csv(raw / (f"{table}/part.csv" if table.endswith("cdrs") else f"{table}.csv"), rows, CONTRACT[table])


HOSTILE_PATH = "it's [a] 'raw' *?{1} \"x\"; drop table y; --/=cmd|中文 ${HOME} {{ 1 }} %s"


def test_any_name_of_a_folder_or_file_is_only_a_name(project: Path, warehouse: Path, tmp_path: Path) -> None:
    raw = tmp_path / HOSTILE_PATH
    write_delivery(raw)
    for table in ("voice_cdrs", "sms_cdrs"):
        (raw / table / "part.csv").rename(raw / table / "';x [0]*?\"{{ 2 }}= 中.csv")
    linked = tmp_path / "link to it's"
    linked.symlink_to(raw)
    assert contract_check(project, raw, warehouse) == ""
    assert contract_check(project, linked, warehouse) == ""


def test_every_broken_table_is_named_at_once_and_nobodys_data_is_in_message_or_log(project: Path, warehouse: Path, tmp_path: Path) -> None:
    broken = [case for case in CSV.values() if case.found]
    expected = {}
    for number, table in enumerate(CONTRACT):
        case = broken[number % len(broken)]
        expected[table] = case.found
        file = tmp_path / "raw" / (f"{table}/part.csv" if number % 2 else f"{table}.csv")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(case.make(with_secret(csv_bytes(table, ROWS))))
    log = project / "logs" / "dbt.log"
    logged_before = log.stat().st_size if log.exists() else 0

    message = contract_check(project, tmp_path / "raw", warehouse)

    lines = message.splitlines()
    assert lines[0] == "Raw contract:", message
    assert [line.split(":")[0] for line in lines[1:]] == [f"- {table}" for table in sorted(CONTRACT)]
    for table in CONTRACT:
        [line] = [line for line in lines if line.startswith(f"- {table}:")]
        assert f"{table}.csv" in line or f"{table}/part.csv" in line
    logged = log.read_text(encoding="utf-8")[logged_before:]
    for text in (message, logged):
        assert SECRET not in text and "13800001111" not in text
        assert "Traceback" not in text and "Original Line" not in text


WRONG_COLUMNS = {
    "voice_cdrs": ("started_at", "soon", "expected timestamp, found VARCHAR in which no value can be cast; deliver the column as timestamp, written like 2026-06-28 17:05:00"),
    "bills": ("issued_on", "20260203", "expected date, found VARCHAR in which no value can be cast; deliver the column as date, written like 2026-06-28"),
    "devices": ("first_seen_on", "epoch", "expected date"),
    "arrears_snapshots": ("arrears_months", "1e3", "expected integer"),
    "customers": ("certificate_verified", "yes", "expected boolean, found VARCHAR in which no value can be cast; deliver the column as boolean, written like true"),
}  # fmt: skip


def test_a_column_without_one_value_that_can_be_read_stops_the_run(project: Path, warehouse: Path, tmp_path: Path) -> None:
    write_delivery(tmp_path)
    for table, (column, text, _) in WRONG_COLUMNS.items():
        rows = valid_delivery(ROWS)[table]
        for one in rows:
            one[column] = text
        write_csv(tmp_path / (f"{table}/part.csv" if table.endswith("cdrs") else f"{table}.csv"), rows, CONTRACT[table])
    ids = {column: pa.array([1.0, 2.0]) if column == KEYS["managers"][0] else pa.array(["1", "2"]) for column in CONTRACT["managers"]}
    (tmp_path / "managers.csv").unlink()
    pq.write_table(pa.table(ids), tmp_path / "managers.parquet")

    message = contract_check(project, tmp_path, warehouse)

    for table, (column, _, found) in WRONG_COLUMNS.items():
        assert f"- {table}.{column}: {found}" in message
    assert "- managers.manager_id: expected varchar, found DOUBLE; deliver the column as varchar" in message
    assert len(message.splitlines()) == len(WRONG_COLUMNS) + 2
