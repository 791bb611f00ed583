"""Runs floor.sql, the hand-written script that the project is measured against: python -m bench.floor --help."""

from __future__ import annotations

import csv
import re
import sys
import time
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_name("floor.sql")
REPOSITORY = Path(__file__).resolve().parents[1]
THREADS = 2
MEMORY_LIMIT = "4GB"
_EXACT = "cast(round(cast({} as decimal(38, 12)), 6) as double)"


def run(raw_dir: Path, database: Path, as_of: date, seeds: Path) -> None:
    """Computes the alerts of a Sunday into table `alerts` of a database that holds the weeks before it.

    Args:
        raw_dir: Raw tables as bench.generate writes them.
        database: What the script keeps between weeks; made if missing.
        as_of: A Sunday.
        seeds: Folder of the project's seeds.
    """
    days = sorted(path.name.removeprefix("day=") for path in (raw_dir / "voice_cdrs").iterdir())
    values = {**_values(seeds, as_of), "raw": str(raw_dir), "seeds": str(seeds), "as_of": str(as_of), "first_feed_day": days[0]}
    week = [day for day in days if as_of - timedelta(days=6) <= date.fromisoformat(day) <= as_of]
    has_history = (as_of - date.fromisoformat(days[0])).days + 1 >= int(values["min_history_days"])
    config = {
        "threads": THREADS,
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": f"{database}.tmp",
        "preserve_insertion_order": False,
    }
    with duckdb.connect(str(database), config=config) as connection:
        for title, text in re.findall(r"^-- step: ([^\n]+)\n(.*?)(?=^-- step: |\Z)", SCRIPT.read_text(), re.M | re.S):
            if "-- only with enough history" in text and not has_history:
                continue
            started = time.monotonic()
            for day in week if "-- repeat: day" in text else [""]:
                connection.execute(_filled(text, {**values, "day": day}))
            print(f"✓ {title}: ({time.monotonic() - started:.1f} s)", flush=True)


def _values(seeds: Path, as_of: date) -> dict[str, str]:
    """What the script takes from the seeds, as SQL."""

    def rows(name: str) -> list[dict[str, str]]:
        with (seeds / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def texts(values: list[str]) -> str:
        return ", ".join(f"'{value}'" for value in values)

    competitors = [row["operator_code"] for row in rows("reference/operators") if row["is_competitor"] == "true"]
    own = [row["operator_code"] for row in rows("reference/operators") if row["is_own"] == "true"]
    hotlines = rows("reference/operator_hotlines")
    services = rows("reference/services")
    sticky = [row for row in services if row["is_sticky"] == "true"]
    conditions: dict[str, list[str]] = {}
    for row in rows("alerts/warning_conditions"):
        test = f"coalesce({row['indicator_code']} {row['operator']} {row['threshold']}, false)"
        conditions.setdefault(row["condition_code"], []).append(test)
    scorecards = {row["scorecard_code"]: row for row in rows("scorecards/scorecards")}
    return {
        **{row["parameter_code"]: row["value"] for row in rows("reference/parameters")},
        "competitors": texts(competitors),
        "own_hotlines": texts(_written(row["hotline_number"] for row in hotlines if row["operator_code"] in own)),
        "competitor_hotlines": texts(_written(row["hotline_number"] for row in hotlines if row["operator_code"] in competitors)),
        "new_services": texts([row["service_code"] for row in services if row["is_new_service"] == "true"]),
        "sticky_services": texts([row["service_code"] for row in sticky]),
        "sticky_services_on": ", ".join(
            f"bool_or(service_code = '{row['service_code']}' and (ended_on is null or ended_on > date '{as_of}'))"
            f" as has_{row['service_code']}"
            for row in sticky
        ),
        "sticky_indicators": ", ".join(
            f"(coalesce(has_{row['service_code']}, false)"
            + (f" and coalesce(bytes_28d, 0) >= {row['min_usage_mb_28d']} * 1048576" if row["min_usage_mb_28d"] else "")
            + f")::integer as sticky_{row['service_code']}"
            for row in sticky
        ),
        "conditions": ", ".join(f"{' or '.join(tests)} as has_{code}_condition" for code, tests in conditions.items()),
        "any_condition": " or ".join(f"has_{code}_condition" for code in conditions),
        "traceback_threshold": scorecards["churn_traceback"]["alert_threshold"],
        "band_hits": _band_hits(rows, as_of),
    }


def _written(numbers) -> list[str]:
    """Numbers as they may be delivered."""
    return [prefix + number for number in numbers for prefix in ("", "+86")]


def _band_hits(rows, as_of: date) -> str:
    """One SELECT per band in force."""
    family_of = {
        (row["scorecard_code"], row["indicator_code"]): row["family_code"] for row in rows("scorecards/scorecard_indicators")
    }
    rule_of = {(row["scorecard_code"], row["family_code"]): row["family_rule"] for row in rows("scorecards/indicator_families")}
    selects = []
    for row in rows("scorecards/scorecard_bands"):
        in_force = row["valid_from"] <= str(as_of) and (not row["valid_to"] or row["valid_to"] >= str(as_of))
        if not in_force or not int(row["points"]):
            continue
        if row["scope_type"] != "base":
            sys.exit("The floor knows base bands only: measure without bands of branches and cities.")
        card, code = row["scorecard_code"], row["indicator_code"]
        family = family_of[card, code]
        bounds = [f"{code} {sign} {row[bound]}" for bound, sign in (("lower_bound", ">="), ("upper_bound", "<")) if row[bound]]
        test = f"{code} is null" if row["match_missing"] == "true" else " and ".join(bounds) or f"{code} is not null"
        selects.append(
            f"select line, '{card}' as scorecard_code, '{family}' as family_code, '{rule_of[card, family]}' as family_rule, "
            f"'{code}' as indicator_code, {code}::double as indicator_value, {row['points']} as points from indicators where {test}"
        )
    return "\nunion all\n".join(selects)


def _filled(text: str, values: dict[str, str]) -> str:
    """The script with its placeholders replaced; drop(now, before) and share(now, before) are rounded as the rules say."""

    def quotient(match: re.Match[str]) -> str:
        now, before = match[2].rsplit(", ", 1)
        divided = f"cast({now} as double) / nullif(cast({before} as double), 0)"
        return _EXACT.format(f"1 - {divided}" if match[1] == "drop" else divided)

    text = re.sub(r"\$\{(drop|share)\((.*?)\)\}", quotient, text)
    return re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], text)


def main() -> None:
    """Runs the script once."""
    parser = ArgumentParser(description="Computes the alerts of one Sunday by a hand-written script.")
    parser.add_argument("--raw-dir", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--seeds", type=Path, default=REPOSITORY / "seeds")
    options = parser.parse_args()
    run(options.raw_dir.absolute(), options.database.absolute(), options.as_of, options.seeds.absolute())


if __name__ == "__main__":
    main()
