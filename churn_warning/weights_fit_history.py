"""`churn-warning weights fit --scorecard`: points and band edges out of what followed the stored indicators.

Each indicator is cut by a small tree, monotone where seed `indicators` says so; its bands become weights of evidence, a logistic
regression without negative weights says how much each of them counts, and the result is rounded to whole points.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from churn_warning import fitting
from churn_warning.backtest import LOSS_KINDS
from churn_warning.errors import ChecksFailed, RunnerError, WrongUse
from churn_warning.fitting import SEED
from churn_warning.progress import Progress
from churn_warning.report import band_text
from churn_warning.rescore import STORED, attach_warehouse
from churn_warning.seed_lint import SCORECARDS, UNITS_WITH_DECIMALS, Row, Table, find_seeds, lint_tables, read_seeds
from churn_warning.settings import Settings
from churn_warning.sql import identifier
from churn_warning.weights_fit_table import require_new_folder

_FEWEST_LOSSES, _FEWEST_JUDGED = 30, 10
# Of the closed weeks, the newest ones that judge.
_JUDGED_SHARE = 0.25
_JUDGED_LINES = 0.3
_MOST_BANDS, _SMALLEST_BAND = 5, 25
# Neighbouring bands whose shares differ by less than so many standard deviations are one band.
_DEVIATIONS = 2
# So many rows at the mean rate stand in for what a small band has not shown.
_PRIOR_ROWS = 50
# Indicators that say the same share the weight instead of one taking all: every weight is drawn to a common one.
_COMMON_WEIGHT, _PULL = 0.7, 30.0
_SCALES = 80

# Lower bound, upper bound (None: open), number; and the number of an unknown value.
Band = tuple[float | None, float | None, float]


@dataclass(frozen=True)
class Bands:
    """The bands of an indicator, ascending, and what an unknown value earns."""

    bands: list[Band]
    missing: float


@dataclass(frozen=True)
class HistoryRequest:
    """What to fit.

    Attributes:
        scorecard: Its code.
        weeks: Only the last N Sundays whose outcome is known; None: all.
        loss: One of LOSS_KINDS; None: the first that is known.
        out: Folder to write; must be empty or not there.
    """

    scorecard: str
    weeks: int | None
    loss: str | None
    out: Path


@dataclass
class _History:
    """Observations with their outcome; numpy arrays of the same length."""

    values: dict[str, Any]
    lost: Any
    weeks: Any
    lines: Any
    target: Any

    def part(self, rows: Any) -> _History:
        return _History(
            {code: values[rows] for code, values in self.values.items()}, self.lost[rows], self.weeks[rows], self.lines[rows], self.target[rows]
        )


def fit_history(settings: Settings, request: HistoryRequest, progress: Progress) -> dict[str, Any]:
    """Suggests points for one scorecard and measures them on what the fit has not seen. Nothing is written.

    Returns:
        What the report shows, and `bands_file`: header and rows of the suggested scorecard_bands.csv.

    Raises:
        WrongUse: An option cannot be used, or there is no warehouse.
        ChecksFailed: The seeds break a rule, or the history is too short or has too few losses.
    """
    for option, value, allowed in (("--scorecard", request.scorecard, SCORECARDS), ("--loss", request.loss, LOSS_KINDS)):
        if value is not None and value not in allowed:
            raise WrongUse(f"{option} {value}: there is no such value.", next_step=f"Write one of: {', '.join(allowed)}.")
    if request.weeks is not None and request.weeks < 1:
        raise WrongUse(f"--weeks {request.weeks}: must be 1 or more.", next_step="Leave it out to use all weeks.")
    require_new_folder(request.out)
    fitting.require_packages()
    seeds = _read_project(settings)
    card = _Scorecard(seeds, request.scorecard)
    with duckdb.connect(config={"threads": "2"}) as connection:
        attach_warehouse(connection, settings)
        started = time.monotonic()
        progress.start("Reading the history")
        try:
            history, last, loss, horizon = _read_history(connection, card, request)
        except BaseException:
            progress.fail(time.monotonic() - started)
            raise
        weeks = sorted(set(history.weeks))
        progress.finish(
            f"{len(history.lost):,} observations of {len(weeks)} Sundays, {int(history.lost.sum()):,} lost", time.monotonic() - started
        )
    monday = last + timedelta(days=1)
    now = card.bands_on(monday)
    started = time.monotonic()
    progress.start("Fitting", 2)
    try:
        split, train, test = _split(history, horizon)
        measured = None
        if train is not None:
            measured = _measure(card, now, history.part(train), history.part(test))
        progress.advance()
        suggested = _fit(card, now, history)
        progress.advance()
    except BaseException:
        progress.fail(time.monotonic() - started)
        raise
    progress.finish(f"{sum(len(one.bands) for one in suggested.values())} bands of {len(suggested)} indicators", time.monotonic() - started)
    return {
        "scorecard": request.scorecard, "direction": card.direction, "loss": loss, "out": request.out, "monday": monday, "last": last,
        "first_week": weeks[0], "last_week": weeks[-1], "weeks": len(weeks), "rows": len(history.lost), "losses": int(history.lost.sum()),
        "split": split, "measured": measured, "is_better": measured and measured[1]["auc"] > measured[0]["auc"],
        "thresholds": _shares(card, now, suggested, history),
        "indicators": _describe(card, now, suggested, history),
        "bands_file": card.rewritten(now, suggested, monday),
    }  # fmt: skip


def _read_project(settings: Settings) -> dict[str, Table]:
    tables, problems = read_seeds(find_seeds(settings.project_dir / "seeds"))
    if problems := lint_tables(tables, problems):
        raise ChecksFailed(
            "The seeds of the project break rules:\n" + "\n".join(f"- {one}" for one in problems[:20]),
            next_step="Correct them first: churn-warning weights check",
        )
    return tables


class _Scorecard:
    """What the seeds say of one scorecard."""

    def __init__(self, seeds: dict[str, Table], code: str) -> None:
        self.code = code
        own = next(row.typed for row in seeds["scorecards"].rows if row.typed["scorecard_code"] == code)
        self.direction = own["direction"]
        rules = {row.typed["family_code"]: row.typed["family_rule"] for row in seeds["indicator_families"].rows if row.typed["scorecard_code"] == code}
        self.families = {
            row.typed["indicator_code"]: row.typed["family_code"] for row in seeds["scorecard_indicators"].rows if row.typed["scorecard_code"] == code
        }
        self.highest_only = {family for family, rule in rules.items() if rule == "max"}
        of = {row.typed["indicator_code"]: row.typed for row in seeds["indicators"].rows}
        self.units = {indicator: of[indicator]["unit"] for indicator in self.families}
        self.labels = {indicator: (of[indicator]["label_en"], of[indicator]["label_zh"]) for indicator in self.families}
        # In terms of points: those of a scorecard of stability fall where the risk rises.
        sign = 1 if self.direction == "risk" else -1
        self.slopes = {indicator: sign * {"up": 1, "down": -1}.get(of[indicator]["expected_direction"], 0) for indicator in self.families}
        bound = "risk_min" if self.direction == "risk" else "stability_min"
        rule_bounds = {row.typed[bound] for row in seeds["stability_alert_rules"].rows} if code.startswith("core_") else {own["alert_threshold"]}
        self.thresholds = sorted(one for one in rule_bounds if one is not None)
        self._bands = seeds["scorecard_bands"]

    def _own_rows(self) -> list[Row]:
        return [row for row in self._bands.rows if row.typed["scorecard_code"] == self.code and row.typed["scope_type"] == "base"]

    def bands_on(self, day: date) -> dict[str, Bands]:
        """The base bands that are valid on a day."""
        found = {}
        for indicator in self.families:
            rows = [
                row.typed for row in self._own_rows()
                if row.typed["indicator_code"] == indicator and row.typed["valid_from"] <= day <= (row.typed["valid_to"] or day)
            ]  # fmt: skip
            bands = [(row["lower_bound"], row["upper_bound"], row["points"]) for row in rows if not row["match_missing"]]
            missing = sum(row["points"] for row in rows if row["match_missing"])
            found[indicator] = Bands(sorted(bands, key=lambda band: -math.inf if band[0] is None else band[0]), missing)
        return found

    def score(self, bands: dict[str, Bands], values: dict[str, Any]) -> Any:
        """Sum over the families of their points, or of the highest of them."""
        import numpy as np

        points = {code: _apply(bands[code], values[code]) for code in self.families}
        total = 0
        for family in dict.fromkeys(self.families.values()):
            members = np.array([points[code] for code in self.families if self.families[code] == family])
            total = total + (members.max(axis=0) if family in self.highest_only else members.sum(axis=0))
        return total

    def reach(self, bands: dict[str, Bands]) -> float:
        """The highest score that can be reached."""
        highest = {code: max([0, one.missing, *(points for *_, points in one.bands)]) for code, one in bands.items()}
        total = 0.0
        for family in set(self.families.values()):
            members = [highest[code] for code in self.families if self.families[code] == family]
            total += max(members) if family in self.highest_only else sum(members)
        return total

    def rewritten(self, now: dict[str, Bands], suggested: dict[str, Bands], monday: date) -> tuple[list[str], list[dict[str, str]]]:
        """All rows of the seed, those of changed indicators closed and followed by the suggested ones."""
        rows: list[dict[str, str]] = []
        changed = {code for code in self.families if suggested[code] != now[code]}
        last_of = {row.typed["indicator_code"]: row for row in self._own_rows()}
        own = {id(row) for row in self._own_rows()}
        for row in self._bands.rows:
            code = row.typed["indicator_code"]
            if id(row) not in own or code not in changed:
                rows.append(row.raw)
                continue
            ends = row.typed["valid_to"]
            if row.typed["valid_from"] < monday:
                is_open = ends is None or ends >= monday
                rows.append({**row.raw, "valid_to": str(monday - timedelta(days=1))} if is_open else row.raw)
            if row is last_of[code]:
                rows += self._new_rows(code, suggested[code], monday)
        # An indicator that had no row comes last.
        for code in sorted(changed - last_of.keys()):
            rows += self._new_rows(code, suggested[code], monday)
        return list(self._bands.rows[0].raw), rows

    def _new_rows(self, code: str, bands: Bands, monday: date) -> list[dict[str, str]]:
        common = {
            "scorecard_code": self.code, "scope_type": "base", "scope_code": "*", "indicator_code": code, "valid_from": str(monday),
            "valid_to": "", "source": "default", "note": "Suggested by weights fit from history; write here who decided it",
        }  # fmt: skip
        rows = [
            {**common, "lower_bound": _written(low), "upper_bound": _written(high), "match_missing": "false", "points": str(points)}
            for low, high, points in bands.bands
        ]
        if bands.missing:
            rows.append({**common, "lower_bound": "", "upper_bound": "", "match_missing": "true", "points": str(bands.missing)})
        return rows


def _written(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.12g}"


def _apply(bands: Bands, values: Any) -> Any:
    """What each value earns: lower bound included, upper bound not, 0 in no band."""
    import numpy as np

    points = np.zeros(len(values))
    for low, high, number in bands.bands:
        inside = ~np.isnan(values)
        if low is not None:
            inside &= values >= low
        if high is not None:
            inside &= values < high
        points[inside] = number
    points[np.isnan(values)] = bands.missing
    return points


def _read_history(
    connection: duckdb.DuckDBPyConnection, card: _Scorecard, request: HistoryRequest
) -> tuple[_History, date, str, int]:
    import numpy as np

    try:
        [(last,)] = connection.execute(f"select max(as_of_date) from {STORED}.marts.fct_weekly_alerts").fetchall()
        outcomes = f"{STORED}.intermediate.int_outcomes_by_loss_kind"
        known = {kind for (kind,) in connection.execute(f"select distinct loss_kind from {outcomes}").fetchall()}
        loss = request.loss or next((kind for kind in LOSS_KINDS if kind in known), LOSS_KINDS[0])
        [(horizon,)] = connection.execute(f"select value::integer from {STORED}.seeds.parameters where parameter_code = 'outcome_horizon_days'").fetchall()
        limit = f"limit {request.weeks}" if request.weeks else ""
        columns = ", ".join(f"indicators.{identifier(code)}::double as {identifier(code)}" for code in card.families)
        found = connection.execute(f"""
            with outcomes as (

                select as_of_date, subscriber_id, is_lost from {outcomes} where loss_kind = '{loss}'

            ),

            weeks as (

                select distinct as_of_date from outcomes where is_lost is not null order by as_of_date desc {limit}

            )

            select outcomes.as_of_date::varchar as week, outcomes.subscriber_id as line, outcomes.is_lost::integer as lost, {columns}
            from outcomes
            inner join weeks on outcomes.as_of_date = weeks.as_of_date
            inner join {STORED}.marts.fct_indicators as indicators
                on outcomes.as_of_date = indicators.as_of_date and outcomes.subscriber_id = indicators.subscriber_id
            where outcomes.is_lost is not null
            order by week, line
        """).fetchnumpy()
    except duckdb.Error as error:
        raise RunnerError(
            f"The warehouse does not hold what is needed: {' '.join(str(error).split())[:300]}", next_step="Run again: churn-warning run"
        ) from None
    if last is None:
        raise ChecksFailed("The warehouse holds no scored Sunday.", next_step="Run first: churn-warning run")
    lost = np.asarray(found["lost"]).astype(int)
    losses = int(lost.sum())
    if losses < _FEWEST_LOSSES or len(lost) - losses < _FEWEST_LOSSES:
        weeks = len(set(found["week"]))
        raise ChecksFailed(
            f"Too little history: {weeks} Sundays whose outcome is known, {len(lost):,} observations, {losses:,} of them lost ({loss})."
            f" Needed are {_FEWEST_LOSSES} lost and {_FEWEST_LOSSES} kept ones.",
            next_step=f"An outcome is known {horizon} days after its Sunday: fit again when more weeks have passed, or with more of them (--weeks).",
        )
    values = {code: np.ma.filled(np.ma.asarray(found[code], dtype=float), np.nan) for code in card.families}
    target = lost if card.direction == "risk" else 1 - lost
    return _History(values, lost, np.asarray(found["week"], str), np.asarray(found["line"], str), target), last, loss, horizon


def _split(history: _History, horizon: int) -> tuple[str, Any, Any]:
    """Rows to fit on and rows to judge with, and in words how they were parted; None if there are too few."""
    import numpy as np

    weeks = sorted(set(history.weeks))
    first_judged = weeks[len(weeks) - max(1, round(len(weeks) * _JUDGED_SHARE))]
    last_fitted = str(date.fromisoformat(first_judged) - timedelta(days=horizon))
    test, train = history.weeks >= first_judged, history.weeks <= last_fitted
    if _is_enough(history, train) and _is_enough(history, test):
        fitted = max(week for week in weeks if week <= last_fitted)
        return f"by time: fitted on Sundays up to {fitted}, judged on those from {first_judged} on, so that no horizon of {horizon} days overlaps", train, test
    # By the letters of its name, so that a line is always on the same side.
    import hashlib

    shares = np.array([int(hashlib.md5(f"{SEED} {line}".encode()).hexdigest()[:8], 16) / 2**32 for line in history.lines])
    test = shares < _JUDGED_LINES
    if _is_enough(history, ~test) and _is_enough(history, test):
        return (
            f"by line, not by time: {len(weeks)} Sundays are too few for a gap of {horizon} days between fitting and judging;"
            f" judged on {_JUDGED_LINES:.0%} of the lines, which the fit has not seen", ~test, test,
        )  # fmt: skip
    return "not judged: there are too few losses to hold any back", None, None


def _is_enough(history: _History, rows: Any) -> bool:
    losses = history.lost[rows].sum()
    return losses >= _FEWEST_JUDGED and rows.sum() - losses >= _FEWEST_JUDGED


def _measure(card: _Scorecard, now: dict[str, Bands], train: _History, test: _History) -> list[dict[str, Any]]:
    import pandas as pd

    suggested = _fit(card, now, train)
    with fitting.quiet():
        reference = fitting.boosting(pd.DataFrame(train.values), train.target, pd.DataFrame(test.values))
    scores = {
        "current card": card.score(now, test.values),
        "suggested card (fitted on the earlier part)": card.score(suggested, test.values),
        "gradient boosting (reference)": reference,
    }
    # Losses are what is looked for, whichever way the points go.
    sign = 1 if card.direction == "risk" else -1
    return [
        {
            "name": name, "auc": fitting.auc(test.lost, sign * score), "lift": fitting.top_decile_lift(test.lost, sign * score),
            "rows": len(test.lost), "losses": int(test.lost.sum()),
        }
        for name, score in scores.items()
    ]  # fmt: skip


def _fit(card: _Scorecard, now: dict[str, Bands], history: _History) -> dict[str, Bands]:
    """Whole points, none negative, on the scale of the current card."""
    heights = {code: _bands_of(history.values[code], history.target, card.slopes[code], card.units[code]) for code in card.families}
    weights = _weights_of(card, heights, history)
    current = card.score(now, history.values)
    best: tuple[float, dict[str, Bands]] | None = None
    top = max([weights[code] * number for code, one in heights.items() for *_, number in one.bands], default=0)
    if top <= 0:
        raise ChecksFailed(
            f"No indicator of {card.code} tells the lost from the kept in this history.", next_step="Fit again with more weeks."
        )
    for step in range(1, _SCALES + 1):
        # Up to 20 points for the strongest band: the cards of the seeds give up to 5.
        scale = step * 20 / _SCALES / top
        points = {code: _rounded(one, weights[code] * scale) for code, one in heights.items()}
        # A threshold that cannot be reached would be refused by the seeds' own check.
        if card.reach(points) < max(card.thresholds, default=0):
            continue
        distance = _distance(card.score(points, history.values), current, card.thresholds)
        if best is None or distance < best[0] - 1e-9:
            best = distance, points
    if best is None:
        raise ChecksFailed(
            f"No points on the scale of the current card reach its threshold of {max(card.thresholds):g}.",
            next_step="Fit with more weeks; too few indicators tell the lost from the kept.",
        )
    return best[1]


def _distance(scores: Any, current: Any, thresholds: list[float]) -> float:
    """How differently two cards load the thresholds; by the mean where there is none."""
    if not thresholds:
        return abs(float(scores.mean() - current.mean()))
    room = 0.5 / len(scores)
    return sum(abs(math.log(((scores >= bound).mean() + room) / ((current >= bound).mean() + room))) for bound in thresholds)


def _rounded(one: Bands, scale: float) -> Bands:
    """Whole points; neighbours with the same points are one band, and bands without points are left out."""
    merged: list[Band] = []
    for low, high, number in one.bands:
        points = round(number * scale)
        if merged and merged[-1][2] == points:
            merged[-1] = (merged[-1][0], high, points)
        else:
            merged.append((low, high, points))
    return Bands([band for band in merged if band[2]], round(one.missing * scale))


def _weights_of(card: _Scorecard, heights: dict[str, Bands], history: _History) -> dict[str, float]:
    """How much the weights of evidence of each indicator count beside the others: logistic regression without negative weights.

    Of a family that counts its highest indicator only, the highest is one input.
    """
    import numpy as np
    from scipy.optimize import minimize

    groups: dict[str, list[str]] = {}
    for code, family in card.families.items():
        groups.setdefault(f"family {family}" if family in card.highest_only else code, []).append(code)
    inputs = np.array([np.max([_apply(heights[code], history.values[code]) for code in codes], axis=0) for codes in groups.values()]).T
    target = history.target

    def loss(parameters: Any) -> tuple[float, Any]:
        linear = parameters[0] + inputs @ parameters[1:]
        chance = 1 / (1 + np.exp(-np.clip(linear, -30, 30)))
        error = chance - target
        apart = parameters[1:] - _COMMON_WEIGHT
        value = np.logaddexp(0, linear).sum() - (target * linear).sum() + 0.5 * _PULL * (apart**2).sum()
        return float(value), np.concatenate([[error.sum()], inputs.T @ error + _PULL * apart])

    share = target.mean()
    start = np.concatenate([[math.log(share / (1 - share))], np.full(len(groups), _COMMON_WEIGHT)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * len(groups)).x
    return {code: float(weight) for codes, weight in zip(groups.values(), found[1:], strict=True) for code in codes}


def _bands_of(values: Any, target: Any, slope: int, unit: str) -> Bands:
    """Bands of one indicator with their weight of evidence above that of the lowest band; unknown is a band of its own.

    Args:
        slope: 1: points may only rise with the value, -1: only fall, 0: either.
    """
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier

    known = ~np.isnan(values)
    share = target.mean()
    if known.sum() < 2 * _SMALLEST_BAND:
        return Bands([], 0)
    tree = DecisionTreeClassifier(
        criterion="log_loss", max_leaf_nodes=_MOST_BANDS, min_samples_leaf=_SMALLEST_BAND, monotonic_cst=[slope], random_state=SEED
    )
    if target[known].min() == target[known].max():
        return Bands([], 0)
    tree.fit(values[known].reshape(-1, 1), target[known])
    cuts = sorted({_readable(float(cut), unit) for cut in tree.tree_.threshold[tree.tree_.feature == 0]})
    place = np.digitize(values[known], cuts)
    rows = np.bincount(place, minlength=len(cuts) + 1).astype(float)
    hits = np.bincount(place, target[known], minlength=len(cuts) + 1)
    cuts, rows, hits = _without_chance(cuts, rows, hits, slope)
    evidence = [_evidence(count, hit, share) for count, hit in zip(rows, hits, strict=True)]
    lowest = min(evidence)
    unknown = ~known
    # An unknown value is never safer than the safest known one.
    missing = max(0.0, _evidence(unknown.sum(), target[unknown].sum(), share) - lowest) if unknown.sum() >= _SMALLEST_BAND else 0.0
    edges = list(zip([None, *cuts], [*cuts, None], strict=True))
    return Bands([(low, high, one - lowest) for (low, high), one in zip(edges, evidence, strict=True)], missing)


def _readable(cut: float, unit: str) -> float:
    """A bound as a person would write it: whole for whole numbers, hundredths of a share, two digits of an amount."""
    if unit not in UNITS_WITH_DECIMALS:
        return float(math.ceil(cut))
    return float(f"{cut:.2g}") if unit == "yuan" else round(cut, 2)


def _evidence(rows: float, hits: float, share: float) -> float:
    """Weight of evidence of a band, drawn to 0 where it has few rows."""
    rate = (hits + _PRIOR_ROWS * share) / (rows + _PRIOR_ROWS)
    return math.log(rate / (1 - rate)) - math.log(share / (1 - share))


def _without_chance(cuts: list[float], rows: Any, hits: Any, slope: int) -> tuple[list[float], list[float], list[float]]:
    """Puts neighbours together until all differ by more than chance, and in the direction that is expected."""
    cuts, rows, hits = list(cuts), [float(one) for one in rows], [float(one) for one in hits]
    while cuts:
        strengths = [_strength(rows[at], hits[at], rows[at + 1], hits[at + 1], slope) for at in range(len(cuts))]
        weakest = min(range(len(cuts)), key=lambda at: strengths[at])
        if strengths[weakest] >= _DEVIATIONS:
            break
        del cuts[weakest]
        rows[weakest : weakest + 2] = [rows[weakest] + rows[weakest + 1]]
        hits[weakest : weakest + 2] = [hits[weakest] + hits[weakest + 1]]
    return cuts, rows, hits


def _strength(rows: float, hits: float, next_rows: float, next_hits: float, slope: int) -> float:
    """By how many standard deviations the next band differs; negative against the expected direction."""
    if min(rows, next_rows) == 0:
        return -math.inf
    pooled = (hits + next_hits) / (rows + next_rows)
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / next_rows))
    difference = (next_hits / next_rows - hits / rows) / deviation if deviation else 0.0
    return difference * slope if slope else abs(difference)


def _shares(card: _Scorecard, now: dict[str, Bands], suggested: dict[str, Bands], history: _History) -> list[dict[str, Any]]:
    """What share of the observations is at or above each threshold, by the current points and by the suggested ones."""
    before, after = (card.score(bands, history.values) for bands in (now, suggested))
    shares = [
        {"name": f"score of {bound:g} or more", "now": float((before >= bound).mean()), "suggested": float((after >= bound).mean())}
        for bound in card.thresholds
    ]
    return shares


def _describe(card: _Scorecard, now: dict[str, Bands], suggested: dict[str, Bands], history: _History) -> list[dict[str, Any]]:
    """Per indicator: information value, and every piece between two bounds of either card with rows, losses and both points."""
    import numpy as np

    described = []
    for code in card.families:
        values, lost = history.values[code], history.lost
        bands = now[code].bands + suggested[code].bands
        bounds = sorted({bound for low, high, _ in bands for bound in (low, high) if bound is not None})
        edges = zip([None, *bounds], [*bounds, None], strict=True)
        pieces = [(*edge, ~np.isnan(values) & (np.digitize(values, bounds) == place)) for place, edge in enumerate(edges)]
        pieces.append((None, None, np.isnan(values)))
        rows = []
        for place, (low, high, inside) in enumerate(pieces):
            is_missing = place == len(pieces) - 1
            if is_missing and not inside.any():
                continue
            probe = np.array([np.nan if is_missing else low if low is not None else (high - 1 if high is not None else 0.0)])
            rows.append({
                "band": "any value" if not is_missing and low is None and high is None else band_text(low, high),
                "rows": int(inside.sum()), "losses": int(lost[inside].sum()),
                "share": float(lost[inside].mean()) if inside.any() else None,
                "now": int(_apply(now[code], probe)[0]), "suggested": int(_apply(suggested[code], probe)[0]),
            })  # fmt: skip
        described.append({
            "code": code, "label_en": card.labels[code][0], "label_zh": card.labels[code][1], "pieces": rows,
            "value": fitting.information_value([row["rows"] for row in rows], [row["losses"] for row in rows]),
            "is_changed": now[code] != suggested[code],
        })  # fmt: skip
    return sorted(described, key=lambda one: (-one["value"], one["code"]))
