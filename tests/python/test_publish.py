"""Publishing as such, with small marts: what readers see, what a kill at any moment leaves, and the way back."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import churn_warning, little_room, read_only, tree_state

from churn_warning import lock, mart_files, publish
from churn_warning.errors import AlreadyRunning, ChecksFailed, DiskError, WrongUse

MARTS = [publish.Mart(name, ("id",), "", {}) for name in ("fct_one", "fct_two", "dim_three")]
ROWS = 5_000
KEEP = 3


def build(warehouse: Path, number: int) -> None:
    """A warehouse as a run leaves it: every row of every mart carries the number."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create schema if not exists seeds")
        connection.execute(f"create or replace table seeds.parameters as select 'keep_versions' as parameter_code, '{KEEP}' as value")
        for mart in MARTS:
            connection.execute(
                f"create or replace table marts.{mart.name} as"
                f" select range as id, {number} as version, 'row ' || range as text from range({ROWS})"
            )


def publish_number(folder: Path, number: int) -> Path:
    """Builds and publishes version `number`; its run id is the number with leading zeros."""
    folder.mkdir(exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    build(warehouse, number)
    return publish.publish(warehouse, folder / "published", MARTS, f"{number:06}", {"as_of_date": "2026-06-28"}, lambda rows: {})


def names(versions: list[publish.Version]) -> list[str]:
    return [version.run_id for version in versions]


def published(folder: Path) -> Path:
    return folder / "published"


def current(folder: Path) -> str | None:
    return publish.current_version(published(folder))


def test_a_reader_sees_only_whole_versions_through_50_publishes(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    script = Path(__file__).with_name("poll_published.py")
    command = [sys.executable, str(script), str(published(tmp_path)), str(ROWS), *(mart.name for mart in MARTS)]
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "ready\n"
    for number in range(2, 51):
        publish_number(tmp_path, number)
    output, errors = reader.communicate("stop")
    assert reader.returncode == 0, errors
    seen = json.loads(output)
    assert seen["newest"] == 50
    assert seen["versions"] >= 10, seen
    assert seen["reads"] >= 200, seen


@pytest.fixture
def publisher() -> Iterator[subprocess.Popen]:
    """A process that publishes to order and is killed at the moment that the order names."""
    script = Path(__file__).with_name("publish_and_die.py")
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.communicate()


def order(publisher: subprocess.Popen, folder: Path, number: int, when: str) -> str:
    build(folder / "warehouse.duckdb", number)
    marts = ",".join(mart.name for mart in MARTS)
    publisher.stdin.write(f"{folder / 'warehouse.duckdb'} {published(folder)} {number:06} {marts} {when}\n")
    publisher.stdin.flush()
    return publisher.stdout.readline().strip()


def check_after_kill(folder: Path, number: int, been_current: set[str]) -> None:
    """Whole versions only, none that nobody could have read, and nothing locked."""
    now = current(folder)
    assert now in been_current | {f"{number:06}"}
    been_current.add(now)
    publish.verify_files(published(folder) / "versions" / now)
    with duckdb.connect(str(published(folder) / "current" / "marts.duckdb"), read_only=True) as connection:
        for mart in MARTS:
            assert connection.execute(f"select min(version), max(version), count(*) from {mart.name}").fetchone() == (
                int(now), int(now), ROWS,
            )  # fmt: skip
    listed = publish.list_versions(published(folder))
    assert {version.run_id for version in listed} <= been_current
    for version in listed:
        publish.verify_files(version.path)
    assert lock.holder(published(folder) / ".publish.lock") is None


def check_next_publish(folder: Path, number: int) -> None:
    publish_number(folder, number)
    assert current(folder) == f"{number:06}"
    assert {path.name for path in published(folder).iterdir()} == {"versions", "current", ".publish.lock"}
    assert len(list((published(folder) / "versions").iterdir())) <= KEEP + 1


def test_a_kill_at_any_step_of_publishing_leaves_whole_versions_and_the_next_publish_works(
    tmp_path: Path, publisher: subprocess.Popen
) -> None:
    for number in range(1, KEEP + 1):
        publish_number(tmp_path, number)
    been_current = set(names(publish.list_versions(published(tmp_path))))
    steps = int(order(publisher, tmp_path, KEEP + 1, "never"))
    been_current.add(f"{KEEP + 1:06}")
    assert steps >= 10
    for number, step in enumerate(range(1, steps + 1), KEEP + 2):
        assert order(publisher, tmp_path, number, f"step {step}") == "killed"
        check_after_kill(tmp_path, number, been_current)
    check_next_publish(tmp_path, 999)


def test_a_kill_at_any_moment_of_publishing_leaves_whole_versions_and_the_next_publish_works(
    tmp_path: Path, publisher: subprocess.Popen
) -> None:
    publish_number(tmp_path, 1)
    build(tmp_path / "warehouse.duckdb", 2)
    started = time.monotonic()
    assert order(publisher, tmp_path, 2, "never").isdigit()
    seconds = time.monotonic() - started
    been_current = {"000001", "000002"}
    chance = random.Random(20)
    for number in range(3, 23):
        order(publisher, tmp_path, number, f"after {chance.uniform(0, seconds):.4f}")
        check_after_kill(tmp_path, number, been_current)
    check_next_publish(tmp_path, 999)


def test_who_looked_up_what_is_current_can_read_it_through_the_next_publishes(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    folder = (published(tmp_path) / "current").resolve()
    before = tree_state(folder)
    for number in range(2, KEEP + 1):
        publish_number(tmp_path, number)
        assert tree_state(folder) == before
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        publish_number(tmp_path, KEEP + 1)
        assert not folder.exists()
        assert connection.execute("select distinct version from fct_two").fetchall() == [(1,)]


def test_a_publish_after_a_rollback_keeps_the_version_that_was_gone_back_to(tmp_path: Path) -> None:
    for number in range(1, KEEP + 1):
        publish_number(tmp_path, number)
    assert publish.rollback(published(tmp_path), "000001").run_id == "000001"
    publish_number(tmp_path, KEEP + 1)
    assert names(publish.list_versions(published(tmp_path))) == ["000004", "000003", "000002", "000001"]
    # Not to 3, which somebody had gone back from.
    assert publish.rollback(published(tmp_path)).run_id == "000001"
    with pytest.raises(WrongUse, match="no earlier version"):
        publish.rollback(published(tmp_path))


def test_going_back_twice_goes_back_two_versions(tmp_path: Path) -> None:
    for number in range(1, KEEP + 1):
        publish_number(tmp_path, number)
    assert publish.rollback(published(tmp_path)).run_id == "000002"
    assert publish.rollback(published(tmp_path)).run_id == "000001"


def test_a_damaged_manifest_stops_neither_the_list_nor_a_publish(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        publish_number(tmp_path, number)
    for number, content in ((1, "no JSON"), (2, "[]")):
        (published(tmp_path) / "versions" / f"{number:06}" / "manifest.json").write_text(content)
    versions = publish.list_versions(published(tmp_path))
    assert names(versions) == ["000003", "000002", "000001"]
    assert [bool(version.problem) for version in versions] == [False, True, True]
    listed = churn_warning("publish", "list", "--publish-dir", published(tmp_path), "--project-dir", Path(__file__).parents[2])
    assert "manifest.json cannot be read" in listed.output
    with pytest.raises(WrongUse, match="no earlier version"):
        publish.rollback(published(tmp_path))
    with pytest.raises(ChecksFailed, match="manifest.json"):
        publish.rollback(published(tmp_path), "000001")
    publish_number(tmp_path, 4)
    publish_number(tmp_path, 5)
    assert names(publish.list_versions(published(tmp_path))) == ["000005", "000004", "000003"]


BY_DATE = [publish.Mart("fct_by_date", ("as_of_date", "id"), "", {}, "as_of_date"), publish.Mart("dim_same", ("id",), "", {})]


def publish_dates(folder: Path, number: int, versions: dict[str, int]) -> Path:
    """Publishes a mart by date: date -> the number that all its rows carry; and one in one piece that is always the same."""
    folder.mkdir(exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    build(warehouse, number)
    with duckdb.connect(str(warehouse)) as connection:
        dates = ", ".join(f"(date '{day}', {version})" for day, version in versions.items()) or "(null::date, 0)"
        connection.execute(f"""
            create or replace table marts.fct_by_date as
            select as_of_date, ids.range as id, version from (values {dates}) as dates (as_of_date, version), range(1000) as ids
            where as_of_date is not null order by hash(ids.range, as_of_date)
        """)
        connection.execute("create or replace table marts.dim_same as select range as id from range(10)")
    return publish.publish(warehouse, folder / "published", BY_DATE, f"{number:06}", {}, lambda rows: {})


def check_dates(folder: Path, versions: dict[str, int]) -> None:
    """A version holds these dates and no others, in order, in both forms."""
    expected = [(day, 1000, version, version) for day, version in sorted(versions.items())]
    counted = "select as_of_date::varchar, count(*), min(version), max(version) from {} group by all order by all"
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute(counted.format("fct_by_date")).fetchall() == expected
        rows = connection.execute("select as_of_date, id from fct_by_date").fetchall()
        assert rows == sorted(rows)
        assert connection.execute(counted.format(f"read_parquet('{folder / 'fct_by_date.parquet'}')")).fetchall() == expected
        assert connection.execute("select count(*) from dim_same").fetchone() == (10,)
    assert {path.stem for path in folder.glob("fct_by_date.parquet/*")} == set(versions)
    publish.verify_files(folder)


def inode(folder: Path, day: str) -> int:
    return (folder / "fct_by_date.parquet" / f"{day}.parquet").stat().st_ino


# A date has a thousand rows: each date is written by itself, two at a time, or all at once.
@pytest.mark.parametrize("rows_at_once", [1, 2_500, mart_files.ROWS_AT_ONCE])
def test_a_date_whose_rows_have_not_changed_is_taken_over_and_all_others_are_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(mart_files, "ROWS_AT_ONCE", rows_at_once)
    first_dates = {"2026-06-07": 1, "2026-06-14": 1, "2026-06-20": 1, "2026-06-21": 1}
    first = publish_dates(tmp_path, 1, first_dates)
    check_dates(first, first_dates)
    # A day goes, one is new, one has other rows, and the one after it has the same.
    second_dates = {"2026-06-07": 1, "2026-06-14": 2, "2026-06-21": 1, "2026-06-28": 2}
    second = publish_dates(tmp_path, 2, second_dates)
    check_dates(second, second_dates)
    check_dates(first, first_dates)
    assert [inode(first, day) == inode(second, day) for day in ("2026-06-07", "2026-06-14", "2026-06-21")] == [True, False, True]
    third = publish_dates(tmp_path, 3, second_dates)
    check_dates(third, second_dates)
    assert all(inode(second, day) == inode(third, day) for day in second_dates)
    # Every date but the first goes; then every date goes, and comes back.
    for number, dates in enumerate(({"2026-06-07": 1}, {}, {"2026-06-07": 1}), 4):
        folder = publish_dates(tmp_path, number, dates)
        if dates:
            check_dates(folder, dates)
        else:
            with duckdb.connect() as connection:
                assert connection.execute(f"select count(*) from '{folder / 'fct_by_date.parquet'}'").fetchone() == (0,)


@pytest.mark.parametrize("damaged", ["marts.duckdb", "fct_by_date.parquet/2026-06-07.parquet", "manifest.json"])
def test_what_is_damaged_in_the_version_before_is_not_taken_over(tmp_path: Path, damaged: str) -> None:
    dates = {"2026-06-07": 1, "2026-06-14": 1}
    first = publish_dates(tmp_path, 1, dates)
    content = bytearray((first / damaged).read_bytes())
    content[len(content) // 2] ^= 1
    (first / damaged).write_bytes(content)
    check_dates(publish_dates(tmp_path, 2, {**dates, "2026-06-21": 2}), {**dates, "2026-06-21": 2})


def test_a_mart_with_other_columns_than_in_the_version_before_is_written_anew(tmp_path: Path) -> None:
    publish_dates(tmp_path, 1, {"2026-06-07": 1})
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("alter table marts.fct_by_date add column added integer")
    folder = publish.publish(warehouse, published(tmp_path), BY_DATE, "000002", {}, lambda rows: {})
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*), count(added) from fct_by_date").fetchone() == (1000, 0)


AS_VIEW = [publish.Mart("fct_as_view", ("as_of_date", "id", "kind"), "", {"kind": "Which."}, "as_of_date", as_view=True)]


def publish_view(folder: Path, number: int, versions: dict[str, int], column: str = "version", kinds: tuple[str, ...] = ("a", "b")) -> Path:
    """Publishes a view by date over two tables: each row of `hits`, whose rows carry the number of the date, once per kind."""
    folder.mkdir(exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    build(warehouse, number)
    dates = ", ".join(f"(date '{day}', {version})" for day, version in versions.items())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"""
            create schema if not exists scoring;
            create or replace table scoring.kinds as select unnest({list(kinds)}) as kind;
            create or replace table scoring.hits as
            select as_of_date, ids.range as id, version, 10 * version as other
            from (values {dates}) as dates (as_of_date, version), range(500) as ids order by hash(ids.range, as_of_date);
            create or replace view marts.fct_as_view as
            with hits as (select * from scoring.hits), kinds as (select * from scoring.kinds)
            select hits.as_of_date, hits.id, kinds.kind, {column} as version from hits cross join kinds;
        """)
    return publish.publish(warehouse, folder / "published", AS_VIEW, f"{number:06}", {}, lambda rows: {})


def check_view(folder: Path, versions: dict[str, int], kinds: int = 2) -> None:
    """A version holds these dates and no others in both forms, and its database needs no other file."""
    expected = [(day, 500 * kinds, version, version) for day, version in sorted(versions.items())]
    counted = "select as_of_date::varchar, count(*), min(version), max(version) from {} group by all order by all"
    alone = Path(shutil.copy(folder / "marts.duckdb", folder.parents[2] / "alone.duckdb"))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{alone}' as elsewhere (read_only)")
        assert connection.execute(counted.format("elsewhere.fct_as_view")).fetchall() == expected
        assert connection.execute(counted.format(f"read_parquet('{folder / 'fct_as_view.parquet'}')")).fetchall() == expected
        stored = connection.execute("select as_of_date, id from elsewhere.scoring.hits").fetchall()
        assert stored == sorted(stored) and len(stored) == 500 * len(versions)
        assert connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall() == [
            ("scoring", "hits"), ("scoring", "kinds"),
        ]  # fmt: skip
    publish.verify_files(folder)


def test_a_view_is_published_as_a_view_beside_the_tables_that_it_reads(tmp_path: Path) -> None:
    first_dates = {"2026-06-07": 1, "2026-06-14": 1, "2026-06-20": 1, "2026-06-21": 1}
    check_view(publish_view(tmp_path, 1, first_dates), first_dates)
    second_dates = {"2026-06-07": 1, "2026-06-14": 1, "2026-06-21": 2, "2026-06-28": 2}
    check_view(publish_view(tmp_path, 2, second_dates), second_dates)
    # A date before others changes; then what the view says, with the same tables and, of one date, the same rows.
    check_view(publish_view(tmp_path, 3, {**second_dates, "2026-06-14": 3}), {**second_dates, "2026-06-14": 3})
    check_view(publish_view(tmp_path, 4, {"2026-06-07": 0, "2026-06-14": 1}), {"2026-06-07": 0, "2026-06-14": 1})
    check_view(publish_view(tmp_path, 5, {"2026-06-07": 0, "2026-06-14": 1}, "other"), {"2026-06-07": 0, "2026-06-14": 10})
    check_view(publish_view(tmp_path, 6, {"2026-06-07": 0}, "other", ("a", "b", "c")), {"2026-06-07": 0}, kinds=3)


def test_marts_that_read_one_table_have_the_same_dates_of_it(tmp_path: Path) -> None:
    """As a Sunday is a day of the week before it, and no longer one a week later."""
    marts = [
        publish.Mart(f"fct_{kind}", ("as_of_date", "id"), "", {}, "as_of_date", as_view=True) for kind in ("days", "sundays")
    ]
    warehouse = tmp_path / "warehouse.duckdb"
    build(warehouse, 1)
    for number, (rows, days, sundays) in enumerate(
        [
            ({"07": (1, True, True), "13": (1, True, False), "14": (1, True, True)}, ["07", "13", "14"], ["07", "14"]),
            ({"07": (1, False, True), "14": (1, False, True), "20": (2, True, False), "21": (2, True, True)}, ["20", "21"], ["07", "14", "21"]),
            ({"07": (1, False, True), "14": (1, False, True), "20": (3, True, False), "21": (2, True, True)}, ["20", "21"], ["07", "14", "21"]),
            ({"07": (1, False, True), "14": (4, False, True), "20": (3, True, False), "21": (2, True, True)}, ["20", "21"], ["07", "14", "21"]),
        ],
        1,
    ):
        values = ", ".join(f"(date '2026-06-{day}', {', '.join(map(str, row))})" for day, row in rows.items())
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"""
                create schema if not exists scoring;
                create or replace table scoring.observed as
                select as_of_date, ids.range as id, version, is_day, is_sunday
                from (values {values}) as dates (as_of_date, version, is_day, is_sunday), range(300) as ids;
                create or replace view marts.fct_days as select as_of_date, id, version from scoring.observed where is_day;
                create or replace view marts.fct_sundays as select as_of_date, id, version from scoring.observed where is_sunday;
            """)
        folder = publish.publish(warehouse, published(tmp_path), marts, f"{number:06}", {}, lambda rows: {})
        with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
            assert connection.execute("select count(*) from scoring.observed").fetchone() == (300 * len(rows),)
            for mart, dates in (("fct_days", days), ("fct_sundays", sundays)):
                found = connection.execute(f"select strftime(as_of_date, '%d'), min(version), count(*) from {mart} group by 1 order by 1")
                assert found.fetchall() == [(day, rows[day][0], 300) for day in dates]


def test_a_mart_that_becomes_a_view_or_a_table_is_written_anew(tmp_path: Path) -> None:
    dates = {"2026-06-07": 1, "2026-06-14": 1}
    publish_view(tmp_path, 1, dates)
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table marts.rows as from marts.fct_as_view; drop view marts.fct_as_view")
        connection.execute("alter table marts.rows rename to fct_as_view")
    folder = publish.publish(warehouse, published(tmp_path), AS_VIEW, "000002", {}, lambda rows: {})
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute("select schema_name, table_name from duckdb_tables()").fetchall() == [("main", "fct_as_view")]
        assert connection.execute("select count(*) from fct_as_view").fetchone() == (2000,)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.fct_as_view")
    check_view(publish_view(tmp_path, 3, dates), dates)


@pytest.mark.parametrize(
    "fault",
    [
        "update scoring.hits set version = 3 where id = 7 and as_of_date = '2026-06-14'",
        "delete from scoring.hits where id = 7 and as_of_date = '2026-06-14'",
        "delete from scoring.hits where id = 7 and as_of_date = '2026-06-07'",
        "insert into scoring.hits select * from scoring.hits where as_of_date = '2026-06-07' limit 1",
        "delete from scoring.kinds where kind = 'a'",
        "copy (select * from fct_as_view where as_of_date = '2026-06-14' limit 999) to '{parquet}' (format parquet)",
        "copy (select * replace (3 as version) from fct_as_view where as_of_date = '2026-06-14') to '{parquet}' (format parquet)",
    ],
)
def test_a_fault_in_what_a_view_reads_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """2026-06-07 has been taken over from the version before, 2026-06-14 was written."""
    publish_view(tmp_path, 1, {"2026-06-07": 1})
    write = publish.write_marts

    def write_and_spoil(warehouse, folder, marts, earlier):
        written = write(warehouse, folder, marts, earlier)
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute(fault.format(parquet=folder / "fct_as_view.parquet" / "2026-06-14.parquet"))
        return written

    monkeypatch.setattr(publish, "write_marts", write_and_spoil)
    with pytest.raises(ChecksFailed, match="fct_as_view was not written"):
        publish_view(tmp_path, 2, {"2026-06-07": 1, "2026-06-14": 2})
    assert current(tmp_path) == "000001"


def test_every_file_of_a_version_is_in_its_manifest(tmp_path: Path) -> None:
    folder = publish_dates(tmp_path, 1, {"2026-06-07": 1})
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {*manifest["files"], "manifest.json"} == files
    assert "fct_by_date.parquet/2026-06-07.parquet" in files
    assert manifest["replaces"] is None
    assert json.loads((publish_number(tmp_path, 2) / "manifest.json").read_text())["replaces"] == "000001"


def test_a_full_disk_leaves_what_is_published_and_the_next_publish_with_room_works(tmp_path: Path) -> None:
    large = tmp_path / "large.duckdb"
    shutil.copy(publish_number(tmp_path / "small", 1).parents[2] / "warehouse.duckdb", large)
    with duckdb.connect(str(large)) as connection:
        connection.execute("create or replace table marts.fct_two as select range as id, uuid() as text from range(1000000)")
    with little_room(published(tmp_path), mebibytes=8) as more_room:
        publish_number(tmp_path, 1)
        before = tree_state(published(tmp_path))
        with pytest.raises(DiskError, match="disk is full") as raised:
            publish.publish(large, published(tmp_path), MARTS, "000002", {}, lambda rows: {})
        assert str(raised.value.where).startswith(str(published(tmp_path)))
        assert "Make room" in raised.value.next_step
        assert tree_state(published(tmp_path)) == before
        assert names(publish.list_versions(published(tmp_path))) == ["000001"]
        more_room()
        publish.publish(large, published(tmp_path), MARTS, "000002", {}, lambda rows: {})
        assert current(tmp_path) == "000002"


def test_a_publish_folder_that_cannot_be_written_is_named_before_anything_is_done(tmp_path: Path) -> None:
    a_file = tmp_path / "a_file"
    a_file.write_text("not a folder")
    a_link_to_nothing = tmp_path / "a_link"
    a_link_to_nothing.symlink_to(tmp_path / "nothing")
    current_is_a_folder = tmp_path / "copied"
    (current_is_a_folder / "current").mkdir(parents=True)
    # The kernel lets nobody make a folder there.
    for folder in (a_file, a_file / "below", a_link_to_nothing, current_is_a_folder, Path("/sys/published")):
        with pytest.raises(WrongUse, match="publish folder cannot be used") as raised:
            publish.require_publish_dir(folder)
        assert raised.value.where == str(folder)


def test_a_folder_that_became_read_only_keeps_what_is_published(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    before = tree_state(published(tmp_path))
    with read_only(published(tmp_path)):
        with pytest.raises(WrongUse, match="cannot be written"):
            publish_number(tmp_path, 2)
        assert tree_state(published(tmp_path)) == before
    publish_number(tmp_path, 2)
    assert current(tmp_path) == "000002"


def test_two_publishers_do_not_meet_in_one_folder(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    before = tree_state(published(tmp_path) / "versions")
    build(tmp_path / "warehouse.duckdb", 2)

    def publish_meanwhile(rows: dict[str, int]) -> dict[str, str]:
        with pytest.raises(AlreadyRunning, match=str(os.getpid())) as raised:
            publish.publish(tmp_path / "warehouse.duckdb", published(tmp_path), MARTS, "000003", {}, lambda rows: {})
        assert raised.value.exit_code == 3
        with pytest.raises(AlreadyRunning):
            publish.rollback(published(tmp_path))
        assert {path: state for path, state in tree_state(published(tmp_path) / "versions").items() if path in before} == before
        return {}

    publish.publish(tmp_path / "warehouse.duckdb", published(tmp_path), MARTS, "000002", {}, publish_meanwhile)
    assert current(tmp_path) == "000002"
