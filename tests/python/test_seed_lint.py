"""The seed linter finds each kind of mistake that a person can make in a seed, and names its file, line and reason."""

# One case a line reads best in a table, however long the line.
# ruff: noqa: E501

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from churn_warning.seed_lint import BOOLEAN, CODE, DATE, INTEGER, NUMBER, SEEDS, TEXT, lint_seeds
from churn_warning.seed_messages import Problem

SHIPPED = Path(__file__).parents[2] / "seeds"
BRANCHES = {"B01": "C01", "B02": "C01", "B03": "C02"}

BANDS = "scorecards/scorecard_bands.csv"
BAND = "core_risk,branch,B01,idle_days_7d,{lower},{upper},{missing},{points},{valid_from},{valid_to},default,a test"

Edit = Callable[[Path], None]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    shutil.copytree(SHIPPED, folder)
    return folder


def band(lower="1", upper="", missing="false", points="7", valid_from="2026-01-01", valid_to="", scope="branch,B01") -> str:
    row = BAND.format(lower=lower, upper=upper, missing=missing, points=points, valid_from=valid_from, valid_to=valid_to)
    return row.replace("branch,B01", scope)


def add(*rows: str) -> Edit:
    def edit(path: Path) -> None:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.writelines(row + "\n" for row in rows)

    return edit


def put(old: str, new: str) -> Edit:
    def edit(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text, f"the seed has changed, it no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def write(content: bytes) -> Edit:
    return lambda path: path.write_bytes(content)


@dataclass(frozen=True)
class Mistake:
    """An edit of one seed file; at is a text that only the wrong line holds, or the line number."""

    what: str
    path: str
    edit: Edit
    at: str | int
    word: str
    column: str | None = None


MISTAKES = [
    # Files and lines.
    Mistake("file missing", BANDS, Path.unlink, 0, "missing"),
    Mistake("file is a folder", BANDS, lambda path: (path.unlink(), path.mkdir()), 0, "cannot be read"),
    Mistake("not utf-8", "reference/labels.csv", lambda path: path.write_bytes("code_type,code,label_en,label_zh\nunit,share,Share,比例\n".encode("gbk")), 2, "UTF-8"),
    Mistake("utf-16", "reference/operators.csv", write("operator_code\n".encode("utf-16")), 1, "UTF-8"),
    Mistake("utf-16 without a mark", "reference/operators.csv", write("operator_code\n".encode("utf-16-le")), 1, "NUL"),
    Mistake("empty file", "reference/operators.csv", write(b""), 1, "blank"),
    Mistake("header line blank", "reference/operators.csv", write(b"\noperator_code,is_own,is_competitor\n"), 1, "blank"),
    Mistake("header column missing", BANDS, put(",points,", ",point,"), 1, "points is missing"),
    Mistake("header column twice", BANDS, put(",source,note", ",source,Source"), 1, "twice"),
    Mistake("semicolons", "reference/operators.csv", write(b"operator_code;is_own;is_competitor\nown;true;false\n"), 1, "commas"),
    Mistake("too few fields", BANDS, add("core_risk,base,*,idle_days_7d"), "idle_days_7d\n", "fewer fields"),
    Mistake("too many fields", BANDS, add(band() + ", with a comma"), "with a comma", "more fields"),
    Mistake("quote not closed", BANDS, add(band()[:-6] + '"open'), '"open', "not valid CSV"),
    Mistake("text after a closing quote", BANDS, add(band()[:-6] + '"shut" tight'), '"shut" tight', "not valid CSV"),
    # Cells.
    Mistake("points not a number", BANDS, add(band(points="two")), ",two,", "whole number", "points"),
    Mistake("points with decimals", BANDS, add(band(points="2.5")), ",2.5,", "whole number", "points"),
    Mistake("points huge", BANDS, add(band(points="9" * 5000)), "9" * 5000, "too large", "points"),
    Mistake("points behind zeros", BANDS, add(band(points="0" * 5000 + "1")), "0001", "too large", "points"),
    Mistake("points blank", BANDS, add(band(points="")), "branch,B01", "blank", "points"),
    Mistake("points in other digits", BANDS, add(band(points="３")), "３", "whole number", "points"),
    Mistake("bound not a number", BANDS, add(band(lower="0.3x")), "0.3x", "not a number", "lower_bound"),
    Mistake("bound with a decimal comma", BANDS, add(band(lower='"0,3"')), '"0,3"', "not a number", "lower_bound"),
    Mistake("bound nan", BANDS, add(band(lower="NaN")), "NaN", "not a number", "lower_bound"),
    Mistake("bound inf", BANDS, add(band(upper="inf")), ",inf,", "not a number", "upper_bound"),
    Mistake("bound beyond double", BANDS, add(band(upper="1e999")), "1e999", "too large", "upper_bound"),
    Mistake("bound with an underscore", BANDS, add(band(upper="1_000")), "1_000", "not a number", "upper_bound"),
    Mistake("only spaces", BANDS, add(band(upper="  ")), ",  ,", "only spaces", "upper_bound"),
    Mistake("date impossible", BANDS, add(band(valid_from="2026-02-30")), "2026-02-30", "not a date", "valid_from"),
    Mistake("date in another order", BANDS, add(band(valid_to="31/12/2026")), "31/12/2026", "not a date", "valid_to"),
    Mistake("date blank", BANDS, add(band(valid_from="")), "branch,B01", "blank", "valid_from"),
    Mistake("boolean", BANDS, add(band(missing="no")), ",no,", "neither true nor false", "match_missing"),
    Mistake("code with a space", BANDS, add(band(scope="branch,B01 ")), "B01 ", "spaces", "scope_code"),
    Mistake("too small", "reference/feed_expectations.csv", put("bills,true,,", "bills,true,-0.1,"), "bills,", "too small", "min_daily_row_share"),
    Mistake("too large", "reference/feed_expectations.csv", put("bills,true,,", "bills,true,1.5,"), "bills,", "too large", "min_daily_row_share"),
    # Keys and foreign keys.
    Mistake("duplicate key", "scorecards/scorecard_indicators.csv", add("core_risk,idle_days_7d,handset"), "idle_days_7d,handset", "duplicate"),
    Mistake("duplicate key with a blank", "alerts/early_warning_rules.csv", add(",TRUE,red,paper,again"), "again", "duplicate"),
    Mistake("unknown scorecard", BANDS, add(band().replace("core_risk", "core_fun")), "core_fun", "unknown code", "scorecard_code"),
    Mistake("unknown indicator", BANDS, add(band().replace("idle_days_7d", "idle_days_9d")), "idle_days_9d", "indicators", "indicator_code"),
    Mistake("indicator of another scorecard", BANDS, add(band().replace("idle_days_7d", "tenure_days")), "core_risk,branch,B01,tenure_days", "scorecard_indicators"),
    Mistake("unknown family", "scorecards/scorecard_indicators.csv", add("core_risk,tenure_days,tenure"), "tenure_days,tenure", "indicator_families"),
    Mistake("unknown source", BANDS, add(band().replace(",default,", ",gut feeling,")), "gut feeling", "unknown code", "source"),
    Mistake("unknown level", "alerts/alert_policy.csv", put("value_churn,red,yellow", "value_churn,red,orange"), "orange", "unknown code", "alert_level"),
    Mistake("unknown signal value", "alerts/alert_policy.csv", put("traceback,potential", "traceback,likely"), "traceback,likely", "never has it", "signal_value"),
    Mistake("unknown condition", "alerts/warning_conditions.csv", put("plunge,fee_drop_4w", "dive,fee_drop_4w"), "dive,", "unknown code", "condition_code"),
    Mistake("unknown operator sign", "alerts/warning_conditions.csv", put("forward_days_7d,>", "forward_days_7d,<"), "forwarding,", "unknown code", "operator"),
    Mistake("unknown status category", "customers/subscriber_statuses.csv", put("frozen,closing", "frozen,asleep"), "asleep", "unknown code", "category"),
    Mistake("unknown network", "reference/operator_hotlines.csv", add("10050,railcom"), "railcom", "operators", "operator_code"),
    Mistake("unknown class", "customers/industries.csv", put("securities,B", "securities,E"), "securities,E", "group_classes", "min_class"),
    Mistake("unknown raw table", "reference/feed_expectations.csv", add("mms_cdrs,true,,,default,x"), "mms_cdrs", "unknown code", "table_name"),
    Mistake("parameter missing", "reference/parameters.csv", put("max_reasons,", "maximum_reasons,"), 0, "max_reasons is missing"),
    Mistake("status missing", "customers/subscriber_statuses.csv", put("suspended_arrears,", "unpaid,"), 0, "suspended_arrears is missing"),
    # Bands.
    Mistake("unknown scope type", BANDS, add(band(scope="region,B01")), "region", "unknown code", "scope_type"),
    Mistake("unknown branch", BANDS, add(band(scope="branch,B99")), "B99", "unknown branch", "scope_code"),
    Mistake("city code as branch", BANDS, add(band(scope="branch,C01")), "branch,C01", "unknown branch", "scope_code"),
    Mistake("unknown city", BANDS, add(band(scope="city,B01")), "city,B01", "unknown city", "scope_code"),
    Mistake("branch row for everybody", BANDS, add(band(scope="branch,*")), "branch,*", "names no branch", "scope_code"),
    Mistake("base row for a branch", BANDS, add(band(scope="base,B01")), "base,B01", "scope base", "scope_code"),
    Mistake("lower above upper", BANDS, add(band(lower="5", upper="3")), "branch,B01", "not below"),
    Mistake("lower equals upper", BANDS, add(band(lower="3", upper="3.0")), "branch,B01", "not below"),
    Mistake("overlap", BANDS, add(band(lower="1", upper="3"), band(lower="2", upper="5")), ",2,5,", "overlaps"),
    Mistake("overlap by an open bound", BANDS, add(band(lower="3"), band(lower="", upper="3.5")), ",,3.5,", "overlaps"),
    Mistake("overlap with a base row", BANDS, add(band(lower="4", upper="6", scope="base,*")), "base,*,idle_days_7d,4,6", "overlaps"),
    Mistake("overlap on one day", BANDS, add(band(valid_to="2026-03-01"), band(valid_from="2026-03-01", points="8")), ",8,", "overlaps"),
    Mistake("same row twice", BANDS, add(band(), band().replace("a test", "again")), "again", "overlaps"),
    Mistake("two rows of a missing value", BANDS, add(band("", "", "true"), band("", "", "true", "8")), ",8,", "missing value", "match_missing"),
    Mistake("missing value with a bound", BANDS, add(band("", "3", "true")), ",3,true", "match_missing", "upper_bound"),
    Mistake("valid days the wrong way round", BANDS, add(band(valid_to="2025-12-31")), "2025-12-31", "after the last day"),
    Mistake("gap in time", BANDS, add(band(valid_to="2026-03-01"), band(valid_from="2026-03-03", points="8")), ",8,", "gap in time", "valid_from"),
    Mistake("gap, newest row first", BANDS, add(band(valid_from="2026-03-03", points="8"), band(valid_to="2026-03-01")), ",8,", "gap in time"),
    Mistake("negative points under max", BANDS, add(band(points="-1").replace("idle_days_7d", "handset_risk")), ",-1,", "negative", "points"),
    # The other rules.
    Mistake("rules overlap", "alerts/stability_alert_rules.csv", add("7,9,2,3,blue,default,x"), "7,9,2,3", "overlaps"),
    Mistake("rule the wrong way round", "alerts/stability_alert_rules.csv", add("2,1,,,blue,default,x"), "2,1,", "above"),
    Mistake("warning case missing", "alerts/early_warning_rules.csv", put("2,false,none", "2,true,none"), 0, "has_condition false"),
    Mistake("risk level 3", "alerts/early_warning_rules.csv", add("3,true,red,paper,x"), "3,true", "too large", "commitment_risk_level"),
    Mistake("condition sentences differ", "alerts/warning_conditions.csv", put(">,0.5,Usage fees", ">,0.5,Fees"), "minutes_drop_4w", "another sentence", "label_en"),
    Mistake("reason without its value", "scorecards/indicators.csv", put("The amount in arrears (yuan) is {value}", "There are arrears"), "There are arrears", "{value}", "reason_en"),
    Mistake("loss rule without threshold", "alerts/loss_rules.csv", put("fee,0.9", "fee,"), "fee,,", "blank", "threshold"),
    Mistake("falls of nothing", "alerts/loss_rules.csv", put("calls,0.8,2,fee", "calls,0.8,2,"), "calls,0.8", "one of the two"),
    Mistake("tiers out of order", "customers/value_tiers.csv", put("silver,666", "silver,1600"), "silver,", "not below", "min_arpu"),
    Mistake("no lowest tier", "customers/value_tiers.csv", put("mass,,", "mass,1,"), "mass,", "last rank", "min_arpu"),
    Mistake("class without a bound", "customers/group_classes.csv", put("B,2,100", "B,2,"), "B,2,", "last rank", "min_members"),
    Mistake("rank twice", "customers/group_classes.csv", put("C,3,", "C,2,"), "C,2,", "duplicate", "rank"),
    Mistake("own competitor", "reference/operators.csv", put("own,true,false", "own,true,true"), "own,", "both"),
    Mistake("two own networks", "reference/operators.csv", put("fixed,false", "fixed,true"), "fixed", "second own", "is_own"),
    Mistake("no own network", "reference/operators.csv", put("own,true", "own,false"), 0, "own network"),
    Mistake("hotline with +86", "reference/operator_hotlines.csv", add("+8610011,unicom"), "+8610011", "dialled", "hotline_number"),
    Mistake("parameter not whole", "reference/parameters.csv", put("billing_lag_days,3", "billing_lag_days,3.5"), "3.5", "whole number", "value"),
    Mistake("parameter out of range", "reference/parameters.csv", put("min_counted_weeks,2", "min_counted_weeks,5"), "min_counted_weeks", "too large", "value"),
    Mistake("one version kept", "reference/parameters.csv", put("keep_versions,5", "keep_versions,1"), "keep_versions", "too small", "value"),
    Mistake("top taxpayers in no class", "reference/parameters.csv", put("top_taxpayer_class,A", "top_taxpayer_class,Z"), "class,Z", "unknown code", "value"),
    Mistake("required feed absent", "reference/feed_expectations.csv", put("voice_cdrs,true", "voice_cdrs,FALSE"), "voice_cdrs", "always required", "is_provided"),
    Mistake("drift bounds do not rise", "monitoring/drift_bounds.csv", put("shifted,0.25", "shifted,0.1"), "shifted,", "not above", "min_psi"),
    Mistake("drift without a lowest level", "monitoring/drift_bounds.csv", put("ok,0,", "ok,0.01,"), "ok,", "without a level", "min_psi"),
    Mistake("drift level missing", "monitoring/drift_bounds.csv", put("watch,0.1", "wait,0.1"), "wait,", "unknown code", "drift_level"),
    Mistake("reference on a Monday", "monitoring/drift_reference.csv", put("score,*,,", "score,*,2026-06-29,"), "score,*", "not a Sunday", "reference_date"),
    Mistake("reference of no indicator", "monitoring/drift_reference.csv", put("forwards_91d", "forwards_92d"), "forwards_92d", "unknown code", "measure_code"),
    Mistake("reference of no scorecard", "monitoring/drift_reference.csv", put("score,churn_traceback", "score,tenure_days"), "tenure_days", "unknown code", "measure_code"),
    Mistake("no reference for all others", "monitoring/drift_reference.csv", put("indicator,*", "indicator,idle_days_7d"), 0, "measure_code * is missing"),
]  # fmt: skip


def line_of(path: Path, at: str | int) -> int:
    if isinstance(at, int):
        return at
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    found = [number for number, line in enumerate(lines, 1) if at in line]
    # A marker may begin more than one line; what was added last is meant.
    return found[-1] if found else pytest.fail(f"no line holds {at!r}")


def test_the_shipped_seeds_have_no_problem():
    assert lint_seeds(SHIPPED) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_mistake_is_found_in_its_line(seeds: Path, mistake: Mistake):
    path = seeds / mistake.path
    mistake.edit(path)
    line = mistake.at if isinstance(mistake.at, int) else line_of(path, mistake.at)

    problems = lint_seeds(seeds, BRANCHES)

    fitting = [one for one in problems if mistake.word in one.reason]
    assert [(one.file, one.line) for one in fitting] == [(f"seeds/{mistake.path}", line)], "\n".join(map(str, problems))
    if mistake.column is not None:
        assert fitting[0].column == mistake.column
    # One mistake makes one message, so that its reader knows what to mend; several only where that many are needed.
    assert len(problems) <= 2, "\n".join(map(str, problems))


ALLOWED: list[tuple[str, str, Edit]] = [
    ("byte order mark", BANDS, lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())),
    ("windows line ends", BANDS, lambda path: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))),
    ("both line ends", BANDS, lambda path: path.write_bytes(path.read_bytes() + band().encode() + b"\r\n")),
    ("no line end at the end", BANDS, lambda path: path.write_bytes(path.read_bytes() + band().encode())),
    ("blank lines", BANDS, add("", band(), "")),
    ("extra column", "reference/operators.csv", lambda path: path.write_text("\n".join(f"{line},9" for line in path.read_text().split()))),
    ("columns in another order", "reference/operator_hotlines.csv", write(b"operator_code,hotline_number\nown,10086\n")),
    ("no service lines at all", "reference/operator_hotlines.csv", write(b"hotline_number,operator_code\n")),
    ("quotes, commas and lines in a note", BANDS, add(band()[:-6] + '"a ""note"",\nof two lines"')),
    ("booleans in capitals", BANDS, add(band(missing="FALSE"), band("", "", "True"))),
    ("no source and note", BANDS, add(band().replace("default,a test", ","))),
    ("bands that touch", BANDS, add(band(lower="1", upper="3"), band(lower="3", upper=""))),
    ("days that touch", BANDS, add(band(valid_to="2026-03-01"), band(valid_from="2026-03-02", points="8"))),
    ("days that touch by another band", BANDS, add(
        band("1", "3", valid_to="2026-03-01"), band("3", "5", valid_to="2026-04-30"), band("1", "3", valid_from="2026-05-01"))),
    ("one day", BANDS, add(band(valid_to="2026-01-01"))),
    ("to the end of time", BANDS, add(band(valid_to="9999-12-31"))),
    ("missing value beside a band", BANDS, add(band(), band("", "", "true"))),
    ("only a missing value", BANDS, add(band("", "", "true"))),
    ("the same band elsewhere", BANDS, add(band(), band(scope="branch,B02"), band(scope="city,C01"))),
    ("negative points under sum", BANDS, add(band(points="-1"))),
    ("numbers in other writings", BANDS, add(band(lower="-.5", upper="+1E3", points="+1"))),
    ("huge bound", BANDS, add(band(upper="1e308"))),
    ("a band of the last value", BANDS, add(band(lower="7", upper="8"))),
    ("a band that holds one whole number", BANDS, add(band(lower="2.5", upper="3.5"))),
    ("a drop of everything", BANDS, add(band(lower="1").replace("idle_days_7d", "fee_drop_4w"))),
    ("a rise", BANDS, add(band(lower="", upper="-0.5").replace("idle_days_7d", "fee_drop_4w"))),
    ("a ratio above one", BANDS, add(band(lower="1.2").replace("core_risk", "churn_traceback").replace("idle_days_7d", "fee_ratio_3m_6m"))),
    ("the highest threshold that can be reached", "scorecards/scorecards.csv", put("risk,10,paper", "risk,26,paper")),
    ("no threshold", "scorecards/scorecards.csv", put("risk,10,paper", "risk,,paper")),
    ("alerts begin at a higher risk", "alerts/stability_alert_rules.csv", put("3,4,,2,blue", "4,4,,2,blue")),
    ("a rule that gives no alert", "alerts/stability_alert_rules.csv", add("0,2,,,none,default,x")),
    ("no stability alerts at all", "alerts/stability_alert_rules.csv", write(b"risk_min,risk_max,stability_min,stability_max,alert_level,source,note\n")),
    ("fixed reference week", "monitoring/drift_reference.csv", put("score,*,,", "score,*,2026-06-28,")),
    ("new tier", "customers/value_tiers.csv", put("mass,,false,5", "low,50,false,5,default,x\nmass,,false,6")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "edit"), [row[1:] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
def test_what_is_allowed_is_no_problem(seeds: Path, path: str, edit: Edit):
    edit(seeds / path)
    assert lint_seeds(seeds, BRANCHES) == []


def test_scope_codes_are_not_checked_without_the_branches(seeds: Path):
    add(band(scope="branch,B99"))(seeds / BANDS)
    assert lint_seeds(seeds) == []
    assert len(lint_seeds(seeds, {})) == 1


def test_all_problems_are_found_at_once_and_in_order(seeds: Path):
    add(band(points="two"), band(scope="branch,B99", lower="x"))(seeds / BANDS)
    put("own,true", "own,maybe")(seeds / "reference/operators.csv")
    (seeds / "alerts/alert_policy.csv").unlink()

    found = [(one.file, one.column) for one in lint_seeds(seeds, BRANCHES)]

    assert found == [
        (f"seeds/{BANDS}", "points"),
        (f"seeds/{BANDS}", "lower_bound"),
        (f"seeds/{BANDS}", "scope_code"),
        ("seeds/alerts/alert_policy.csv", ""),
        ("seeds/reference/operators.csv", "is_own"),
    ]


def test_a_record_is_named_by_the_line_on_which_it_starts(seeds: Path):
    path = seeds / BANDS
    lines = path.read_text(encoding="utf-8").count("\n")
    add(band()[:-6] + '"one\ntwo\nthree"', band(scope="branch,B02", points="x")[:-6] + '"four\nfive"')(path)
    assert [(one.line, one.column) for one in lint_seeds(seeds, BRANCHES)] == [(lines + 4, "points")]


def test_a_seed_that_cannot_be_read_is_one_problem_not_one_per_row_that_refers_to_it(seeds: Path):
    (seeds / "scorecards/indicators.csv").unlink()
    assert [one.reason for one in lint_seeds(seeds)] == ["the file is missing"]


def test_a_missing_seeds_folder_is_one_problem(tmp_path: Path):
    assert len(lint_seeds(tmp_path / "seeds")) == 1


def test_a_problem_reads_as_one_sentence_with_its_place():
    problem = Problem("seeds/a.csv", 12, "points", "two", "integer_invalid")
    assert str(problem) == 'seeds/a.csv line 12, points = "two": is not a whole number; write 0, 1, 2, ...'
    assert (
        str(Problem("seeds/a.csv", 0, "", "", "file_missing"))
        == "seeds/a.csv: the file is missing; put it back (version control has it)"
    )
    assert "\n" not in str(Problem("seeds/a.csv", 2, "note", "x\n" * 99, "blank"))


def test_the_linter_and_dbt_declare_the_same_columns_and_types():
    dbt_types = {TEXT: "varchar", CODE: "varchar", INTEGER: "integer", NUMBER: "double", DATE: "date", BOOLEAN: "boolean"}
    declared = {
        (path.parent.name, seed["name"]): seed
        for path in SHIPPED.glob("*/_*__seeds.yml")
        for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
    }
    assert set(declared) == {(seed.folder, name) for name, seed in SEEDS.items()}
    assert {path.stem for path in SHIPPED.glob("*/*.csv")} == set(SEEDS)
    for name, seed in SEEDS.items():
        properties = declared[seed.folder, name]
        types = {column.name: dbt_types[column.kind] for column in seed.columns}
        assert properties["config"]["column_types"] == types
        assert [column["name"] for column in properties["columns"]] == list(types)
        assert all(column["description"] for column in [properties, *properties["columns"]])
        with (SHIPPED / seed.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(types)
