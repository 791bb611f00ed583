"""Looks at the operator's files for the contract check and says in plain words what is wrong with them.

DuckDB stops at a file that it cannot read, and its message quotes the line, which is somebody's data. SQL cannot catch that, so the plugin
churn_warning.hash_key hands these functions to the session, and macro register_raw_tables asks through them. A problem names the file (from
the raw folder on), the line if there is one, what was found and what to do; never what stands in the file.
"""

from __future__ import annotations

import csv
import functools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from churn_warning.sql import literal, memory_limit

_LONGEST_LINE = 2_000_000
_MOST_COLUMNS = 1_000
_MOST_PROBLEMS = 20
_DATA_FILE = re.compile(r"\.(csv|tsv|parquet|parq|pq)(\.(gz|bz2|zip|zst|lz4))?$", re.IGNORECASE)
_FORMATS = {
    b"\x1f\x8b": "compressed with gzip",
    b"PK\x03\x04": "a ZIP file or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_SAVE_AS_UTF8 = 'write it as "CSV UTF-8"'

# How the files of a table are read, as in macro raw_reader.
READERS = {
    ".parquet": "read_parquet({files}, union_by_name = true, binary_as_string = true, hive_partitioning = false)",
    ".csv": "read_csv({files}, union_by_name = true, all_varchar = true, header = true, skip = 0, null_padding = false, delim = ',',"
    " quote = '\"', escape = '\"', comment = '', nullstr = '', hive_partitioning = false)",
}


def glob_text(path: str) -> str:
    """The pattern that means exactly this path."""
    return re.sub(r"[\[*?]", r"[\g<0>]", path)


def problems_of_files(raw_dir: str, form: str, patterns: str, columns: str) -> str:
    """What is wrong with the names, headers and schemas of a table's files, apart from what cannot be read at all.

    Args:
        raw_dir: The raw folder.
        form: Where the table lies below it, such as `bills/**/*.parquet`.
        patterns: The files to look into, as a JSON list of patterns below the raw folder; [form] for all.
        columns: The contract's columns of the table, joined by commas.

    Returns:
        The problems as a JSON list of texts.
    """
    folder, wanted = Path(raw_dir), columns.split(",")
    problems = [*_unread_files(folder, form)]
    if form.endswith(".csv"):
        for file in _files(folder, json.loads(patterns)):
            problems += _problems_of_header(folder, file, wanted)
    else:
        problems += _problems_of_schemas(folder, patterns, wanted)
    return json.dumps(problems[:_MOST_PROBLEMS])


def query_files(sql: str, raw_dir: str, patterns: str) -> str:
    """Runs a query on some files of a table.

    Args:
        sql: The query, with {files} where the reader takes the files.
        raw_dir: The raw folder.
        patterns: The files, as a JSON list of patterns below the raw folder.

    Returns:
        JSON: {"rows": [[...], ...]}, or {"problem": text} if a file cannot be read.
    """
    folder, below = Path(raw_dir), json.loads(patterns)
    files = ", ".join(literal(f"{glob_text(raw_dir)}/{pattern}") for pattern in below)
    try:
        return json.dumps({"rows": _asked(sql.replace("{files}", f"[{files}]"))}, default=str)
    except (duckdb.Error, UnicodeError, RuntimeError) as error:
        return json.dumps({"problem": _culprit(sql, folder, below, str(error))})


def damaged_file(raw_dir: Path, files: list[str]) -> str:
    """What is wrong with the first of these files that cannot be read to its end; empty if all can.

    Args:
        raw_dir: The raw folder.
        files: Parquet or CSV files below it.
    """
    for ending, reader in READERS.items():
        patterns = [glob_text(file) for file in files if file.endswith(ending)]
        if patterns:
            answer = json.loads(query_files(f"select count(hash(t)) from {reader} as t", str(raw_dir), json.dumps(patterns)))
            if "problem" in answer:
                return answer["problem"]
    return ""


@functools.cache
def _session() -> duckdb.DuckDBPyConnection:
    """A database of its own: the one that asks is in the middle of a statement."""
    # Without the cache: it would not see that a file was replaced within a second.
    return duckdb.connect(config={"threads": "2", "memory_limit": memory_limit(), "enable_external_file_cache": "false"})


def _asked(sql: str, parameters: list[str] | None = None) -> list[tuple]:
    with _session().cursor() as cursor:
        return cursor.execute(sql, parameters or []).fetchall()


def _files(folder: Path, patterns: list[str]) -> list[Path]:
    query = "select file from glob(?) order by file"
    return [Path(file) for pattern in patterns for (file,) in _asked(query, [f"{glob_text(str(folder))}/{pattern}"])]


def _shown(folder: Path, file: Path) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _unread_files(folder: Path, form: str) -> Iterator[str]:
    """Files that look like data of the table but would not be read, or that no finished export leaves behind."""
    table, _, nested = form.partition("/")
    if not nested:
        return
    read, seen = set(_files(folder, [form])), set()
    for place, folders, names in os.walk(folder / table, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in sorted(names):
            file = Path(place) / name
            hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder / table).parts)
            if file in read and hidden:
                yield f"{_shown(folder, file)}: looks like an unfinished export; remove it, or rename it if it is whole"
            elif file not in read and not hidden and _DATA_FILE.search(name):
                advice = f"only files called *{Path(form).suffix} are, and links to folders are not followed"
                yield f"{_shown(folder, file)}: would not be read: {advice}; rename, unpack or remove it"


# ---------------------------------------------------------------- CSV


def _problems_of_header(folder: Path, file: Path, wanted: list[str]) -> Iterator[str]:
    """What is wrong with the first line of a CSV file. What cannot be read is left to the query."""
    shown = _shown(folder, file)
    if not file.is_file():
        yield f"{shown}: is not a file; remove it"
        return
    with file.open("rb") as stream:
        line = stream.readline(_LONGEST_LINE)
    if other := _other_format(line):
        yield f"{shown}: is {other}, not CSV; {_SAVE_AS_UTF8}"
        return
    if not line:
        yield f"{shown}: the file is empty, without even a header; deliver it again"
        return
    text = line.decode("utf-8-sig", errors="replace").rstrip("\r\n")
    # Old Mac line ends: the header ends at the first of them.
    text = text.split("\r")[0]
    names = [name.strip().lower() for name in next(csv.reader([text.replace("\0", "")]), [])]
    if not any(names):
        yield f"{shown}: the first line is blank; it has to hold the column names"
    elif len(names) > _MOST_COLUMNS:
        yield f"{shown}: the first line has {len(names)} fields; the header holds the column names and no more than {_MOST_COLUMNS}"
    elif len(names) == 1 and (found := [mark for mark in (";", "\t", "|") if mark in names[0]]):
        yield f"{shown}: the fields are separated by {json.dumps(found[0])}; write commas"
    elif not set(names) & set(wanted):
        yield f"{shown}: the first line holds no column of the table; it has to hold the column names: {', '.join(wanted)}"
    else:
        yield from _twice(shown, names, wanted)


def _twice(shown: str, names: list[str], wanted: list[str]) -> Iterator[str]:
    for name in wanted:
        if names.count(name) > 1:
            yield f"{shown}: column {name} is there {names.count(name)} times (upper and lower case are the same); deliver it once"


def _other_format(start: bytes) -> str | None:
    if start.startswith(b"PAR1"):
        return "a Parquet file"
    return next((name for magic, name in _FORMATS.items() if start.startswith(magic)), None)


def _why_no_csv(file: Path, message: str) -> tuple[int, str, str]:
    """Line (0: none), what is wrong and what to do, of a CSV file that DuckDB has refused."""
    ends = set()
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if len(line) > _LONGEST_LINE:
                return number, f"the line is longer than {_LONGEST_LINE:,} bytes", "shorten it, or close the quotes before it"
            if number == 1 and (other := _other_format(line)):
                return 0, f"the file is {other}, not CSV", _SAVE_AS_UTF8
            if b"\0" in line or b"\x1a" in line:
                return number, "there is a control character in the line (is the file UTF-16, or cut off?)", _SAVE_AS_UTF8
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number, "the line is not UTF-8 text (is the file GBK or Latin-1?)", _SAVE_AS_UTF8
            ends.add("\\r\\n" if line.endswith(b"\r\n") else "\\n" if line.endswith(b"\n") else "")
    csv.field_size_limit(_LONGEST_LINE)
    number = 1
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            number = reader.line_num + 1
            for record in reader:
                if record and len(record) != len(header):
                    what = f"the row has {len(record)} fields, the header has {len(header)}"
                    return number, what, "a value that holds a comma needs double quotes around it"
                number = reader.line_num + 1
    except csv.Error:
        return number, "the quotes of the row are not right", 'close every quote, and write "" for a quote inside quotes'
    if {"\\r\\n", "\\n"} <= ends:
        return 0, "some lines end with \\r\\n and others with \\n", "write all with the same line end"
    return _line_of(message), "the file is not valid CSV", "deliver it again; check commas, quotes and line ends"


def _line_of(message: str) -> int:
    found = re.search(r"CSV Error on Line: (\d+)", message)
    return int(found[1]) if found else 0


# ---------------------------------------------------------------- Parquet


def _problems_of_schemas(folder: Path, patterns: str, wanted: list[str]) -> Iterator[str]:
    """Columns that are there twice, and types that DuckDB would read as something else than what was delivered."""
    query = "select file_name, name, type, logical_type, num_children, precision from parquet_schema({files})"
    answer = json.loads(query_files(query, str(folder), patterns))
    schemas: dict[str, list[list]] = {}
    for file, *element in answer.get("rows", []):
        schemas.setdefault(file, []).append(element)
    zones: dict[str, dict[bool, str]] = {}
    for file, elements in schemas.items():
        shown = _shown(folder, Path(file))
        columns = _top_level(elements)
        yield from _twice(shown, [name.lower() for name, *_ in columns], wanted)
        for name, physical, logical, _, precision in columns:
            if name.lower() not in wanted:
                continue
            if physical == "INT96":
                what = "is stored as INT96, which does not say whether it is local time or UTC"
                yield f"{shown}: column {name} {what}; write timestamps as TIMESTAMP_MICROS"
            if precision and precision > 38:
                yield f"{shown}: column {name} is a decimal of {precision} digits; 38 is the most that can be read"
            if logical and logical.startswith("TimestampType"):
                zones.setdefault(name.lower(), {}).setdefault("isAdjustedToUTC=1" in logical, shown)
    for name, files in zones.items():
        if len(files) > 1:
            yield f"column {name} has a time zone in {files[True]} and none in {files[False]}; write all files alike"


def _top_level(elements: list[list]) -> list[list]:
    """The columns of a schema, which Parquet lists depth first with the number of children of each element."""
    columns, position = [], 1
    while position < len(elements):
        columns.append(elements[position])
        left = 1
        while left and position < len(elements):
            left += (elements[position][3] or 0) - 1
            position += 1
    return columns


def _why_no_parquet(file: Path, message: str) -> tuple[str, str]:
    with file.open("rb") as stream:
        start = stream.read(8)
        stream.seek(max(0, file.stat().st_size - 4))
        end = stream.read()
    again = "deliver the file again"
    if not start:
        return "the file is empty (0 bytes)", again
    if start[:4] == b"PARE" or end == b"PARE":
        return "the file is encrypted", "deliver it without encryption"
    if start[:4] != b"PAR1":
        other = _other_format(start)
        return f"the file is {other}, not Parquet" if other else "this is no Parquet file", "deliver the table as Parquet or CSV"
    if end != b"PAR1":
        return "the end of the file is missing", again
    if "UTF8" in message:
        return "there is text in it that is not UTF-8", "write it as UTF-8"
    if found := re.search(r'failed to cast column "(.*?)" from type (.*?) to (.*?):', message):
        return f"column {found[1]} is {found[2]} in this file and {found[3]} in others", "write all files alike"
    return f"the file is damaged or of a kind that cannot be read (DuckDB: {_without_values(message)})", again


# ---------------------------------------------------------------- what failed


def _culprit(sql: str, folder: Path, patterns: list[str], message: str) -> str:
    """Finds the file that makes the query fail and says what is wrong with it."""
    files = _files(folder, patterns)
    for file in sorted(files, key=lambda one: str(one) not in message):
        try:
            _asked(sql.replace("{files}", literal(glob_text(str(file)))))
        except (duckdb.Error, UnicodeError, RuntimeError) as error:
            return _explained(folder, file, str(error))
    # Each can be read by itself, but not all together.
    named = next((file for file in files if str(file) in message), None)
    if named:
        return _explained(folder, named, message)
    return f"the files cannot be read together (DuckDB: {_without_values(message)}); write all files alike"


def _explained(folder: Path, file: Path, message: str) -> str:
    shown = _shown(folder, file)
    try:
        if file.suffix == ".csv":
            line, what, advice = _why_no_csv(file, message)
            return f"{shown}{f' line {line}' if line else ''}: {what}; {advice}"
        what, advice = _why_no_parquet(file, message)
        return f"{shown}: {what}; {advice}"
    except OSError as error:
        return f"{shown}: cannot be opened ({error.strerror}); check its permissions"


def _without_values(message: str) -> str:
    """The first line of a DuckDB message, without anything that it quotes."""
    lines: Iterable[str] = message.splitlines() or [""]
    return re.sub(r"\"[^\"]*\"?|'[^']*'?", "...", next(iter(lines)))[:150]
