"""The statistics of fitting a scorecard: boosted bins with whole points for any table, how good a score is, and the reference.

Needs the packages of the extra `fit`, which nothing else needs; they are imported when they are used.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from churn_warning.errors import WrongUse
from churn_warning.scorecard import Card

SEED = 42
FOLDS = 5
# So many points more double the odds. Finer points change nothing that can be measured, coarser ones do (docs/decisions.md).
POINTS_PER_DOUBLING = 20
_PER_LOG_ODDS = POINTS_PER_DOUBLING / math.log(2)
# Bands of a number at most: more are hardly read by anybody, and gain less than 0.001 of AUC.
_MOST_BANDS = 12
_MOST_COMBINATIONS = 10
# A category with fewer rows than this share (and than so many) counts as one of the rare ones.
_RARE_SHARE, _RARE_ROWS = 0.002, 20
# With more categories than these a column is not combined with another: nobody could read the cells.
_COMBINED_CATEGORIES = 12
_RARE = "(rare)"


def require_packages() -> None:
    """Raises WrongUse unless the packages of the extra `fit` are installed."""
    for name in ("numpy", "pandas", "scipy", "sklearn", "interpret"):
        try:
            importlib.import_module(name)
        except ImportError:
            raise WrongUse(
                f"Fitting needs packages that are not installed ({name}).",
                next_step="Install them beside churn-warning: .venv/bin/python -m pip install 'churn-warning[fit]'"
                ' (in the project\'s folder: ".[fit]")',
            ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Without the remarks of libraries, and with one thread where many would only wait for each other."""
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield


def auc(lost: Any, score: Any) -> float:
    """Chance that of a lost and a kept row the lost one has the higher score; half of a tie counts."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(lost, score))


def top_decile_lift(lost: Any, score: Any) -> float:
    """Share of losses in the tenth with the highest scores against that of all; of a tie at its end, the share that fits."""
    import numpy as np

    lost, score = np.asarray(lost, float), np.asarray(score, float)
    room = len(lost) / 10
    bound = np.sort(score)[::-1][max(math.ceil(room) - 1, 0)]
    above, tied = score > bound, score == bound
    losses = lost[above].sum() + lost[tied].mean() * (room - above.sum())
    return float(losses / room / lost.mean())


def information_value(rows: Any, losses: Any) -> float:
    """Sum over bands of (share of the lost - share of the kept) * ln(of both); half a row stands in for none.

    Args:
        rows: Rows of each band.
        losses: Lost ones of them.
    """
    import numpy as np

    rows, losses = np.asarray(rows, float), np.asarray(losses, float)
    bad, good = losses + 0.5, rows - losses + 0.5
    bad, good = bad / bad.sum(), good / good.sum()
    return float(((bad - good) * np.log(bad / good)).sum())


def boosting(train: Any, lost: Any, test: Any) -> Any:
    """Risk of the test rows by gradient boosting, the reference that no card can be read from; categories have dtype category."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Of very small data no leaf would be left.
    leaf = max(5, min(100, len(train) // 100))
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=200, max_leaf_nodes=12, min_samples_leaf=leaf, l2_regularization=10, random_state=SEED,
        categorical_features="from_dtype", early_stopping=False,
    )  # fmt: skip
    return model.fit(train, lost).predict_proba(test)[:, 1]


@dataclass(frozen=True)
class Data:
    """A table to fit on.

    Attributes:
        frame: pandas: a column of floats (nan: unknown) per number, of texts (None: unknown) per category.
        categories: Names of the columns that are categories.
        whole: Names of the columns that hold whole numbers only.
        lost: numpy: 1 or 0 per row.
    """

    frame: Any
    categories: list[str]
    whole: set[str]
    lost: Any

    def part(self, rows: Any) -> Data:
        """Some of the rows."""
        return Data(self.frame.iloc[rows].reset_index(drop=True), self.categories, self.whole, self.lost[rows])


def pool_rare(train: Any, columns: list[str], *frames: Any) -> list[Any]:
    """Copies of frames in which categories that are rare (or not there) in the training rows are one category."""
    import numpy as np

    kept = {}
    for column in columns:
        counts = train[column].value_counts()
        kept[column] = set(counts.index[counts >= max(_RARE_ROWS, _RARE_SHARE * len(train))])
    copies = []
    for frame in frames:
        copy = frame.copy()
        for column, known in kept.items():
            values = frame[column].to_numpy(dtype=object)
            is_known = np.fromiter((value is None or value in known for value in values), bool, len(values))
            copy[column] = np.where(is_known, values, _RARE)
        copies.append(copy)
    return copies


def fit_card(data: Data, code: str, today: str) -> Card:
    """Fits a scorecard: an additive model of boosted bins and a few pairs, its log-odds rounded to whole points.

    The model is the explainable boosting machine (Nori, Jenkins, Koch, Caruana 2019: InterpretML). Within an indicator the
    band with the lowest risk gets 0 points.

    Args:
        data: The rows.
        code: Code of the scorecard.
        today: First day on which the bands count, an ISO date.
    """
    from interpret.glassbox import ExplainableBoostingClassifier

    columns = list(data.frame.columns)
    [frame] = pool_rare(data.frame, data.categories, data.frame)
    too_many = [column for column in data.categories if frame[column].nunique() > _COMBINED_CATEGORIES]
    model = ExplainableBoostingClassifier(
        feature_names=columns,
        feature_types=["nominal" if column in data.categories else "continuous" for column in columns],
        max_bins=32,
        max_interaction_bins=6,
        interactions=min(_MOST_COMBINATIONS, len(columns) * (len(columns) - 1) // 2),
        exclude=[(one, two) for one in too_many for two in columns if one != two],
        outer_bags=4,
        learning_rate=0.03,
        min_samples_leaf=max(4, min(100, len(frame) // 400)),
        max_rounds=5000,
        # Processes of their own cost more than they bring where there is little to do.
        n_jobs=-1 if frame.size > 500_000 else 1,
        random_state=SEED,
    )
    with quiet():
        model.fit(frame, data.lost)
    return _Writer(model, data, frame, code, today).card()


class _Writer:
    """The rows of a card out of a fitted model."""

    def __init__(self, model: Any, data: Data, frame: Any, code: str, today: str) -> None:
        self._model, self._data, self._frame, self._code, self._today = model, data, frame, code, today
        self._columns = list(frame.columns)
        self._card = Card()
        self._shift = 0.0
        self._combined = {
            column for pair, scores in zip(model.term_features_, model.term_scores_, strict=True) if len(pair) == 2 and _has_points(scores)
            for column in pair
        }  # fmt: skip

    def card(self) -> Card:
        for position, features in enumerate(self._model.term_features_):
            scores, weights = self._model.term_scores_[position], self._model.bin_weights_[position]
            if len(features) == 1 and self._columns[features[0]] in self._data.categories:
                self._add_categories(features[0], scores, weights)
            elif len(features) == 1:
                self._add_bands(features[0], scores, weights)
            elif _has_points(scores):
                self._add_cells(features, scores)
        # A combination reads the values of two indicators that need not earn points themselves.
        even = -(float(self._model.intercept_[0]) + self._shift) * _PER_LOG_ODDS
        self._card.rows["scorecards"] = [
            {
                "scorecard_code": self._code, "label_en": "Fitted scorecard", "label_zh": "拟合评分卡", "direction": "risk",
                "source": "fitted",
                "note": f"{POINTS_PER_DOUBLING} points more double the odds of the label; at {even:.0f} points it is as likely as not",
            }
        ]  # fmt: skip
        used = {row["family_code"] for row in self._card.rows["scorecard_indicators"]}
        names = {"columns": ("Single columns", "单项指标"), "combinations": ("Combinations of two indicators", "组合指标")}
        self._card.rows["indicator_families"] = [
            {"scorecard_code": self._code, "family_code": family, "family_rule": "sum", "label_en": english, "label_zh": chinese}
            for family, (english, chinese) in names.items() if family in used
        ]  # fmt: skip
        return self._card.completed()

    def _add_bands(self, feature: int, scores: Any, weights: Any) -> None:
        column = self._columns[feature]
        bounds = self._bounds(feature, 0)
        ends, heights = _segments(scores[1:-1], weights[1:-1], bounds)
        missing = scores[0] if weights[0] > 0 else 0.0
        lowest = self._lowest([*heights, missing])
        points = [round((height - lowest) * _PER_LOG_ODDS) for height in heights]
        bands = [
            (low, high, number)
            for low, high, number in _merged(list(zip([None, *ends], [*ends, None], points, strict=True)))
        ]
        missing_points = round((missing - lowest) * _PER_LOG_ODDS)
        unit = "count" if column in self._data.whole else "number"
        self._add_indicator(column, unit, column, bands, missing_points, weights[0] > 0)

    def _add_categories(self, feature: int, scores: Any, weights: Any) -> None:
        column = self._columns[feature]
        bins = self._model.bins_[feature][0]
        heights = {category: scores[place] for category, place in bins.items()}
        missing = scores[0] if weights[0] > 0 else 0.0
        lowest = self._lowest([*heights.values(), missing])
        points = {category: round((height - lowest) * _PER_LOG_ODDS) for category, height in heights.items()}
        in_order = sorted(points, key=lambda category: (heights[category], category))
        # A combination tells categories apart that earn the same by themselves.
        levels: dict[str, int] = {}
        for place, category in enumerate(in_order):
            is_new = place == 0 or feature in self._combined or points[category] != points[in_order[place - 1]]
            levels[category] = (levels[in_order[place - 1]] if place else 0) + is_new
        self._levels = {**getattr(self, "_levels", {}), feature: levels}
        for category in sorted(set(self._data.frame[column].dropna())):
            level = levels.get(category, levels.get(_RARE))
            if level is not None:
                self._card.rows["derived_indicators"].append(
                    {"indicator_code": self._level_code(feature), "level": level, "first_input": column, "first_category": category}
                )
        steps = [(float(levels[category]), float(levels[category] + 1), points[category]) for category in in_order]
        bands = _merged(sorted(set(steps), key=lambda step: step[0]))
        self._add_indicator(
            self._level_code(feature), "level", column, bands, round((missing - lowest) * _PER_LOG_ODDS), weights[0] > 0
        )

    def _add_cells(self, features: tuple[int, int], scores: Any) -> None:
        # A pair of which one value is unknown says nothing beyond its parts: it earns the points of the mean risk.
        lowest = self._lowest([scores[1:-1, 1:-1].min(), 0.0])
        points = [[round((score - lowest) * _PER_LOG_ODDS) for score in line[1:-1]] for line in scores[1:-1]]
        code = " x ".join(self._code_of(feature) for feature in features)
        distinct = sorted({number for line in points for number in line})
        levels = {number: place + 1 for place, number in enumerate(distinct)}
        places = [self._places(feature, scores.shape[side] - 2) for side, feature in enumerate(features)]
        # Neighbours that earn the same become one place, first whole lines, then cells of a line.
        for first, line in _runs(self._lines(places[0], points)):
            for second, number in _runs(self._lines(places[1], line)):
                self._card.rows["derived_indicators"].append(
                    {
                        "indicator_code": code, "level": levels[number],
                        "first_input": self._code_of(features[0]), "first_lower_bound": first[0], "first_upper_bound": first[1],
                        "second_input": self._code_of(features[1]), "second_lower_bound": second[0], "second_upper_bound": second[1],
                    }
                )  # fmt: skip
        bands = [(float(levels[number]), float(levels[number] + 1), number) for number in distinct]
        label = " x ".join(self._columns[feature] for feature in features)
        self._add_indicator(code, "level", label, bands, round(-lowest * _PER_LOG_ODDS), False, family="combinations")

    @staticmethod
    def _lines(places: list[list[tuple]], values: list[Any]) -> list[tuple]:
        """Every place of an indicator with the value of its bin, in order."""
        return sorted(
            ((place, values[index]) for index, found in enumerate(places) for place in found),
            key=lambda one: -math.inf if one[0][0] is None else one[0][0],
        )

    def _places(self, feature: int, size: int) -> list[list[tuple[float | None, float | None]]]:
        """The bounds of every bin of a pair; a bin of several categories has several places, their levels."""
        if self._columns[feature] in self._data.categories:
            bins = self._model.bins_[feature][min(1, len(self._model.bins_[feature]) - 1)]
            places: list[list[tuple]] = [[] for _ in range(size)]
            for category, index in bins.items():
                level = self._levels[feature][category]
                places[index - 1].append((float(level), float(level + 1)))
            return places
        bounds = self._bounds(feature, 1)
        return [[place] for place in zip([None, *bounds], [*bounds, None], strict=True)]

    def _bounds(self, feature: int, resolution: int) -> list[float]:
        bins = self._model.bins_[feature]
        bounds = [float(bound) for bound in bins[min(resolution, len(bins) - 1)]]
        # Between two whole numbers every bound says the same, and a whole one says it best; others lose what arithmetic left.
        if self._columns[feature] in self._data.whole:
            return [float(math.ceil(bound)) for bound in bounds]
        return [float(f"{bound:.12g}") for bound in bounds]

    def _level_code(self, feature: int) -> str:
        return f"{self._columns[feature]} (level)"

    def _code_of(self, feature: int) -> str:
        return self._level_code(feature) if self._columns[feature] in self._data.categories else self._columns[feature]

    def _lowest(self, heights: list[float]) -> float:
        lowest = float(min(heights))
        self._shift += lowest
        return lowest

    def _add_indicator(
        self, code: str, unit: str, label: str, bands: list[tuple], missing: int, has_missing: bool, family: str = "columns"
    ) -> None:
        self._card.rows["indicators"].append(
            {
                "indicator_code": code, "unit": unit, "label_en": label, "label_zh": label,
                "reason_en": f"{label} is {{value}}", "reason_zh": f"{label}为{{value}}", "source": "fitted",
                "note": None if has_missing else "Never unknown in the data: the points of an unknown value are those of the mean risk",
            }
        )  # fmt: skip
        self._card.rows["scorecard_indicators"].append({"scorecard_code": self._code, "indicator_code": code, "family_code": family})
        common = {
            "scorecard_code": self._code, "scope_type": "base", "scope_code": "*", "indicator_code": code, "valid_from": self._today,
            "source": "fitted",
        }  # fmt: skip
        rows = [{**common, "lower_bound": low, "upper_bound": high, "match_missing": False, "points": number} for low, high, number in bands]
        rows.append({**common, "match_missing": True, "points": missing})
        self._card.rows["scorecard_bands"] += rows


def _has_points(scores: Any) -> bool:
    """Says whether the bins differ by a point at least."""
    return float(scores.max() - scores.min()) * _PER_LOG_ODDS >= 1


def _merged(bands: list[tuple]) -> list[tuple]:
    """Neighbours with the same points as one band."""
    merged: list[tuple] = []
    for low, high, points in bands:
        if merged and merged[-1][2] == points:
            merged[-1] = (merged[-1][0], high, points)
        else:
            merged.append((low, high, points))
    return merged


def _runs(lines: list[tuple]) -> list[tuple]:
    """Neighbouring places with the same value as one place."""
    runs: list[tuple] = []
    for place, value in lines:
        last = runs[-1] if runs else None
        if last and last[1] == value and last[0][1] == place[0]:
            runs[-1] = ((last[0][0], place[1]), value)
        else:
            runs.append((place, value))
    return runs


def _segments(scores: Any, weights: Any, bounds: list[float]) -> tuple[list[float], list[float]]:
    """The steps of a shape as few bands, so that the squared error over the rows is the smallest (dynamic programming).

    Source of the method: W. D. Fisher, On Grouping for Maximum Homogeneity (1958).

    Returns:
        The inner bounds, and the height of each band.
    """
    import numpy as np

    count = len(scores)
    weights = np.maximum(np.asarray(weights, float), 1e-6)
    sums = np.concatenate([[0], np.cumsum(weights)])
    firsts = np.concatenate([[0], np.cumsum(weights * scores)])
    squares = np.concatenate([[0], np.cumsum(weights * scores**2)])

    def cost(start: Any, end: int) -> Any:
        return squares[end] - squares[start] - (firsts[end] - firsts[start]) ** 2 / (sums[end] - sums[start])

    bands = min(_MOST_BANDS, count)
    best = np.full((bands + 1, count + 1), np.inf)
    best[0, 0] = 0
    cut = np.zeros((bands + 1, count + 1), int)
    for band in range(1, bands + 1):
        for end in range(band, count + 1):
            starts = np.arange(band - 1, end)
            costs = best[band - 1, starts] + cost(starts, end)
            cut[band, end] = starts[np.argmin(costs)]
            best[band, end] = costs.min()
    edges = [count]
    for band in range(bands, 0, -1):
        edges.append(int(cut[band, edges[-1]]))
    edges = edges[::-1]
    heights = [float((firsts[end] - firsts[start]) / (sums[end] - sums[start])) for start, end in zip(edges, edges[1:], strict=False)]
    return [bounds[edge - 1] for edge in edges[1:-1]], heights
