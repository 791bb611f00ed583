"""Who would move if a candidate's weights had been in force: the last weeks scored with both, nothing changed."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from churn_warning.errors import ChecksFailed, RunnerError, WrongUse
from churn_warning.progress import Progress
from churn_warning.report import dicts
from churn_warning.rescore import STORED, Relation, Scoring, compile_scoring, limit_inputs, score, stand_in, stored
from churn_warning.seed_lint import SEEDS, find_candidate, lint_seeds
from churn_warning.settings import Settings
from churn_warning.sql import literal, safe_cells

TOP_MOVERS = 50
# Words about a row, not part of what it does.
_REMARKS = ("source", "note")
_VALIDITY = ("valid_from", "valid_to")
_KEPT = ("contributions", "scores", "signals", "alert_levels_at_date")
# So many observations of the newest week are scored again, to see whether the stored scores are those of the stored seeds.
_SAMPLE = 1000
# Column of models/scoring/signals.sql -> the scorecards and the other seeds that it is made of.
_SCORECARDS = {"stability": ("core_risk", "core_stability"), "traceback": ("churn_traceback",)}
_SEEDS_OF_SIGNAL = {
    "stability": ("stability_alert_rules", "alert_levels"),
    "early_warning": ("warning_conditions", "early_warning_rules", "parameters", "alert_levels"),
    "traceback": ("scorecards",),
}
_SEEDS_OF_LEVEL = ("alert_policy", "alert_levels")


@dataclass(frozen=True)
class Request:
    """What to compare.

    Attributes:
        candidate: A folder of seeds, in the layout of seeds/ or flat, or one CSV file named as its seed.
        weeks: How many of the newest Sundays.
        branch: Code of the only branch; None: all.
        csv: File that gets all movers; None: none.
    """

    candidate: Path
    weeks: int = 4
    branch: str | None = None
    csv: Path | None = None


def compare(settings: Settings, request: Request, progress: Progress) -> dict[str, Any]:
    """Scores the stored indicators with the candidate's seeds and with those that the warehouse was built with.

    Rows of the candidate replace the project's seeds of the same name. Both sides are scored as if the rows that hold
    on one day had held on every week: the day after the newest Sunday, or the day on which the last new row begins.

    Returns:
        What the renderers show: settings of the comparison, and lists of rows (dicts).

    Raises:
        WrongUse: No such candidate, branch or warehouse.
        ChecksFailed: The candidate breaks a rule of the seeds.
        RunnerError: The warehouse cannot be read now.
    """
    if request.weeks < 1:
        raise WrongUse(f"--weeks {request.weeks}: must be 1 or more.", next_step="Leave it out to compare the newest 4 weeks.")
    files = candidate_files(request.candidate)
    with tempfile.TemporaryDirectory(prefix="churn-warning-") as folder:
        scratch = Path(folder)
        with _step(progress, "Compiling the scoring") as finish:
            scoring = compile_scoring(settings, scratch)
            finish(f"{len(scoring.models)} models")
        with stand_in(scoring, settings, scratch) as connection:
            with _step(progress, "Checking the candidate") as finish:
                merged = _merge(settings.project_dir / "seeds", files, scratch / "seeds")
                _lint(connection, merged, files)
                finish(", ".join(sorted(files)))
            comparison = _Comparison(connection, scoring, request)
            comparison.load(merged)
            with _step(progress, "Scoring") as finish:
                comparison.score()
                finish(f"{comparison.observations:,} observations, {comparison.rescored:,} of them again with the candidate")
            with _step(progress, "Comparing") as finish:
                found = comparison.findings(set(files))
                finish(f"{found['moved_lines']:,} lines move")
            return found


def candidate_files(candidate: Path) -> dict[str, Path]:
    """The candidate's seeds: file by seed name.

    Raises:
        WrongUse: It does not exist, holds no seed, holds one twice, or a file that is no seed.
    """
    found, problems = find_candidate(candidate)
    if problems:
        raise WrongUse(
            "The candidate cannot be used:\n" + "\n".join(f"- {one}" for one in problems),
            next_step="See all that is wrong with it: churn-warning weights check --seeds CANDIDATE",
        )
    return {name: file.path for name, file in found.items()}


def _merge(seeds: Path, files: dict[str, Path], folder: Path) -> Path:
    """The project's seeds with the candidate's in their places."""
    shutil.copytree(seeds, folder)
    for name, path in files.items():
        shutil.copy(path, folder / SEEDS[name].folder / f"{name}.csv")
    return folder


def _lint(connection: duckdb.DuckDBPyConnection, merged: Path, files: dict[str, Path]) -> None:
    found = connection.execute(f"select branch_code, city_code from {STORED}.staging.stg_branches").fetchall()
    problems = lint_seeds(merged, dict(found))
    if problems:
        # The linter sees the merged copy; the user has the candidate's own files.
        shown = [replace(one, file=str(files.get(Path(one.file).stem, one.file))) for one in problems]
        raise ChecksFailed(
            "The candidate breaks rules of the seeds:\n" + "\n".join(f"- {one}" for one in shown),
            next_step="Correct these lines, then compare again. Nothing was changed.",
        )


class _Comparison:
    """The two sides in one database in memory: their seeds, scoring tables and differences."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scoring: Scoring, request: Request) -> None:
        self._connection = connection
        self._scoring = scoring
        self._request = request
        self.weeks = self._chosen_weeks()
        self.newest = self.weeks[0]
        self.day = self.newest + timedelta(days=1)
        self.changes: list[dict[str, Any]] = []
        self.observations = 0
        self.rescored = 0

    def _chosen_weeks(self) -> list[date]:
        """The newest first."""
        branch = self._request.branch
        known = {row[0] for row in self._rows(f"select branch_code from {STORED}.staging.stg_branches")}
        if branch and branch not in known:
            raise WrongUse(f"--branch {branch}: there is no such branch.", next_step="One of: " + ", ".join(sorted(known)) + ".")
        weeks = self._rows(
            f"select as_of_date from {STORED}.intermediate.int_as_of_dates where is_weekly order by as_of_date desc limit ?",
            [self._request.weeks],
        )
        if not weeks:
            raise RunnerError("The warehouse holds no scored Sunday.", next_step="Run first: churn-warning run")
        return [row[0] for row in weeks]

    def load(self, merged: Path) -> None:
        """Makes the seeds of both sides as if the rows of one day had always been valid, and notes what differs."""
        for side in ("before", "after", "before_seeds", "after_seeds"):
            self._connection.execute(f"create schema {side}")
        for seed in self._scoring.seeds:
            self._connection.execute(f'create table before_seeds."{seed.name}" as select * from {stored(seed)}')
            self._load_csv(seed, merged / SEEDS[seed.name].folder / f"{seed.name}.csv")
            if set(_VALIDITY) <= set(self._columns(seed)):
                last = self._rows(
                    f'select max(valid_from) from (select * from after_seeds."{seed.name}" except select * from {stored(seed)})'
                )[0][0]
                self.day = max(self.day, last or self.day)
        for seed in self._scoring.seeds:
            if set(_VALIDITY) <= set(self._columns(seed)):
                for side in ("before_seeds", "after_seeds"):
                    self._connection.execute(f"""
                        create or replace table {side}."{seed.name}" as
                        select * replace (date '0001-01-01' as valid_from, null::date as valid_to)
                        from {side}."{seed.name}" where {self._valid_on(self.day)}
                    """)
            sides = [f'after_seeds."{seed.name}"', f'before_seeds."{seed.name}"']
            counts = [
                self._rows(f"select count(*) from ({self._without_remarks(one)} except all {self._without_remarks(other)})")[0][0]
                for one, other in (sides, sides[::-1])
            ]
            if any(counts):
                self.changes.append({"seed": seed.name, "added": counts[0], "removed": counts[1]})

    def score(self) -> None:
        """Levels, scores, signals and points of both sides; the candidate's only for the observations that it can touch."""
        self._count()
        is_as_stored = self._is_as_stored()
        if is_as_stored:
            weeks = ", ".join(f"date '{week}'" for week in self.weeks)
            for name in _KEPT:
                of_branch = "semi join memory.main.observed using (as_of_date, subscriber_id)" if self._request.branch else ""
                self._connection.execute(f"""
                    create view before."{name}" as
                    select * from {stored(self._model(name))} as kept {of_branch} where kept.as_of_date in ({weeks})
                """)
        else:
            self._score("before")
        self._find_touched()
        # What none of the changed seeds touches is as it is stored.
        given = self._scoring.untouched({change["seed"] for change in self.changes}) & set(_KEPT) if is_as_stored else set()
        self._score("after", only="memory.main.touched", given=frozenset(given))

    def _count(self) -> None:
        where = "is_target and as_of_date in (select unnest(?::date[]))"
        parameters: list[Any] = [self.weeks]
        if self._request.branch:
            where, parameters = where + " and branch_code = ?", [*parameters, self._request.branch]
        self._connection.execute(
            "create table observed as select as_of_date, subscriber_id, branch_code, manager_id, customer_class, value_tier, arpu_3m"
            f" from {STORED}.intermediate.int_observations where {where}",
            parameters,
        )
        self.observations = self._rows("select count(*) from observed")[0][0]

    def _score(self, side: str, only: str | None = None, given: frozenset[str] = frozenset()) -> None:
        kept = {name: f'memory.{side}."{name}"' for name in _KEPT}
        for week in self.weeks:
            limit_inputs(self._connection, self._scoring, week, self._request.branch, only, given)
            score(self._connection, self._scoring, f"{side}_seeds", kept, given=given)

    def _is_as_stored(self) -> bool:
        """Says whether the stored scores of the chosen weeks are those of the current side, so that they need not be made again."""
        built = {row[0] for row in self._rows(f"select table_name from duckdb_tables() where database_name = '{STORED}'")}
        if not set(_KEPT) <= built:
            return False
        for seed in self._scoring.seeds:
            if set(_VALIDITY) <= set(self._columns(seed)):
                current = self._without_remarks(f'before_seeds."{seed.name}"', _VALIDITY)
                for week in self.weeks:
                    then = self._without_remarks(f"(select * from {stored(seed)} where {self._valid_on(week)})", _VALIDITY)
                    if self._rows(f"({current} except all {then}) union all ({then} except all {current}) limit 1"):
                        return False
        self._connection.execute(f"""
            create table sampled as
            select as_of_date, subscriber_id from observed where as_of_date = date '{self.newest}' order by subscriber_id limit {_SAMPLE}
        """)
        limit_inputs(self._connection, self._scoring, self.newest, only="memory.main.sampled")
        score(self._connection, self._scoring, "before_seeds", {"alert_levels_at_date": "memory.main.sample_levels"})
        levels = f"select * from {stored(self._model('alert_levels_at_date'))} semi join memory.main.sampled using (as_of_date, subscriber_id)"
        return not self._rows(f"(from sample_levels except {levels}) union all ({levels} except from sample_levels) limit 1")

    def _find_touched(self) -> None:
        """The observations that the candidate can score differently: with other seeds than bands all, else those that hit other bands."""
        self._connection.execute("create table touched (as_of_date date, subscriber_id varchar)")
        changed = {change["seed"] for change in self.changes}
        if changed - {"scorecard_bands"}:
            self._connection.execute("insert into touched select as_of_date, subscriber_id from observed")
        elif changed:
            self._find_touched_by_bands()
        self.rescored = self._rows("select count(*) from touched")[0][0]

    def _find_touched_by_bands(self) -> None:
        """A band of one indicator replaces only bands of this indicator, so the hits of the changed indicators tell."""
        bands = ("before_seeds.scorecard_bands", "after_seeds.scorecard_bands")
        one, other = (self._without_remarks(table) for table in bands)
        self._connection.execute(f"""
            create table changed_indicators as
            select distinct scorecard_code, indicator_code
            from (({one} except all {other}) union all ({other} except all {one}))
        """)
        indicators = frozenset(row[0] for row in self._rows("select indicator_code from changed_indicators"))
        for side in ("before", "after"):
            self._connection.execute(f"create schema {side}_probe")
            for seed in self._scoring.seeds:
                chosen = (
                    "semi join changed_indicators using (scorecard_code, indicator_code)"
                    if seed.name == "scorecard_bands"
                    else ""
                )
                self._connection.execute(
                    f'create table {side}_probe."{seed.name}" as select * from {side}_seeds."{seed.name}" {chosen}'
                )
        columns = (
            "as_of_date, subscriber_id, is_in_base, is_in_local, scorecard_code, family_code, indicator_code,"
            " points, lower_bound, upper_bound"
        )
        for week in self.weeks:
            limit_inputs(self._connection, self._scoring, week, self._request.branch, indicators=indicators)
            for side in ("before", "after"):
                self._connection.execute(f"drop table if exists {side}_hits")
                score(
                    self._connection, self._scoring, f"{side}_probe", {"band_hits": f"memory.main.{side}_hits"}, last="band_hits"
                )
            one, other = f"select {columns} from before_hits", f"select {columns} from after_hits"
            self._connection.execute(f"""
                insert into touched
                select distinct as_of_date, subscriber_id
                from (({one} except {other}) union all ({other} except {one})) semi join observed using (as_of_date, subscriber_id)
            """)

    def findings(self, given: set[str]) -> dict[str, Any]:
        """What moved, and what it means; writes the CSV file if one is asked for."""
        self._find_moved()
        if self._request.csv:
            self._write_csv(self._request.csv)
        moved_lines = self._rows("select count(distinct subscriber_id) from moved where model_scope = 'local'")[0][0]
        return {
            "candidate": _from_here(self._request.candidate),
            "branch": self._request.branch,
            "weeks": self.weeks,
            "newest": self.newest,
            "day": self.day,
            "changes": self.changes,
            "not_compared": self._not_compared(given),
            "shared": sorted(self._scoring.shared_seeds & {change["seed"] for change in self.changes}),
            "observations": self.observations,
            "moved_lines": moved_lines,
            "rescored": self.rescored,
            "levels": self._dicts(_LEVELS, self.newest),
            "moves": self._dicts(_MOVES.format(keys=""), self.newest),
            "groups": self._dicts(_MOVES.format(keys="branch_code, customer_class,"), self.newest),
            "movers": self._dicts(_MOVERS),
            "worklists": self._dicts(_WORKLISTS, self.newest),
            **self._outcomes(),
        }

    def _find_moved(self) -> None:
        changed = {change["seed"] for change in self.changes}
        seeds_of = [
            (signal, has_changed, ", ".join(sorted(changed.intersection(seeds))) or ", ".join(sorted(changed)))
            for signal, own in _SEEDS_OF_SIGNAL.items()
            for has_changed, seeds in ((True, own), (False, _SEEDS_OF_LEVEL))
        ]
        self._connection.execute("create table seeds_of_signal (signal varchar, has_changed boolean, seeds varchar)")
        self._connection.executemany("insert into seeds_of_signal values (?, ?, ?)", seeds_of)
        self._connection.execute("create table scorecards_of_signal (signal varchar, scorecard_code varchar)")
        pairs = [(signal, scorecard) for signal, scorecards in _SCORECARDS.items() for scorecard in scorecards]
        self._connection.executemany("insert into scorecards_of_signal values (?, ?)", pairs)
        self._connection.execute(_COMPARED)
        self._connection.execute(_STEPPED)
        self._connection.execute(_MOVED)

    def _write_csv(self, path: Path) -> None:
        """All movers of both scopes; a text that a spreadsheet would calculate gets an apostrophe in front."""
        cells = safe_cells(self._rows("describe moved"))
        order = "as_of_date desc, model_scope desc, branch_code, subscriber_id"
        self._connection.execute(
            f"copy (select {cells} from moved order by {order}) to {literal(path)} (format csv, header)"
        )

    def _not_compared(self, given: set[str]) -> list[str]:
        """Seeds of the candidate that no scoring model reads: what they change is decided before the scoring."""
        return sorted(given - {seed.name for seed in self._scoring.seeds})

    def _outcomes(self) -> dict[str, Any]:
        """Precision, recall and lift of each level on the chosen weeks whose outcome is known."""
        exists = self._rows(
            f"select 1 from duckdb_columns() where database_name = '{STORED}' and table_name = 'int_outcomes_at_date' limit 1"
        )
        if not exists:
            return {"judged_weeks": [], "outcomes": []}
        self._connection.execute(f"""
            create table judged as
            select
                compared.*,
                outcomes.has_quantity_loss,
                outcomes.has_value_loss,
                case
                    when outcomes.has_quantity_loss is not null and outcomes.has_value_loss is not null
                        then outcomes.has_quantity_loss or outcomes.has_value_loss
                end as has_loss
            from compared
            inner join {STORED}.intermediate.int_outcomes_at_date as outcomes using (as_of_date, subscriber_id)
            where model_scope = 'local'
        """)
        weeks = [row[0] for row in self._rows("select distinct as_of_date from judged order by as_of_date desc")]
        return {"judged_weeks": weeks, "outcomes": self._dicts(_OUTCOMES) if weeks else []}

    def _load_csv(self, seed: Relation, path: Path) -> None:
        """As the project loads a seed: commas, double quotes, blank is null; each cell as the type that the warehouse has."""
        columns = self._columns(seed)
        cells = ", ".join(f'cast("{name}" as {kind})' for name, kind in columns.items())
        self._connection.execute(f'create table after_seeds."{seed.name}" as select * from {stored(seed)} limit 0')
        self._connection.execute(f"""
            insert into after_seeds."{seed.name}" select {cells}
            from read_csv({literal(path)}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
                auto_detect = true, strict_mode = false)
        """)

    def _columns(self, seed: Relation) -> dict[str, str]:
        return {row[0]: row[1] for row in self._rows(f"describe {stored(seed)}")}

    def _without_remarks(self, table: str, further: tuple[str, ...] = ()) -> str:
        left_out = (*_REMARKS, *further)
        columns = [row[0] for row in self._rows(f"describe (select * from {table})")]
        return f"select {', '.join(name for name in columns if name not in left_out)} from {table}"

    def _valid_on(self, day: date) -> str:
        return f"valid_from <= date '{day}' and (valid_to is null or valid_to >= date '{day}')"

    def _model(self, name: str) -> Relation:
        return next(model for model in self._scoring.models if model.name == name)

    def _rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple]:
        return self._connection.execute(query, parameters or []).fetchall()

    def _dicts(self, query: str, newest: date | None = None) -> list[dict[str, Any]]:
        if newest:
            self._connection.execute("create or replace table newest_week as select ?::date as as_of_date", [newest])
        return dicts(self._connection, query)


def _from_here(path: Path) -> str:
    """The path as a person in the current folder would write it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


@contextmanager
def _step(progress: Progress, title: str) -> Iterator[Any]:
    outcome: list[str] = []
    started = time.monotonic()
    progress.start(title)
    try:
        yield outcome.append
    except BaseException:
        progress.fail(time.monotonic() - started)
        raise
    progress.finish(outcome[0], time.monotonic() - started)


# Observations that the candidate does not touch keep their level.
_COMPARED = """
    create view compared as
    select
        old.as_of_date,
        old.subscriber_id,
        old.model_scope,
        old.alert_level as level_before,
        coalesce(new.alert_level, old.alert_level) as level_after
    from before.alert_levels_at_date as old
    left join after.alert_levels_at_date as new using (as_of_date, subscriber_id, model_scope)
"""

# A rise is due to the signals that reach the new level, a fall to those that no longer reach the old one.
_STEPPED = """
    create table stepped as
    select
        old.as_of_date,
        old.subscriber_id,
        old.model_scope,
        old.alert_level as level_before,
        new.alert_level as level_after,
        new.severity - old.severity as steps,
        string_split(coalesce(case when new.severity > old.severity then new.alert_signals else old.alert_signals end, ''), ',') as signals
    from before.alert_levels_at_date as old
    inner join after.alert_levels_at_date as new using (as_of_date, subscriber_id, model_scope)
    where old.alert_level <> new.alert_level
"""

_MOVED = """
    create table moved as
    with points as (
        select as_of_date, subscriber_id, model_scope, scorecard_code, indicator_code, indicator_value, points as before, 0 as after
        from before.contributions inner join stepped using (as_of_date, subscriber_id)
        where case model_scope when 'base' then is_counted_in_base else is_counted_in_local end
        union all
        select as_of_date, subscriber_id, model_scope, scorecard_code, indicator_code, indicator_value, 0, points
        from after.contributions inner join stepped using (as_of_date, subscriber_id)
        where case model_scope when 'base' then is_counted_in_base else is_counted_in_local end
    ),
    summed as (
        select
            as_of_date, subscriber_id, model_scope, scorecard_code, indicator_code,
            max(indicator_value) as indicator_value, sum(before)::integer as points_before, sum(after)::integer as points_after
        from points
        group by all
    ),
    -- Only points of a signal that moved the level, and only in its direction: more risk raises, more stability lowers.
    pushes as (
        select
            summed.*,
            row_number() over (
                partition by as_of_date, subscriber_id, model_scope
                order by abs(points_after - points_before) desc, scorecard_code, indicator_code
            ) as push_rank
        from summed
        inner join stepped using (as_of_date, subscriber_id, model_scope)
        inner join scorecards_of_signal using (scorecard_code)
        inner join after_seeds.scorecards using (scorecard_code)
        where list_contains(stepped.signals, scorecards_of_signal.signal)
            and (points_after - points_before) * stepped.steps * case when direction = 'stability' then -1 else 1 end > 0
    ),
    signals_of_steps as (
        select
            stepped.as_of_date, stepped.subscriber_id, stepped.model_scope,
            unnest(stepped.signals) as signal,
            old.stability <> new.stability as stability,
            old.early_warning <> new.early_warning as early_warning,
            old.traceback <> new.traceback as traceback
        from stepped
        inner join before.signals as old using (as_of_date, subscriber_id, model_scope)
        inner join after.signals as new using (as_of_date, subscriber_id, model_scope)
    ),
    signal_changes as (
        select
            as_of_date, subscriber_id, model_scope,
            string_agg(distinct seeds_of_signal.seeds, ', ' order by seeds_of_signal.seeds) as seeds
        from signals_of_steps
        inner join seeds_of_signal
            on signals_of_steps.signal = seeds_of_signal.signal
            and case signals_of_steps.signal when 'stability' then stability when 'early_warning' then early_warning else traceback end
                = seeds_of_signal.has_changed
        group by all
    )
    select
        stepped.as_of_date,
        stepped.model_scope,
        stepped.subscriber_id,
        observed.branch_code,
        observed.manager_id,
        observed.customer_class,
        observed.value_tier,
        observed.arpu_3m,
        stepped.level_before,
        stepped.level_after,
        stepped.steps,
        pushes.scorecard_code,
        pushes.indicator_code,
        pushes.indicator_value,
        pushes.points_before,
        pushes.points_after,
        case when pushes.indicator_code is null then signal_changes.seeds else 'scorecard_bands' end as moved_by_seed,
        old.core_risk_score as core_risk_before,
        new.core_risk_score as core_risk_after,
        old.core_stability_score as core_stability_before,
        new.core_stability_score as core_stability_after,
        old.churn_traceback_score as churn_traceback_before,
        new.churn_traceback_score as churn_traceback_after
    from stepped
    inner join observed using (as_of_date, subscriber_id)
    inner join before.scores as old using (as_of_date, subscriber_id, model_scope)
    inner join after.scores as new using (as_of_date, subscriber_id, model_scope)
    left join pushes
        on stepped.as_of_date = pushes.as_of_date
        and stepped.subscriber_id = pushes.subscriber_id
        and stepped.model_scope = pushes.model_scope
        and pushes.push_rank = 1
    left join signal_changes
        on stepped.as_of_date = signal_changes.as_of_date
        and stepped.subscriber_id = signal_changes.subscriber_id
        and stepped.model_scope = signal_changes.model_scope
"""

_LEVELS = """
    select
        level_code,
        count(*) filter (where level_before = level_code and is_newest) as newest_before,
        count(*) filter (where level_after = level_code and is_newest) as newest_after,
        count(*) filter (where level_before = level_code) as all_before,
        count(*) filter (where level_after = level_code) as all_after
    from (
        select level_before, level_after, as_of_date = (select as_of_date from newest_week) as is_newest
        from compared where model_scope = 'local'
    ) as levels
    cross join (select level_code, severity from after_seeds.alert_levels) as known
    group by level_code, severity
    order by severity desc
"""

# A line counts once per move, with the revenue of its newest such week.
_MOVES = """
    with lines as (
        select
            {keys} level_before, level_after, subscriber_id,
            arg_max(arpu_3m, as_of_date) as arpu_3m,
            count(*) as weeks,
            bool_or(as_of_date = (select as_of_date from newest_week)) as is_newest
        from moved where model_scope = 'local'
        group by all
    )
    select
        {keys} level_before, level_after,
        count(*) as lines,
        sum(weeks)::bigint as line_weeks,
        count(*) filter (where is_newest) as newest_lines,
        coalesce(sum(arpu_3m), 0) as arpu_3m
    from lines
    group by all
    order by {keys} lines desc, level_before, level_after
"""

_MOVERS = f"""
    select * exclude (place, model_scope) from (
        select
            *,
            row_number() over (
                partition by subscriber_id order by abs(steps) desc, as_of_date desc
            ) as place
        from moved where model_scope = 'local'
    ) as placed
    where place = 1
    order by
        abs(steps) desc,
        abs((core_risk_after + churn_traceback_after - core_stability_after) - (core_risk_before + churn_traceback_before - core_stability_before)) desc,
        arpu_3m desc nulls last,
        subscriber_id
    limit {TOP_MOVERS}
"""

# As the lists of the alerts: of a manager, or of the branch where there is none.
_WORKLISTS = """
    select
        observed.manager_id,
        case when count(distinct observed.branch_code) = 1 then max(observed.branch_code) end as branch_code,
        count(*) filter (where level_before <> 'none') as alerts_before,
        count(*) filter (where level_after <> 'none') as alerts_after,
        count(*) filter (where level_before = 'red') as red_before,
        count(*) filter (where level_after = 'red') as red_after
    from compared
    inner join observed using (as_of_date, subscriber_id)
    where model_scope = 'local' and as_of_date = (select as_of_date from newest_week)
    group by observed.manager_id, case when observed.manager_id is null then observed.branch_code end
    order by abs(alerts_after - alerts_before) desc, alerts_after desc, observed.manager_id, branch_code
"""

_OUTCOMES = """
    with kinds as (
        select unnest(['loss', 'quantity', 'value']) as kind
    ),
    followed as (
        select
            kind, level_before, level_after,
            case kind when 'quantity' then has_quantity_loss when 'value' then has_value_loss else has_loss end as is_lost
        from judged cross join kinds
    ),
    counted as (
        select
            kind, level_code, severity,
            count(*) filter (where level_before = level_code) as lines_before,
            count(*) filter (where level_after = level_code) as lines_after,
            count(*) filter (where level_before = level_code and is_lost) as lost_before,
            count(*) filter (where level_after = level_code and is_lost) as lost_after,
            count(*) filter (where is_lost) as lost,
            count(*) as lines
        from followed
        cross join (select level_code, severity from after_seeds.alert_levels) as known
        -- An outcome that is not known is none: neither right nor wrong.
        where is_lost is not null
        group by all
    )
    select
        kind, level_code, lines_before, lines_after, lost_before, lost_after,
        lost_before / nullif(lines_before, 0) as precision_before,
        lost_after / nullif(lines_after, 0) as precision_after,
        lost_before / nullif(lost, 0) as recall_before,
        lost_after / nullif(lost, 0) as recall_after,
        lost_before / nullif(lines_before, 0) / nullif(lost / lines, 0) as lift_before,
        lost_after / nullif(lines_after, 0) / nullif(lost / lines, 0) as lift_after
    from counted
    order by kind, severity desc
"""
