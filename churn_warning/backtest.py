"""Were the alerts right: what followed them, summed over the Sundays of the published marts whose horizon has passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from churn_warning.errors import WrongUse
from churn_warning.mart_files import MARTS_FILE
from churn_warning.report import band_text, dicts
from churn_warning.seed_lint import find_seeds, read_seeds

SCOPES = ("local", "base")
# In the order in which the first that is known is taken.
LOSS_KINDS = ("quantity", "value", "any")
_LOSSES = {"quantity": "left or suspended", "value": "lost value", "any": "left, suspended or lost value"}
_SHOWN_ROWS = 10


@dataclass(frozen=True)
class Backtest:
    """What followed the alerts of some Sundays. Each row of a list is a dict by column name.

    Attributes:
        model_scope: `local` or `base`.
        loss_kind: What counts as a loss: one of LOSS_KINDS.
        sundays: The Sundays, oldest first; empty: none can be judged yet.
        first_closes_on: Day from which the first Sunday of the marts can be judged; None: they hold no Sunday.
        levels: signal, signal_level, observations, losses, precision_share, recall_share, lift.
        scores: scorecard, auc, top_decile_lift.
        unearned_bands: Bands on whose lines losses were not what their points say: fewer than by chance for points of risk, more
            for points of stability. The furthest off first.
        best_bands: The other bands with a lift above 1, the highest first.
        drift: Indicators and scores of the last Sunday that moved, and by more than chance does.
    """

    model_scope: str
    loss_kind: str
    sundays: list[date]
    first_closes_on: date | None
    levels: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    unearned_bands: list[dict[str, Any]]
    best_bands: list[dict[str, Any]]
    drift: list[dict[str, Any]]


def default_min_observations(project_dir: Path) -> int:
    """Parameter backtest_min_observations of the project.

    Raises:
        WrongUse: It is not there, or not a whole number.
    """
    files = find_seeds(project_dir / "seeds")
    tables, _ = read_seeds(files)
    for row in tables["parameters"].rows:
        if row.raw.get("parameter_code") == "backtest_min_observations" and row.raw.get("value", "").isdecimal():
            return int(row.raw["value"])
    raise WrongUse(
        "Parameter backtest_min_observations is missing or not a whole number.",
        where=files["parameters"].shown,
        next_step="See what is wrong with the seeds: churn-warning weights check; or name a number with --min-observations.",
    )


def measure(publish_dir: Path, model_scope: str, loss_kind: str | None, weeks: int | None, min_observations: int) -> Backtest:
    """Sums up the published marts.

    Args:
        publish_dir: Folder of the published versions.
        model_scope: One of SCOPES.
        loss_kind: One of LOSS_KINDS; None: the first of them that is known for any Sunday.
        weeks: Only the last N Sundays; None: all.
        min_observations: Bands with fewer observations are left out.

    Raises:
        WrongUse: Nothing is published, or it was published before these marts existed, or a value is none of those above.
    """
    _require("--scope", model_scope, SCOPES)
    if loss_kind is not None:
        _require("--loss", loss_kind, LOSS_KINDS)
    for option, number in (("--weeks", weeks), ("--min-observations", min_observations)):
        if number is not None and number < 1:
            raise WrongUse(f"{option} {number}: must be 1 or more.", next_step=f"Write a whole number, for example {option} 8.")
    marts = publish_dir / "current" / MARTS_FILE
    if not marts.is_file():
        raise WrongUse("Nothing is published yet.", where=str(publish_dir), next_step="Run first: churn-warning run")
    with duckdb.connect(str(marts), read_only=True) as connection:
        tables = {row[0] for row in connection.execute("select table_name from information_schema.tables").fetchall()}
        if not {"fct_alert_backtest", "fct_band_backtest", "fct_score_drift"} <= tables:
            raise WrongUse(
                "This version was published before backtests existed.", where=str(marts), next_step="Run again: churn-warning run"
            )
        known = dict(connection.execute("select loss_kind, count(*) from fct_alert_backtest group by loss_kind").fetchall())
        kind = loss_kind or next((one for one in LOSS_KINDS if one in known), LOSS_KINDS[0])
        sundays = connection.execute(
            "select distinct as_of_date from fct_alert_backtest where loss_kind = ? order by as_of_date desc limit ?",
            [kind, weeks if weeks is not None else 2**31],
        ).fetchall()
        chosen = sorted(row[0] for row in sundays)
        [(first_closes_on,)] = connection.execute("select min(outcome_until) from dim_dates where is_weekly").fetchall()
        filters = {"scope": model_scope, "kind": kind, "first": chosen[0] if chosen else None}

        def ask(query: str) -> list[dict[str, Any]]:
            return dicts(connection, query, filters)

        bands = [band for band in ask(_BANDS) if band["observations"] >= min_observations and band["lift"] is not None]
        return Backtest(
            model_scope=model_scope,
            loss_kind=kind,
            sundays=chosen,
            first_closes_on=first_closes_on,
            levels=ask(_LEVELS),
            scores=ask(_SCORES),
            unearned_bands=sorted((band for band in bands if _is_unearned(band)), key=lambda band: -abs(band["lift"] - 1)),
            best_bands=sorted((band for band in bands if band["lift"] > 1 and not _is_unearned(band)), key=lambda band: -band["lift"]),
            drift=dicts(connection, _DRIFT, {"scope": model_scope}),
        )


def show(found: Backtest, console: Console) -> None:
    """Prints a backtest, or when the first one will be possible."""
    if not found.sundays:
        console.print(_too_early(found), highlight=False, soft_wrap=True)
    else:
        first, last = found.sundays[0], found.sundays[-1]
        console.print(
            f"[bold]{len(found.sundays)} weeks, {first} to {last}, {found.model_scope} model.[/] Lost: {_LOSSES[found.loss_kind]}"
            " within the horizon after the Sunday.",
            highlight=False,
        )
        console.print(_table("Signals and levels", _LEVEL_COLUMNS, found.levels, section_by="signal"))
        console.print(_table("Scores", _SCORE_COLUMNS, found.scores))
        _show_bands("Bands that do not earn their points", found.unearned_bands, console)
        _show_bands("Bands with the highest lift", found.best_bands, console)
    if found.drift:
        console.print(_table("Moved against the reference week (population stability index)", _DRIFT_COLUMNS, found.drift[:_SHOWN_ROWS]))
        _say_more(found.drift, "fct_score_drift", console)
    else:
        console.print("Drift: no indicator and no score of the last Sunday has left its reference week's bounds (seed drift_bounds).", highlight=False)


def _too_early(found: Backtest) -> str:
    if found.first_closes_on is None:
        return "The published marts hold no Sunday, so there is nothing to judge."
    text = f"No week can be judged yet: what followed an alert is known when its horizon has passed. The first closes on {found.first_closes_on}."
    if found.loss_kind == LOSS_KINDS[0]:
        return text
    return f"{text} Losses of value are known later, once all months that begin in the horizon are judged; try --loss {LOSS_KINDS[0]}."


def _is_unearned(band: dict[str, Any]) -> bool:
    speaks_of_risk = (band["points"] > 0) == (band["direction"] == "risk")
    return band["lift"] < 1 if speaks_of_risk else band["lift"] > 1


def _show_bands(title: str, bands: list[dict[str, Any]], console: Console) -> None:
    if not bands:
        console.print(f"{title}: none.", highlight=False)
        return
    console.print(_table(title, _BAND_COLUMNS, bands[:_SHOWN_ROWS]))
    _say_more(bands, "fct_band_backtest", console)


def _say_more(rows: list[dict[str, Any]], mart: str, console: Console) -> None:
    if len(rows) > _SHOWN_ROWS:
        console.print(f"and {len(rows) - _SHOWN_ROWS} more: mart {mart}", highlight=False)


def _table(
    title: str, columns: dict[str, Callable[[dict[str, Any]], str]], rows: list[dict[str, Any]], section_by: str | None = None
) -> Table:
    texts = {"signal", "level", "score", "scorecard", "indicator", "band", "weights of", "what", "moved"}
    table = Table(title=title, title_justify="left")
    for heading in columns:
        table.add_column(heading, justify="left" if heading in texts else "right")
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        ends = section_by is not None and following is not None and following[section_by] != row[section_by]
        table.add_row(*(text(row) for text in columns.values()), end_section=ends)
    return table


def _share(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: "-" if row[name] is None else f"{row[name]:.1%}"


def _ratio(name: str, digits: int = 2) -> Callable[[dict[str, Any]], str]:
    return lambda row: "-" if row[name] is None else f"{row[name]:.{digits}f}"


def _count(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: f"{row[name]:,}"


def _text(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: str(row[name])


def _require(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise WrongUse(f"{option} {value}: there is no such value.", next_step=f"Write one of: {', '.join(allowed)}.")


_LEVEL_COLUMNS = {
    "signal": _text("signal"),
    "level": _text("signal_level"),
    "observations": _count("observations"),
    "lost": _count("losses"),
    "precision": _share("precision_share"),
    "recall": _share("recall_share"),
    "lift": _ratio("lift"),
}
_SCORE_COLUMNS = {"score": _text("signal"), "AUC": _ratio("auc", 3), "top-decile lift": _ratio("top_decile_lift")}
_BAND_COLUMNS = {
    "scorecard": _text("scorecard_code"),
    "indicator": _text("indicator_code"),
    "band": lambda row: band_text(row["lower_bound"], row["upper_bound"]) if row["band_kind"] == "value" else "unknown value",
    "weights of": lambda row: "base" if row["scope_type"] == "base" else f"{row['scope_type']} {row['scope_code']}",
    "points": lambda row: f"{row['points']:+d}",
    "observations": _count("observations"),
    "lost": _count("losses"),
    "share": _share("loss_share"),
    "lift": _ratio("lift"),
}
_DRIFT_COLUMNS = {
    "what": _text("measure_kind"),
    "indicator": _text("measure_code"),
    "moved": _text("drift_level"),
    "index": _ratio("psi", 3),
    "by chance": _ratio("psi_by_chance", 3),
    "since": _text("reference_date"),
}

# Sums first, shares of the sums afterwards: the mean of weekly shares would count a small week as much as a large one.
_LEVELS = """
    with summed as (
        select
            signal, signal_level, sum(observations)::bigint as observations, sum(losses)::bigint as losses,
            sum(target_observations) as target_observations, sum(target_losses) as target_losses
        from fct_alert_backtest
        where model_scope = $scope and loss_kind = $kind and as_of_date >= $first and signal_level <> '*'
        group by signal, signal_level
    )
    select
        *,
        losses / nullif(observations, 0) as precision_share,
        losses / nullif(target_losses, 0) as recall_share,
        precision_share / nullif(target_losses / target_observations, 0) as lift
    from summed
    order by
        list_position(['alert_level', 'stability', 'early_warning', 'traceback'], signal),
        list_position(['red', 'yellow', 'blue', 'potential', 'none'], signal_level)
"""
_SCORES = """
    select
        signal,
        sum(auc_ordered_pairs) / nullif(sum(auc_pairs), 0) as auc,
        sum(top_decile_losses) / nullif(sum(top_decile_observations), 0)
            / nullif(sum(target_losses) / sum(target_observations), 0) as top_decile_lift
    from fct_alert_backtest
    where model_scope = $scope and loss_kind = $kind and as_of_date >= $first and signal_level = '*'
    group by signal
    order by list_position(['core_risk', 'core_stability', 'churn_traceback'], signal)
"""
# The base rate is that of the weeks in which anybody was in the band: its points may hold for some of the weeks only.
_BANDS = """
    with summed as (
        select
            scorecard_code, direction, indicator_code, scope_type, scope_code, band_kind, lower_bound, upper_bound, points,
            sum(observations)::bigint as observations, sum(losses)::bigint as losses,
            sum(target_observations) as target_observations, sum(target_losses) as target_losses
        from fct_band_backtest
        where model_scope = $scope and loss_kind = $kind and as_of_date >= $first and band_kind <> 'no_points'
        group by all
    )
    select
        *,
        losses / nullif(observations, 0) as loss_share,
        loss_share / nullif(target_losses / target_observations, 0) as lift
    from summed
    order by scorecard_code, indicator_code, scope_type, scope_code, band_kind, lower_bound nulls first, points
"""
_DRIFT = """
    select measure_kind, measure_code, drift_level, psi, psi_by_chance, reference_date
    from fct_score_drift
    where as_of_date = (select max(as_of_date) from fct_score_drift)
        and model_scope in ('*', $scope)
        and drift_level <> 'ok' and psi > psi_by_chance
    order by psi desc, measure_code
"""
