"""`churn-warning weights score`: any table scored with the seed files of a fitted scorecard, and why each row scores so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from churn_warning import scorecard
from churn_warning.errors import WrongUse
from churn_warning.foreign_table import TABLE, find_column, load_table
from churn_warning.scorecard import ROW, Card
from churn_warning.sql import identifier, literal, memory_limit, safe_cells

_REASONS = 3
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Scored:
    """What was scored.

    Attributes:
        id_column: Name of the column that names a row.
        rows: How many rows.
        lowest, highest, mean: Of their scores.
        top: The rows with the highest scores: id, score, reasons.
        notes: Values that the card does not know, in words.
        out: File with all rows; None: none was asked for.
    """

    id_column: str
    rows: int
    lowest: int
    highest: int
    mean: float
    top: list[tuple]
    notes: list[str]
    out: Path | None


def score_table(data: Path, seeds: Path, id_column: str | None, out: Path | None) -> Scored:
    """Scores every row of a table: the exact sum of the points of its values.

    Args:
        data: Parquet or CSV file.
        seeds: Folder of a card.
        id_column: Column that names a row; None: the one that the card was fitted with, else the number of the row.
        out: CSV or Parquet file that gets id, score and reasons of every row.

    Raises:
        WrongUse: A file cannot be read or written, or a column that the card needs is not in the table.
    """
    if out and not str(out).lower().endswith((".csv", ".parquet")):
        raise WrongUse("--out: the file has to end in .csv or .parquet.", where=str(out), next_step="For example --out scores.csv")
    card = scorecard.read(seeds)
    with duckdb.connect(config={"memory_limit": memory_limit()}) as connection:
        columns = load_table(connection, data)
        numbers, categories = scorecard.inputs(card)
        if lacking := [column for column in dict.fromkeys([*numbers, *categories.values()]) if column not in columns]:
            raise WrongUse(
                f"The table lacks {len(lacking)} columns of the scorecard: {', '.join(lacking[:20])}",
                where=str(data),
                next_step="Give the columns these names, or fit a scorecard on the columns that there are.",
            )
        named = _id_of(card, columns, id_column)
        scorecard.load(connection, "card", card)
        connection.execute(f"create table valued as {scorecard.values_sql(card, TABLE, 'card')}")
        texts = ", ".join(map(scorecard.category_of, categories.values()))
        connection.execute(
            f"create table category_texts as select {ROW}, unnest([{', '.join(map(literal, categories))}]::varchar[]) as indicator_code,"
            f" unnest([{texts}]::varchar[]) as category from {TABLE}"
        )
        connection.execute(f"create table hits as {scorecard.hits_sql('select * from valued', 'card')}")
        connection.execute(f"create table scores as {scorecard.scores_sql('select * from hits', 'card')}")
        shown = f"{TABLE}.{identifier(named)}" if named else f"{TABLE}.{ROW}"
        label = named or "row_number"
        connection.execute(f"""
            create table results as
            with in_order as (

                select *, row_number() over (partition by {ROW} order by points desc, indicator_code) as place
                from hits
                where points > 0

            ),

            -- The value of a category is its level in the files; its own word says more to a person.
            reasons as (

                select
                    in_order.{ROW},
                    string_agg(
                        concat(
                            indicators.label_en, ' = ',
                            coalesce(category_texts.category, format('{{:g}}', in_order.indicator_value), 'unknown'), ': +', in_order.points
                        ),
                        '; ' order by in_order.place
                    ) as reasons
                from in_order
                inner join card.indicators as indicators on in_order.indicator_code = indicators.indicator_code
                left join category_texts
                    on in_order.{ROW} = category_texts.{ROW} and in_order.indicator_code = category_texts.indicator_code
                where in_order.place <= {_REASONS}
                group by in_order.{ROW}

            )

            select {shown} as {identifier(label)}, scores.score, coalesce(reasons.reasons, '') as reasons, {TABLE}.{ROW} as {identifier(ROW)}
            from {TABLE}
            inner join scores on {TABLE}.{ROW} = scores.{ROW}
            left join reasons on {TABLE}.{ROW} = reasons.{ROW}
        """)
        query = f"select * exclude ({ROW}) from results order by {ROW}"
        if out:
            _write(connection, query, out)
        [(rows, lowest, highest, mean)] = connection.execute("select count(*), min(score), max(score), avg(score) from results").fetchall()
        top = connection.execute(f"select * exclude ({ROW}) from results order by score desc, {ROW} limit {_SHOWN_ROWS}").fetchall()
        return Scored(label, rows, lowest, highest, mean, top, _unknown_values(connection, card), out)


def _id_of(card: Card, columns: dict[str, str], given: str | None) -> str | None:
    if given:
        return find_column(columns, "--id", given)
    fitted_with = card.rows["scorecards"][0].get("id_column")
    return fitted_with if fitted_with in columns else None


def _write(connection: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    if out.is_dir() or not out.parent.is_dir():
        what = "this is a folder." if out.is_dir() else "its folder does not exist."
        raise WrongUse(f"--out: {what}", where=str(out), next_step="Name a file in a folder that exists.")
    if out.suffix.lower() == ".csv":
        cells, kind = safe_cells(connection.execute(f"describe {query}").fetchall()), "format csv, header"
    else:
        cells, kind = "*", "format parquet"
    # Under another name first: who reads the file finds it whole or not at all.
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        connection.execute(f"copy (select {cells} from ({query})) to {literal(unfinished)} ({kind})")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _unknown_values(connection: duckdb.DuckDBPyConnection, card: Card) -> list[str]:
    """Values that are there and of which the card knows nothing."""
    numbers, categories = scorecard.inputs(card)
    notes = []
    for code, column in [*((code, code) for code in numbers), *categories.items()]:
        given = scorecard.category_of(column)
        if code in categories:
            known = f"select first_category from card.derived_indicators where indicator_code = {literal(code)}"
            lost = f"{given} is not null and {given} not in ({known})"
        else:
            # "Not a number" in a column of numbers is how some programs write a blank.
            lost = f"{given} is not null and {scorecard.number_of(column)} is null and lower({given}) <> 'nan'"
        [(rows, example)] = connection.execute(f"select count(*), any_value({given} order by {ROW}) from {TABLE} where {lost}").fetchall()
        if rows:
            what = "are of categories that the scorecard does not know" if code in categories else "are not numbers"
            notes.append(f"{column}: {rows:,} values {what} (for example {str(example)[:40]}) and earn the points of an unknown value.")
    return notes


def show(found: Scored, console: Console) -> None:
    """Prints what was scored."""
    table = Table(title=f"The highest scores ({len(found.top)} of {found.rows:,})", title_justify="left")
    table.add_column(found.id_column)
    table.add_column("score", justify="right")
    table.add_column(f"most points (up to {_REASONS} indicators)")
    for name, score, reasons in found.top:
        table.add_row(escape(str(name)), str(score), escape(reasons))
    console.print(table)
    console.print(f"{found.rows:,} rows, scores {found.lowest} to {found.highest}, mean {found.mean:.1f}.", highlight=False)
    for note in found.notes:
        console.print(f"[yellow]![/] {escape(note)}", highlight=False, soft_wrap=True)
    if found.out:
        console.print(f"Written: {found.out}", highlight=False, soft_wrap=True, markup=False)
    else:
        console.print("All rows: add --out FILE.csv (or .parquet).", highlight=False)
