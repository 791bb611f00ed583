"""`churn-warning weights fit --data`: a scorecard for any table with a label of two values, and how good it is."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.markup import escape

from churn_warning import fitting, scorecard
from churn_warning.errors import ChecksFailed, WrongUse
from churn_warning.fitting import FOLDS, SEED, Data
from churn_warning.foreign_table import TABLE, find_column, load_table
from churn_warning.progress import Progress
from churn_warning.report import dicts
from churn_warning.scorecard import ROW, Card
from churn_warning.sql import identifier, memory_limit

CODE = "fitted"
# The points of a table have no history: they have always been valid.
_VALID_FROM = "2000-01-01"
_FEWEST_ROWS, _FEWEST_OF_A_KIND = 200, 30
_YES, _NO = ("1", "true", "yes", "y", "t", "churn", "churned", "lost", "left"), ("0", "false", "no", "n", "f", "stay", "stayed", "kept", "active")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE")
# Share of the rows with a text of their own from which on a column is taken for names.
_NAMES_SHARE = 0.5


@dataclass(frozen=True)
class TableRequest:
    """What to fit.

    Attributes:
        data: Parquet or CSV file.
        label: Column with the two values.
        id_column: Column that names a row; None: none.
        left_out: Columns that are not looked at.
        out: Folder to write; must be empty or not there.
    """

    data: Path
    label: str
    id_column: str | None
    left_out: tuple[str, ...]
    out: Path


def fit_table(request: TableRequest, progress: Progress) -> dict[str, Any]:
    """Fits a card on a table, measures it by cross-validation, and writes it.

    Returns:
        What the report shows.

    Raises:
        WrongUse: An option or the file cannot be used.
        ChecksFailed: The table has too few rows, or its label or columns cannot be learned from.
    """
    require_new_folder(request.out)
    fitting.require_packages()
    with duckdb.connect(config={"memory_limit": memory_limit()}) as connection:
        started = time.monotonic()
        progress.start("Reading the table")
        try:
            columns = load_table(connection, request.data)
            data, remarks, label, id_column = _read(connection, columns, request)
        except BaseException:
            progress.fail(time.monotonic() - started)
            raise
        share = data.lost.mean()
        progress.finish(
            f"{len(data.lost):,} rows, {len(data.frame.columns)} columns used, {share:.1%} {escape(label)}", time.monotonic() - started
        )
        for remark in remarks:
            progress.note(remark)
        started = time.monotonic()
        progress.start("Cross-validation and fit", FOLDS + 1)
        try:
            measured = _cross_validate(connection, data, progress)
            card = fitting.fit_card(data, CODE, _VALID_FROM)
            progress.advance()
        except BaseException:
            progress.fail(time.monotonic() - started)
            raise
        progress.finish(f"{FOLDS} folds, then all rows", time.monotonic() - started)
        card.rows["scorecards"][0].update(id_column=id_column, label_column=label)
        found = {
            "rows": len(data.lost), "losses": int(data.lost.sum()), "label": label, "columns": len(data.frame.columns), "remarks": remarks,
            "out": request.out, "data": request.data.name, **measured, **_describe(connection, card, data),
        }  # fmt: skip
    return {**found, "card": card}


def require_new_folder(out: Path) -> None:
    """Raises WrongUse unless the folder can be made or is empty: nothing is ever overwritten."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise WrongUse(
            "--out: this is a file." if out.is_file() else "--out: the folder is not empty.",
            where=str(out),
            next_step="Name a new folder; what is there is never overwritten.",
        )
    if not out.parent.is_dir():
        raise WrongUse("--out: the folder above it does not exist.", where=str(out), next_step="Make it first, or name another one.")


def write_folder(out: Path, write: Any) -> None:
    """Calls write(folder) and gives the folder its name when all is written, so that nothing half written is ever found."""
    unfinished = out.with_name(f".{out.name}.unfinished-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        write(unfinished)
        with suppress(FileNotFoundError):
            out.rmdir()
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _read(connection: duckdb.DuckDBPyConnection, columns: dict[str, str], request: TableRequest) -> tuple[Data, list[str], str, str | None]:
    import numpy as np
    import pandas as pd

    label = find_column(columns, "--label", request.label)
    id_column = find_column(columns, "--id", request.id_column) if request.id_column else None
    if id_column == label:
        raise WrongUse("--id and --label name the same column.", next_step="Name two columns.")
    left_out = {find_column(columns, "--leave-out", column) for column in request.left_out}
    lost = _read_label(connection, label)
    rows = len(lost)
    remarks, names, frame, categories, whole = [], [], {}, [], set()
    for column, kind in columns.items():
        if column in (label, id_column) or column in left_out:
            continue
        values, problem = _read_column(connection, column, kind, rows)
        if problem:
            names.append(f"{column} ({problem})")
            continue
        if values.dtype == object:
            categories.append(column)
        elif np.all(np.mod(values[~np.isnan(values)], 1) == 0):
            whole.add(column)
        frame[column] = values
    if names:
        remarks.append(f"Left out: {', '.join(names)}.")
    if not frame:
        raise ChecksFailed("No column is left to learn from.", where=str(request.data), next_step="Name a table with columns that differ.")
    if leaks := [column for column, values in frame.items() if _tells_all(values, lost)]:
        raise ChecksFailed(
            f"These columns say exactly what the label says: {', '.join(leaks)}. A card with them would only repeat what is known already.",
            where=str(request.data),
            next_step="Leave them out: " + " ".join(f"--leave-out '{column}'" for column in leaks),
        )
    return Data(pd.DataFrame(frame), categories, whole, lost), remarks, label, id_column


def _read_label(connection: duckdb.DuckDBPyConnection, label: str) -> Any:
    import numpy as np

    as_text = f"lower(trim(cast({identifier(label)} as varchar)))"
    counts = connection.execute(
        f"select coalesce(nullif({as_text}, ''), 'nan'), count(*) from {TABLE} group by all order by all limit 50"
    ).fetchall()
    rows = sum(count for _, count in counts)
    counts = [(value[:-2] if value.endswith(".0") else value, count) for value, count in counts]
    if missing := dict(counts).get("nan"):
        raise ChecksFailed(
            f"--label {label}: {missing:,} of {rows:,} rows have no label.", next_step="Take these rows out of the file; nothing can be learned from them."
        )
    shown = ", ".join(f"{value[:40]} ({count:,})" for value, count in counts[:5]) + (", ..." if len(counts) > 5 else "")
    if len(counts) != 2:
        raise ChecksFailed(
            f"--label {label}: it has {'one value' if len(counts) == 1 else 'more than two values'}: {shown}.",
            next_step="Name a column with two values: 1 and 0, Yes and No, or true and false.",
        )
    positive = [value for value, _ in counts if value in _YES]
    if len(positive) != 1 or not any(value in _NO for value, _ in counts):
        raise ChecksFailed(
            f"--label {label}: which of its values means lost is not clear: {shown}.",
            next_step="Write 1 for lost and 0 for kept (or Yes and No, true and false).",
        )
    few = min(count for _, count in counts)
    if rows < _FEWEST_ROWS or few < _FEWEST_OF_A_KIND:
        raise ChecksFailed(
            f"Too few rows: {rows:,}, of each label {shown}. Needed are {_FEWEST_ROWS}, and {_FEWEST_OF_A_KIND} of each label.",
            next_step="Name a table with more rows.",
        )
    written = (positive[0], f"{positive[0]}.0")
    found = connection.execute(f"select {as_text} in {written} from {TABLE} order by {ROW}").fetchnumpy()
    return np.asarray(next(iter(found.values()))).astype(int)


def _read_column(connection: duckdb.DuckDBPyConnection, column: str, kind: str, rows: int) -> tuple[Any, str | None]:
    """The values, floats (nan: unknown) or texts (None: unknown); or None and why the column is left out."""
    import numpy as np

    if column != column.strip() or not column:
        return None, "spaces around its name"
    number, as_text = scorecard.number_of(column), scorecard.category_of(column)
    is_number = kind in _NUMBERS or kind.startswith("DECIMAL") or kind == "BOOLEAN"
    if not is_number and kind != "VARCHAR" and not kind.startswith("ENUM"):
        return None, f"of type {kind.lower()[:30]}, neither number nor text"
    [(texts, distinct_texts, numbers, distinct_numbers)] = connection.execute(
        f"select count({as_text}), count(distinct {as_text}), count({number}), count(distinct {number}) from {TABLE}"
    ).fetchall()
    if not is_number and texts and texts == numbers:
        is_number = True
    distinct, known = (distinct_numbers, numbers) if is_number else (distinct_texts, texts)
    if known == 0 or (distinct == 1 and known == rows):
        return None, "unknown everywhere" if known == 0 else "the same everywhere"
    if not is_number:
        if distinct > _NAMES_SHARE * known:
            return None, "nearly a text of its own in every row"
        values = connection.execute(f"select {as_text} from {TABLE} order by {ROW}").fetchall()
        return np.array([value for (value,) in values], dtype=object), None
    found = connection.execute(f"select {number} as number from {TABLE} order by {ROW}").fetchnumpy()["number"]
    values = np.ma.filled(np.ma.asarray(found, dtype=float), np.nan)
    if distinct == rows and np.all(np.mod(values, 1) == 0):
        return None, "a whole number of its own in every row"
    return values, None


def _tells_all(values: Any, lost: Any) -> bool:
    """Says whether the label follows from the column: each value has one label, or a bound parts them."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    if len(distinct) <= 50:
        shares = np.bincount(codes, lost) / np.bincount(codes)
        return bool(np.isin(shares, (0, 1)).all())
    if values.dtype == object:
        return False
    known = ~np.isnan(values)
    if known.sum() < len(lost) or lost.min() == lost.max():
        return False
    return fitting.auc(lost, values) in (0.0, 1.0)


def _cross_validate(connection: duckdb.DuckDBPyConnection, data: Data, progress: Progress) -> dict[str, Any]:
    """Card and gradient boosting, each fitted on four fifths and judged on the fifth that it has not seen."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    card_scores, reference = np.zeros(len(data.lost)), np.zeros(len(data.lost))
    folds = []
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(data.frame, data.lost):
        part = data.part(train)
        card = fitting.fit_card(part, CODE, _VALID_FROM)
        card_scores[test] = score_rows(connection, card, test + 1)
        frames = fitting.pool_rare(part.frame, data.categories, part.frame, data.frame.iloc[test])
        for column in data.categories:
            known = sorted(set(frames[0][column].dropna()))
            for frame in frames:
                frame[column] = frame[column].astype(_category(known))
        with fitting.quiet():
            reference[test] = fitting.boosting(frames[0], part.lost, frames[1])
        lost = data.lost[test]
        folds.append({
            "auc": fitting.auc(lost, card_scores[test]), "lift": fitting.top_decile_lift(lost, card_scores[test]),
            "reference_auc": fitting.auc(lost, reference[test]), "reference_lift": fitting.top_decile_lift(lost, reference[test]),
        })  # fmt: skip
        progress.advance()
    return {"folds": folds, **{name: float(np.mean([fold[name] for fold in folds])) for name in folds[0]}}


def _category(known: list[str]) -> Any:
    import pandas as pd

    return pd.CategoricalDtype(known)


def score_rows(connection: duckdb.DuckDBPyConnection, card: Card, rows: Any) -> Any:
    """Scores of rows of the loaded table, by the SQL that `weights score` scores with.

    Args:
        rows: Numbers of the rows, from 1 on, ascending.
    """
    scorecard.load(connection, "card", card)
    connection.execute("create or replace temp table chosen_rows (row_number bigint)")
    connection.execute("insert into chosen_rows select unnest(?::bigint[])", [[int(row) for row in rows]])
    connection.execute(f"create or replace temp table chosen as select * from {TABLE} where {ROW} in (from chosen_rows)")
    hits = scorecard.hits_sql(scorecard.values_sql(card, "chosen", "card"), "card")
    return connection.execute(f"select score from ({scorecard.scores_sql(hits, 'card')}) order by {ROW}").fetchnumpy()["score"]


def _describe(connection: duckdb.DuckDBPyConnection, card: Card, data: Data) -> dict[str, Any]:
    """What the card does with the rows that it was fitted on: information value, bands with rows and losses, deciles of the score."""
    import pandas as pd

    scorecard.load(connection, "card", card)
    labels = pd.DataFrame({ROW: range(1, len(data.lost) + 1), "lost": data.lost})
    connection.register("labels", labels)
    connection.execute(f"create or replace temp table valued as {scorecard.values_sql(card, TABLE, 'card')}")
    connection.execute(f"create or replace temp table hits as {scorecard.hits_sql('select * from valued', 'card')}")
    connection.execute(f"""
        create or replace temp table band_rows as
        select
            indicator_code, indicator_value is null as is_missing, coalesce(points, 0) as points, count(*) as row_count,
            sum(lost)::bigint as losses, avg(lost) as loss_share
        from hits inner join labels using ({ROW})
        group by all
    """)
    scores = connection.execute(f"select score from ({scorecard.scores_sql('select * from hits', 'card')}) order by {ROW}").fetchnumpy()["score"]
    bands = dicts(connection, "select * from band_rows order by indicator_code, is_missing, points")
    indicators = []
    for row in card.rows["indicators"]:
        own = [band for band in bands if band["indicator_code"] == row["indicator_code"]]
        value = fitting.information_value([band["row_count"] for band in own], [band["losses"] for band in own])
        indicators.append({"code": row["indicator_code"], "value": value, "bands": own, "most": max(band["points"] for band in own)})
    indicators.sort(key=lambda one: (-one["value"], one["code"]))
    return {"indicators": indicators, "deciles": _deciles(scores, data.lost), "base_rate": float(data.lost.mean())}


def _deciles(scores: Any, lost: Any) -> list[dict[str, Any]]:
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    return [
        {
            "lowest": int(scores[part].min()), "highest": int(scores[part].max()), "rows": len(part), "losses": int(lost[part].sum()),
            "share": float(lost[part].mean()),
        }
        for part in np.array_split(order, 10)
    ]  # fmt: skip
