"""Was it right, computed anew from published alerts and delivered status events: pair by pair and line by line."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import product
from typing import Any

import duckdb
import numpy as np

from reference.seeds import Seeds, as_bool, as_date

Key = tuple[Any, ...]
DAY = timedelta(days=1)
SCORES = {"core_risk": "core_risk_score", "core_stability": "core_stability_score", "churn_traceback": "churn_traceback_score"}
LEVELS = ("red", "yellow", "blue", "none")


class History:
    """What was published and delivered, and what followed each alert.

    Args:
        connection: Open on the published marts, with the run's warehouse attached as `warehouse`.
        seeds: The seeds of the run.
        as_of: Day of the run.
        last_bill_month: The last month that the run judges.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, seeds: Seeds, as_of: date, last_bill_month: date) -> None:
        self.seeds, self.as_of, self.last_bill_month = seeds, as_of, last_bill_month
        self.horizon = seeds.int_parameter("outcome_horizon_days") * DAY
        self.alerts = _dicts(connection, "select * from fct_weekly_alerts")
        self.contributions = _dicts(connection, "select * from fct_alert_contributions")
        self.indicators = _dicts(connection, "select * from fct_indicators")
        self._lost_value = set(connection.execute("select subscriber_id, bill_month from fct_loss_judgements where is_value_loss").fetchall())
        self._left = self._days_of_quantity_loss(connection)

    def outcomes(self) -> dict[Key, dict[str, bool]]:
        """(Sunday, line) -> kind of loss -> whether it followed; kinds that are not known are left out."""
        found = {}
        for sunday, line in {(alert["as_of_date"], alert["subscriber_id"]) for alert in self.alerts}:
            until = sunday + self.horizon
            if until > self.as_of:
                continue
            days = [sunday + number * DAY for number in range(1, self.horizon.days + 1)]
            known = {"quantity": any(day in self._left[line] for day in days)}
            months = [day for day in days if day.day == 1]
            if months and max(months) <= self.last_bill_month:
                known["value"] = any((line, month) in self._lost_value for month in months)
                known["any"] = known["quantity"] or known["value"]
            found[sunday, line] = known
        return found

    def levels(self) -> dict[Key, tuple[int, int, int, int]]:
        """(Sunday, scope, signal, level, kind) -> observations, losses, and both of all targets."""
        counts, losses, all_counts, all_losses = Counter(), Counter(), Counter(), Counter()
        for alert, kind, is_lost in self._followed():
            sunday, scope = alert["as_of_date"], alert["model_scope"]
            all_counts[sunday, scope, kind] += 1
            all_losses[sunday, scope, kind] += is_lost
            said = {
                "alert_level": alert["alert_level"],
                "stability": alert["stability_alert_level"],
                "early_warning": alert["early_warning_level"],
                "traceback": "potential" if alert["is_potential_churner"] else "none",
            }
            for signal, level in said.items():
                counts[sunday, scope, signal, level, kind] += 1
                losses[sunday, scope, signal, level, kind] += is_lost
        possible = [*product(["alert_level", "stability", "early_warning"], LEVELS), ("traceback", "potential"), ("traceback", "none")]
        return {
            (*week, signal, level, kind): (counts[(*week, signal, level, kind)], losses[(*week, signal, level, kind)], total, all_losses[(*week, kind)])
            for (*week, kind), total in all_counts.items()
            for signal, level in possible
        }

    def scores(self) -> dict[Key, tuple[float | None, float | None]]:
        """(Sunday, scope, score, kind) -> AUC over all pairs of a lost and a kept line, and lift of the riskiest tenth."""
        values: dict[Key, dict[bool, list[int]]] = defaultdict(lambda: {True: [], False: []})
        for alert, kind, is_lost in self._followed():
            for score, column in SCORES.items():
                riskiness = -alert[column] if score == "core_stability" else alert[column]
                values[alert["as_of_date"], alert["model_scope"], score, kind][is_lost].append(riskiness)
        return {key: (_auc(one[True], one[False]), _top_decile_lift(one[True], one[False])) for key, one in values.items()}

    def bands(self) -> dict[Key, tuple[int, int]]:
        """(Sunday, scope, scorecard, indicator, scope of the band, bounds, points, kind) -> observations, losses."""
        outcomes, found = self.outcomes(), defaultdict(lambda: (0, 0))
        for hit in self.contributions:
            for kind, is_lost in outcomes.get((hit["as_of_date"], hit["subscriber_id"]), {}).items():
                names = ("as_of_date", "model_scope", "scorecard_code", "indicator_code", "scope_code", "lower_bound", "upper_bound", "points")
                key = (*(hit[name] for name in names), kind)
                found[key] = (found[key][0] + 1, found[key][1] + is_lost)
        return dict(found)

    def drift(self, codes: list[str]) -> dict[Key, float]:
        """(Sunday, scope, code) -> population stability index, for Sundays from the reference week on."""
        columns: dict[Key, list[Any]] = defaultdict(list)
        sundays = {alert["as_of_date"] for alert in self.alerts}
        history = {}
        for row in self.indicators:
            if row["as_of_date"] in sundays:
                history[row["as_of_date"]] = row["history_days"]
                for code in codes:
                    columns["*", code, row["as_of_date"]].append(row[code])
        for alert in self.alerts:
            for code, column in SCORES.items():
                columns[alert["model_scope"], code, alert["as_of_date"]].append(alert[column])
        found = {}
        for scope, code, sunday in columns:
            rule = self._rule("indicator" if scope == "*" else "score", code)
            fixed = as_date(rule["reference_date"])
            long_enough = [day for day in sorted(sundays) if history[day] >= int(rule["min_history_days"])]
            reference = fixed or (long_enough[0] if long_enough else None)
            if reference and reference <= sunday:
                found[sunday, scope, code] = _psi(
                    columns[scope, code, reference], columns[scope, code, sunday], float(rule["smallest_share"])
                )
        return found

    def _followed(self):
        outcomes = self.outcomes()
        for alert in self.alerts:
            for kind, is_lost in outcomes.get((alert["as_of_date"], alert["subscriber_id"]), {}).items():
                yield alert, kind, is_lost

    def _rule(self, kind: str, code: str) -> dict[str, str]:
        rows = {row["measure_code"]: row for row in self.seeds.rows("drift_reference") if row["measure_kind"] == kind}
        return rows.get(code, rows["*"])

    def _days_of_quantity_loss(self, connection: duckdb.DuckDBPyConnection) -> dict[str, set[date]]:
        losing = {row["status_code"] for row in self.seeds.rows("subscriber_statuses") if as_bool(row["is_quantity_loss"])}
        events = connection.execute(
            "select subscriber_id, status_code, changed_at::date, activated_on from warehouse.staging.stg_subscriber_status_events"
            " inner join warehouse.staging.stg_subscribers using (subscriber_id) order by subscriber_id, changed_at"
        ).fetchall()
        days, before = defaultdict(set), {}
        for line, status, day, activated_on in events:
            if status in losing and status != before.get(line, "active" if day >= activated_on else None):
                days[line].add(day)
            before[line] = status
        return days


def _auc(lost: list[int], kept: list[int]) -> float | None:
    pairs = [(one > other) + (one == other) / 2 for one in lost for other in kept]
    return sum(pairs) / len(pairs) if pairs else None


def _top_decile_lift(lost: list[int], kept: list[int]) -> float | None:
    """Line by line from the riskiest on; those who tie share the room that is left."""
    if not lost:
        return None
    everybody = [*((riskiness, 1) for riskiness in lost), *((riskiness, 0) for riskiness in kept)]
    size = room = len(everybody) / 10
    found = 0.0
    for riskiness in sorted({one for one, _ in everybody}, reverse=True):
        tied = [is_lost for one, is_lost in everybody if one == riskiness]
        taken = min(room, len(tied))
        found += taken * sum(tied) / len(tied)
        room -= taken
    return found / size / (len(lost) / len(everybody))


def _psi(reference: list[Any], values: list[Any], smallest: float) -> float:
    known = [float(value) for value in reference if value is not None]
    deciles = np.quantile(known, np.arange(1, 10) / 10, method="inverted_cdf").tolist() if known else []

    def bin_of(value: Any) -> Any:
        if value is None:
            return "missing"
        below = [edge for edge in deciles if edge < value]
        return (len(set(below)), deciles.count(float(value)) > 1)

    shares = [Counter(map(bin_of, one)) for one in (reference, values)]
    total = 0.0
    for one in set(shares[0]) | set(shares[1]):
        expected = max(shares[0][one] / len(reference), smallest)
        actual = max(shares[1][one] / len(values), smallest)
        total += (actual - expected) * math.log(actual / expected)
    return total


def _dicts(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
