"""churn-warning publish --to-postgres, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from conftest import REPOSITORY, FinishedRun, churn_warning

from churn_warning import postgres, publish
from churn_warning.errors import AlreadyRunning, RunnerError, WrongUse

MARTS = [publish.Mart(name, ("id",), f"What {name} is.", {"id": "It's the \"key\" of {name}."}) for name in ("fct_one", "fct_two")]
ROWS = 3_000


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server of its own on a socket in a new folder; its connection string, without a database.

    A server refuses to be run by root, so then its folder belongs to another user, who runs it.
    """
    found = [*map(Path, filter(None, [shutil.which("initdb")])), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    if not found:
        pytest.skip("no PostgreSQL server on this machine; install it: apt-get install postgresql")
    binaries = found[-1].resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="churn_warning_pg_"))
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")

    def call(program: str, *arguments: object) -> None:
        command = [str(binaries / program), *map(str, arguments)]
        log = (folder / "calls.log").open("a")
        done = subprocess.run(command, **user, cwd="/", stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, (folder / "calls.log").read_text()

    data = folder / "data"
    call("initdb", "-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    rules = "local all with_password scram-sha-256\nlocal all all trust\n"
    (data / "pg_hba.conf").write_text(rules)
    call("pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
    try:
        yield f"host={folder} user=admin"
    finally:
        call("pg_ctl", "stop", "-m", "immediate", "-D", data)
        shutil.rmtree(folder)


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """An empty database; its connection string."""
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute("drop database if exists bi with (force)")
        connection.execute("create database bi")
        yield f"{server} dbname=bi"
        connection.execute("drop database bi with (force)")
        connection.execute("drop role if exists bi_readers")


def publish_number(folder: Path, number: int, extra_column: str = "") -> None:
    """Publishes marts whose rows all carry the number."""
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create schema if not exists seeds")
        connection.execute("create or replace table seeds.parameters as select 'keep_versions' as parameter_code, '5' as value")
        for mart in MARTS:
            connection.execute(
                f"create or replace table marts.{mart.name} as select range as id, {number} as version{extra_column} from range({ROWS})"
            )
    publish.publish(warehouse, folder / "published", MARTS, f"{number:06}", {"as_of_date": "2026-06-28"}, lambda rows: {})


def ask(database: str, query: str, *values: object) -> list[tuple]:
    with psycopg.connect(database) as connection:
        return connection.execute(query, values).fetchall()


def versions(database: str) -> set[tuple]:
    marts = " union all ".join(f"select version, count(*) from churn_warning.{mart.name} group by version" for mart in MARTS)
    return set(ask(database, marts))


def test_the_marts_arrive_as_they_are(finished_run: FinishedRun, database: str) -> None:
    folders = ("--project-dir", finished_run.project, "--publish-dir", finished_run.published)
    for _ in range(2):
        result = churn_warning("publish", *folders, "--to-postgres", database)
        assert result.exit_code == 0, result.output
    manifest = json.loads((finished_run.published / "current" / "manifest.json").read_text())
    assert manifest["run_id"] in result.output
    for mart, rows in manifest["rows"].items():
        expected = finished_run.query(f"select * from {mart}")
        assert len(expected) == rows
        found = ask(database, f"select * from churn_warning.{mart}")
        assert sorted(map(repr, found)) == sorted(map(repr, expected)), mart
    kinds = dict(ask(database, "select column_name, data_type from information_schema.columns where table_name = 'fct_weekly_alerts'"))
    assert kinds["as_of_date"] == "date"
    assert kinds["core_risk_score"] == "integer"
    assert kinds["is_provisional"] == "boolean"
    assert kinds["msisdn_masked"] == "text"
    money = "select data_type, numeric_precision, numeric_scale from information_schema.columns where column_name = 'arpu_3m'"
    assert set(ask(database, money)) == {("numeric", 18, 2)}
    comments = "select obj_description('churn_warning.{0}'::regclass), col_description('churn_warning.{0}'::regclass, 1)"
    expected = finished_run.query(
        "select (select comment from duckdb_views() where view_name = 'fct_weekly_alerts'),"
        " (select comment from duckdb_columns() where table_name = 'fct_weekly_alerts' and column_index = 1)"
    )
    assert ask(database, comments.format("fct_weekly_alerts")) == expected
    [about] = ask(database, "select run_id, as_of_date::text, published_at from churn_warning.published_version")
    assert about[:2] == (manifest["run_id"], manifest["as_of_date"])
    assert about[2].isoformat(timespec="milliseconds") == manifest["published_at"]
    assert dict(ask(database, "select mart, row_count from churn_warning.published_marts")) == manifest["rows"]


POLL = """
import json, select, sys
import psycopg
dsn, marts, seen, reads = sys.argv[1], sys.argv[2:], [], 0
query = " union all ".join(f"select '{mart}', min(version), max(version), count(*) from churn_warning.{mart}" for mart in marts)
with psycopg.connect(dsn) as connection:
    connection.execute("set lock_timeout = '100ms'")  # who has to wait for a load fails
    connection.commit()
    print("ready", flush=True)
    stopped = False
    while not stopped:
        stopped = bool(select.select([sys.stdin], [], [], 0)[0])
        for level in ("read committed", "repeatable read"):
            with connection.transaction():
                connection.execute(f"set transaction isolation level {level}")
                if level == "read committed":
                    found = connection.execute(query).fetchall()
                else:
                    found = [connection.execute(f"select '{m}', min(version), max(version), count(*) from churn_warning.{m}").fetchone()
                             for m in marts]
                [about] = connection.execute("select run_id from churn_warning.published_version").fetchone()
            numbers = {n for _, low, high, count in found for n in (low, high)}
            assert len(numbers) == 1 and {row[3] for row in found} == {""" + str(ROWS) + """}, found
            assert level == "read committed" or numbers == {int(about)}, (found, about)
            assert not seen or min(numbers) >= seen[-1], (seen, found)
            reads += 1
            seen += [n for n in numbers if not seen or n != seen[-1]]
print(json.dumps({"reads": reads, "versions": seen}))
"""


def test_a_reader_sees_one_version_or_the_next_in_all_marts(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning")
    command = [sys.executable, "-c", POLL, database, *(mart.name for mart in MARTS)]
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "ready\n"
    for number in range(2, 9):
        publish_number(tmp_path, number)
        postgres.load(tmp_path / "published", database, "churn_warning")
    output, errors = reader.communicate("stop")
    assert reader.returncode == 0, errors
    seen = json.loads(output)
    assert seen["versions"][-1] == 8
    assert len(seen["versions"]) >= 4, seen
    assert seen["reads"] >= 50, seen


def test_a_reader_in_the_middle_of_a_transaction_neither_waits_nor_is_waited_for(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning")
    with psycopg.connect(database) as reader:
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select distinct version from churn_warning.fct_one").fetchall() == [(1,)]
        publish_number(tmp_path, 2)
        postgres.load(tmp_path / "published", database, "churn_warning")
        assert reader.execute("select version, count(*) from churn_warning.fct_two group by version").fetchall() == [(1, ROWS)]
    assert versions(database) == {(2, ROWS)}


def test_what_others_made_on_the_marts_stays(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning")
    with psycopg.connect(database) as connection:
        connection.execute("create view newest as select max(version) as version from churn_warning.fct_one")
        connection.execute("create index on churn_warning.fct_one (id)")
        connection.execute("create table churn_warning.notes (text text)")
    publish_number(tmp_path, 2)
    postgres.load(tmp_path / "published", database, "churn_warning")
    assert ask(database, "select version from newest") == [(2,)]
    assert ask(database, "select count(*) from pg_indexes where tablename = 'fct_one'") == [(1,)]
    assert ask(database, "select count(*) from churn_warning.notes") == [(0,)]


def test_a_mart_with_other_columns_becomes_a_new_table_and_one_that_is_gone_goes(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning", "bi_readers")
    with psycopg.connect(database) as connection:
        connection.execute("create view newest as select max(version) as version from churn_warning.fct_one")
    publish_number(tmp_path, 2, extra_column=", true as is_new")
    with pytest.raises(RunnerError, match="view newest depends on"):
        postgres.load(tmp_path / "published", database, "churn_warning", "bi_readers")
    assert versions(database) == {(1, ROWS)}
    with psycopg.connect(database) as connection:
        connection.execute("drop view newest")
    postgres.load(tmp_path / "published", database, "churn_warning")
    assert ask(database, "select distinct version, is_new from churn_warning.fct_one") == [(2, True)]
    assert ask(database, "select has_table_privilege('bi_readers', 'churn_warning.fct_one', 'select')") == [(True,)]

    monkeypatch.setattr(sys.modules[__name__], "MARTS", MARTS[:1])
    publish_number(tmp_path, 3)
    postgres.load(tmp_path / "published", database, "churn_warning")
    tables = {table for (table,) in ask(database, "select tablename from pg_tables where schemaname = 'churn_warning'")}
    assert tables == {"fct_one", "published_version", "published_marts"}


@pytest.mark.parametrize("exists", [False, True])
def test_the_reader_role_reads_and_does_not_write(exists: bool, tmp_path: Path, database: str) -> None:
    if exists:
        with psycopg.connect(database) as connection:
            connection.execute("create role bi_readers login")
    publish_number(tmp_path, 1)
    for _ in range(2):
        postgres.load(tmp_path / "published", database, "churn_warning", "bi_readers")
    assert ask(database, "select rolcanlogin from pg_roles where rolname = 'bi_readers'") == [(exists,)]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set role bi_readers")
        assert connection.execute("select count(*) from churn_warning.fct_one").fetchall() == [(ROWS,)]
        assert connection.execute("select run_id from churn_warning.published_version").fetchall() == [("000001",)]
        for statement in (
            "delete from churn_warning.fct_one",
            "insert into churn_warning.fct_one select * from churn_warning.fct_one",
            "update churn_warning.published_version set run_id = ''",
            "truncate churn_warning.fct_two",
            "drop table churn_warning.fct_two",
            "create table churn_warning.mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_failure_in_the_middle_leaves_the_version_before(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning")
    with psycopg.connect(database) as connection:
        connection.execute("alter table churn_warning.fct_two add constraint refuses_2 check (version <> 2)")
    publish_number(tmp_path, 2)
    result = load_by_command(tmp_path, database)
    assert result.exit_code == 1
    assert "refuses_2" in result.output
    assert "Nothing was changed there" in result.output
    assert versions(database) == {(1, ROWS)}
    assert ask(database, "select run_id from churn_warning.published_version") == [("000001",)]


def test_rows_that_do_not_arrive_are_noticed(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    postgres.load(tmp_path / "published", database, "churn_warning")
    with psycopg.connect(database) as connection:
        connection.execute("create function skip() returns trigger language plpgsql as 'begin return null; end'")
        connection.execute(
            "create trigger skips before insert on churn_warning.fct_one for each row when (new.id = 7) execute function skip()"
        )
    publish_number(tmp_path, 2)
    result = load_by_command(tmp_path, database)
    assert result.exit_code == 1
    assert f"{ROWS - 1} rows arrived" in result.output
    assert versions(database) == {(1, ROWS)}


def test_a_damaged_version_is_not_loaded(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    (tmp_path / "published" / "current" / "fct_one.parquet").write_bytes(b"damaged")
    result = load_by_command(tmp_path, database)
    assert result.exit_code == 1
    assert "fct_one.parquet" in result.output
    assert ask(database, "select count(*) from pg_namespace where nspname = 'churn_warning'") == [(0,)]


def test_two_loads_at_once_are_refused(tmp_path: Path, database: str) -> None:
    publish_number(tmp_path, 1)
    with psycopg.connect(database) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('churn-warning churn_warning', 0))")
        with pytest.raises(AlreadyRunning) as raised:
            postgres.load(tmp_path / "published", database, "churn_warning")
    assert raised.value.exit_code == 3
    postgres.load(tmp_path / "published", database, "churn_warning")


@pytest.fixture
def with_password(database: str) -> str:
    """A role that may do nothing, with a password; its connection string has a wrong one."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop role if exists with_password")
        connection.execute("create role with_password login password 'top-secret-1'")
    return database.replace("user=admin", "user=with_password password=top-secret-2")


def test_a_refusal_names_the_reason_and_never_the_password(
    tmp_path: Path, database: str, with_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_number(tmp_path, 1)
    wrong = load_by_command(tmp_path, with_password)
    assert wrong.exit_code == 1
    assert "password authentication failed" in wrong.output
    no_rights = load_by_command(tmp_path, with_password.replace("secret-2", "secret-1"))
    assert no_rights.exit_code == 1
    assert "permission denied for database bi" in no_rights.output
    no_server = load_by_command(tmp_path, "postgresql://someone:top-secret-3@127.0.0.1:1/bi")
    assert no_server.exit_code == 1
    assert "127.0.0.1:1" in no_server.output
    no_database = load_by_command(tmp_path, database.replace("dbname=bi", "dbname=no_such"))
    assert no_database.exit_code == 1
    assert "no_such" in no_database.output
    outputs = [wrong.output, no_rights.output, no_server.output]
    for dsn in (
        "postgres//someone:top-secret-4@host/bi",
        "postgresql://someone:top@secret@host/bi",
        "postgresql://someone:top/secret@host/bi",
        "postgresql://someone:1/secret@host/bi",
        "host=x password=top secret",
        "top-secret",
    ):
        not_a_dsn = load_by_command(tmp_path, dsn)
        assert not_a_dsn.exit_code == 2, not_a_dsn.output
        assert "not a connection string" in not_a_dsn.output
        outputs.append(not_a_dsn.output)
    assert not any("secret" in output for output in outputs)


def test_without_the_driver_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_number(tmp_path, 1)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    result = load_by_command(tmp_path, "postgresql://host/bi")
    assert result.exit_code == 2
    assert "psycopg[binary]" in result.output


def test_nothing_published_is_nothing_to_load(tmp_path: Path, database: str) -> None:
    with pytest.raises(WrongUse, match="Nothing is published"):
        postgres.load(tmp_path / "published", database, "churn_warning")


def test_the_options_of_a_load_do_not_go_before_other_commands(tmp_path: Path) -> None:
    result = churn_warning("publish", "--publish-dir", tmp_path, "list")
    assert result.exit_code == 2
    assert "publish list --help" in result.output
    without = churn_warning("publish")
    assert without.exit_code == 2
    assert "--to-postgres" in without.output


def load_by_command(folder: Path, dsn: str) -> Any:
    return churn_warning("publish", "--project-dir", REPOSITORY, "--publish-dir", folder / "published", "--to-postgres", dsn)
