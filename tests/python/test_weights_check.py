"""`churn-warning weights check` names every wrong edit with its file, line, column and reason, in English and Chinese."""

# One case a line reads best in a table, however long the line.
# ruff: noqa: E501

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter

import duckdb
import pytest
from click.testing import Result
from conftest import REPOSITORY, churn_warning
from test_hostile_seeds import ENGINE_TYPES
from test_seed_lint import BANDS, BRANCHES, SHIPPED, Edit, add, line_of, put, write

from churn_warning import seed_messages
from churn_warning.seed_lint import SEEDS
from churn_warning.seed_messages import MESSAGES, TEXTS

CARDS, RULES, INDICATORS = "scorecards/scorecards.csv", "alerts/stability_alert_rules.csv", "scorecards/indicators.csv"
BOUNDS, RULE = "lower_bound + upper_bound", "risk_min + risk_max + stability_min + stability_max"
SUNDAYS = (date(2026, 6, 14), date(2026, 6, 21), date(2026, 6, 28))
NEXT_MONDAY = "2026-06-29"
SEVERE = "core_risk,base,*,severe_complaints_28d,1,,false,"


def row(lower="1", upper="", missing="false", points="7", valid_from=NEXT_MONDAY, valid_to="", scope="branch,B01", indicator="idle_days_7d", card="core_risk") -> str:
    return f"{card},{scope},{indicator},{lower},{upper},{missing},{points},{valid_from},{valid_to},default,a test"


def load_seeds(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Makes the seed tables as dbt does."""
    connection.execute("create schema seeds")
    for name, seed in SEEDS.items():
        columns = ", ".join(f'"{column.name}" {ENGINE_TYPES[column.kind]}' for column in seed.columns)
        connection.execute(f"create table seeds.{name} ({columns})")
        connection.execute(f"copy seeds.{name} from '{folder / seed.folder / name}.csv' (header)")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run with the shipped seeds leaves, as far as the check reads it: three subscribers on three Sundays."""
    path = tmp_path_factory.mktemp("check") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        # One transaction: a slow disk is waited for once.
        connection.begin()
        connection.execute("create schema raw; create schema marts")
        connection.execute("create table raw.branches (branch_code varchar, city_code varchar)")
        connection.executemany("insert into raw.branches values (?, ?)", list(BRANCHES.items()))
        load_seeds(connection, SHIPPED)
        connection.execute("create table marts.fct_weekly_alerts (as_of_date date, model_scope varchar, branch_code varchar, city_code varchar)")
        alerts = [(day, scope, branch, BRANCHES[branch]) for day in SUNDAYS for scope in ("base", "local") for branch in ("B01", "B02", "B03")]
        connection.executemany("insert into marts.fct_weekly_alerts values (?, ?, ?, ?)", alerts)
        connection.commit()
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with the shipped seeds, to edit."""
    shutil.copytree(SHIPPED, tmp_path / "project" / "seeds")
    shutil.copy(REPOSITORY / "dbt_project.yml", tmp_path / "project")
    return tmp_path / "project"


def check(project: Path, warehouse: Path, *arguments: object) -> Result:
    return churn_warning("weights", "check", "--project-dir", project, "--warehouse", warehouse, *arguments)


def squeezed(text: str) -> str:
    """Without white space: the output is folded to the width of the page, anywhere in Chinese."""
    return re.sub(r"\s+", "", text)


@dataclass(frozen=True)
class WrongEdit:
    """One edit of a shipped seed; at is a text that only the wrong line holds, or the line number (0: the whole file)."""

    what: str
    path: str
    edit: Edit
    at: str | int
    column: str
    english: str
    chinese: str


WRONG_EDITS = [
    # What a spreadsheet does to a file.
    WrongEdit("file deleted", BANDS, Path.unlink, 0, "", "the file is missing", "文件缺失"),
    WrongEdit("saved in a Chinese code page", BANDS, lambda path: path.write_bytes((path.read_text() + row() + "，中文\n").encode("gbk")), 48, "", "not UTF-8", "不是 UTF-8"),
    WrongEdit("saved with semicolons", BANDS, lambda path: path.write_text(path.read_text().replace(",", ";")), 1, "", "not separated by commas", "不是用逗号分隔"),
    WrongEdit("saved empty", BANDS, write(b""), 1, "", "first line is blank", "第一行为空"),
    WrongEdit("header renamed", BANDS, put(",points,", ",point,"), 1, "", "column points is missing", "缺少列 points"),
    WrongEdit("column doubled", BANDS, put(",source,note", ",source,source"), 1, "source", "is there twice", "出现了两次"),
    WrongEdit("comma in a note", BANDS, add(row() + ", because"), "because", "", "more fields", "列数多于表头"),
    WrongEdit("cells left out", BANDS, add("core_risk,base,*,idle_days_7d"), "idle_days_7d\n", "", "fewer fields", "列数少于表头"),
    WrongEdit("quote left open", BANDS, add(row()[:-6] + '"open'), '"open', "", "not valid CSV", "不是有效的 CSV"),
    WrongEdit("dates as a spreadsheet writes them", BANDS, add(row(valid_from="2026/6/29")), "2026/6/29", "valid_from", "is not a date", "不是日期"),
    # Cells.
    WrongEdit("points in words", BANDS, add(row(points="three")), "three", "points", "not a whole number", "不是整数"),
    WrongEdit("half a point", BANDS, put(f"{SEVERE}3", f"{SEVERE}2.5"), SEVERE, "points", "not a whole number", "不是整数"),
    WrongEdit("points left out", BANDS, put(f"{SEVERE}3", SEVERE), SEVERE, "points", "is blank", "为空"),
    WrongEdit("points beyond every number", BANDS, put(f"{SEVERE}3", f"{SEVERE}3000000000"), SEVERE, "points", "too large", "数值太大"),
    WrongEdit("a bound in per cent", BANDS, add(row(lower="30%", indicator="fee_drop_4w")), "30%", "lower_bound", "not a number", "不是数字"),
    WrongEdit("a decimal comma", BANDS, add(row(lower='"0,3"', indicator="fee_drop_4w")), '"0,3"', "lower_bound", "not a number", "不是数字"),
    WrongEdit("a bound of only spaces", BANDS, add(row(upper="  ")), ",  ,", "upper_bound", "only spaces", "只有空格"),
    WrongEdit("a day that does not exist", BANDS, add(row(valid_to="2026-09-31")), "2026-09-31", "valid_to", "is not a date", "不是日期"),
    WrongEdit("yes for true", BANDS, add(row("", "", "yes")), ",yes,", "match_missing", "neither true nor false", "既不是 true 也不是 false"),
    WrongEdit("a space behind a code", BANDS, add(row(scope="branch,B01 ")), "B01 ", "scope_code", "spaces around", "前后有空格"),
    WrongEdit("a parameter too large", "reference/parameters.csv", put("min_counted_weeks,2", "min_counted_weeks,9"), "min_counted_weeks", "value", "too large", "数值太大"),
    # Codes.
    WrongEdit("an unknown scorecard", BANDS, add(row(card="core_risks")), "core_risks", "scorecard_code", "unknown code", "代码不存在"),
    WrongEdit("an unknown indicator", BANDS, add(row(indicator="idle_days_9d")), "idle_days_9d", "indicator_code", "unknown code", "代码不存在"),
    WrongEdit("an indicator of another scorecard", BANDS, add(row("730", indicator="tenure_days")), "B01,tenure_days", "scorecard_code + indicator_code", "unknown pair", "代码组合不存在"),
    WrongEdit("an unknown scope", BANDS, add(row(scope="region,B01")), "region", "scope_type", "unknown code", "代码不存在"),
    WrongEdit("a branch that does not exist", BANDS, add(row(scope="branch,B77")), "B77", "scope_code", "unknown branch", "分公司不存在"),
    WrongEdit("a city that does not exist", BANDS, add(row(scope="city,C77")), "C77", "scope_code", "unknown city", "地市不存在"),
    WrongEdit("a branch row for everybody", BANDS, add(row(scope="branch,*")), "branch,*", "scope_code", "names no branch", "没有指明分公司"),
    WrongEdit("a city row for everybody", BANDS, add(row(scope="city,*")), "city,*", "scope_code", "names no city", "没有指明地市"),
    WrongEdit("a base row for a branch", BANDS, add(row(scope="base,B01")), "base,B01", "scope_code", "scope base", "scope_type 为 base"),
    WrongEdit("an unknown source", BANDS, add(row().replace(",default,", ",boss,")), "boss", "source", "unknown code", "代码不存在"),
    WrongEdit("an unknown colour", RULES, put("3,4,,2,blue", "3,4,,2,green"), "green", "alert_level", "unknown code", "代码不存在"),
    WrongEdit("the same key twice", CARDS, add("core_risk,Risk,风险,risk,,default,again"), "again", "scorecard_code", "duplicate key", "主键重复"),
    WrongEdit("a scorecard deleted", CARDS, lambda path: path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1])), 0, "", "churn_traceback is missing", "缺少 scorecard_code 为 churn_traceback"),
    # Bands.
    WrongEdit("bounds reversed", BANDS, add(row("5", "3")), ",5,3,", BOUNDS, "not below the upper", "下界不小于上界"),
    WrongEdit("bands overlap", BANDS, add(row("1", "4"), row("3", "6")), ",3,6,", BOUNDS, "overlaps the band of line 48", "与第 48 行的区间"),
    WrongEdit("an old row left open", BANDS, add(f"{SEVERE}4,{NEXT_MONDAY},,default,raised"), "raised", BOUNDS, "overlaps the band of line 19", "与第 19 行的区间"),
    WrongEdit("two rows of a missing value", BANDS, add(row("", "", "true"), row("", "", "true", "8")), ",8,", "match_missing", "missing value", "缺失值"),
    WrongEdit("a bound of a missing value", BANDS, add(row("2", "", "true")), ",2,,true", "lower_bound", "match_missing row", "match_missing 行不能有界限"),
    WrongEdit("days reversed", BANDS, add(row(valid_to="2026-06-28")), ",2026-06-28,", "valid_from + valid_to", "after the last day", "起始日晚于截止日"),
    WrongEdit("a gap in time", BANDS, add(row(valid_to="2026-07-05"), row(valid_from="2026-07-13", points="8")), ",8,", "valid_from", "gap in time", "生效日期有空档"),
    WrongEdit("negative points under max", BANDS, add(row(points="-1", indicator="handset_risk")), ",-1,", "points", "is negative in family handset", "在指标族 handset 中为负数"),
    # Bands that nothing can fall into.
    WrongEdit("a share on a flag", BANDS, add(row("0.2", "0.4", indicator="closing_status")), ",0.2,0.4,", BOUNDS, "whole numbers 0 .. 1", "只取整数，范围为 0 .. 1"),
    WrongEdit("a share on a count", BANDS, add(row("0.3", "0.5", indicator="complaints_28d")), ",0.3,0.5,", BOUNDS, "whole numbers 0 ..", "只取整数，范围为 0 .."),
    WrongEdit("a count below zero", BANDS, add(row("", "0", indicator="complaints_28d")), ",,0,", BOUNDS, "whole numbers 0 ..", "只取整数，范围为 0 .."),
    WrongEdit("a ninth day of the week", BANDS, add(row("8")), ",8,,", BOUNDS, "whole numbers 0 .. 7", "只取整数，范围为 0 .. 7"),
    WrongEdit("a drop in per cent", BANDS, add(row("30", "50", indicator="minutes_drop_4w")), ",30,50,", BOUNDS, "values .. 1", "取值范围为 .. 1"),
    WrongEdit("arrears below zero", BANDS, add(row("-9", "0", indicator="arrears_amount")), ",-9,0,", BOUNDS, "values 0 ..", "取值范围为 0 .."),
    WrongEdit("a range reversed", INDICATORS, put("handset_risk,level,0,2", "handset_risk,level,3,2"), "handset_risk", "lowest_value + highest_value", "above the highest", "最小值大于最大值"),
    # What the points can reach.
    WrongEdit("a threshold too high", CARDS, put("risk,10,paper", "risk,27,paper"), "churn_traceback", "alert_threshold", "is 26 (scope base)", "最高总分为 26（范围 base）"),
    WrongEdit("points lowered under a branch's threshold", BANDS, add(*(row("1", indicator=code, points="0", card="churn_traceback") for code in (
        "forwards_91d", "forwards_28d", "arrears_suspensions_182d", "arrears_amount", "arrears_months", "max_fault_level_91d", "complaints_91d", "own_hotline_calls_182d", "competitor_hotline_calls_182d"))),
        (CARDS, "churn_traceback"), "alert_threshold", "is 8 (scope branch B01)", "最高总分为 8（范围 branch B01）"),
    WrongEdit("a risk that nobody reaches", RULES, put("8,,,2,red", "26,,,2,red"), "red", "risk_min", "highest total of core_risk from 2000-01-01 on is 25", "core_risk 的最高总分为 25"),
    WrongEdit("a stability that nobody reaches", RULES, put("8,,3,,yellow", "8,,17,,yellow"), "17", "stability_min", "highest total of core_stability", "core_stability 的最高总分为 16"),
    # Rules.
    WrongEdit("rules overlap", RULES, add("7,9,2,3,blue,default,x"), "7,9,2,3", RULE, "overlaps the rule of line 2", "与第 2 行的规则重叠"),
    WrongEdit("a rule reversed", RULES, put("5,7,,2", "7,5,,2"), "7,5,,2", "risk_min + risk_max", "lowest risk is above", "风险下限高于上限"),
    WrongEdit("a hole between risks", RULES, put("5,7,,2", "5,6,,2"), "5,6,,2", RULE, "risk 7 with stability 2", "风险 7、稳定度 2"),
    WrongEdit("a hole above all risks", RULES, put("8,,,2,red", "8,12,,2,red"), "8,12", RULE, "risk 13 with stability 2", "风险 13、稳定度 2"),
    WrongEdit("a signal value that never comes", "alerts/alert_policy.csv", put("traceback,potential", "traceback,red"), "traceback,red", "signal_value", "the signal traceback never has it", "信号 traceback 没有这个取值"),
    # The scored past.
    WrongEdit("a new row from a scored Sunday on", BANDS, add(row(valid_from="2026-06-28")), "2026-06-28", "valid_from", "would change history", "会改变历史"),
    WrongEdit("a new row from the first day on", BANDS, add(row(valid_from="2000-01-01", scope="city,C01")), "C01", "valid_from", "set valid_from to the next Monday (2026-06-29)", "请将 valid_from 改为下一个周一（2026-06-29）"),
]  # fmt: skip


def test_there_are_at_least_forty_wrong_edits():
    assert len({edit.what for edit in WRONG_EDITS}) == len(WRONG_EDITS) >= 40


@pytest.mark.parametrize("wrong", WRONG_EDITS, ids=lambda wrong: wrong.what)
def test_a_wrong_edit_is_answered_with_file_line_column_and_reason(project: Path, warehouse: Path, wrong: WrongEdit):
    wrong.edit(project / "seeds" / wrong.path)
    # The fault of a branch's points shows at the threshold that they cannot reach.
    path, at = wrong.at if isinstance(wrong.at, tuple) else (wrong.path, wrong.at)
    line = line_of(project / "seeds" / path, at)

    for language, place, column, reason, counts in (
        ("en", f"seeds/{path}" + (f", line {line}" if line else ""), f", column {wrong.column}:", wrong.english, "Errors: (1|2)[.]"),
        ("zh", f"seeds/{path}" + (f"，第 {line} 行" if line else ""), f"，列 {wrong.column}：", wrong.chinese, "错误：(1|2)。"),
    ):
        result = check(project, warehouse, "--lang", language)
        assert result.exit_code == 1, result.output
        found = squeezed(result.output)
        at_place = squeezed(place + (column if wrong.column else ""))
        problems = re.split("(?=error|warning|note|Errors:|错误|警告|说明)", found)
        fitting = [one for one in problems if at_place in one and squeezed(reason) in one]
        assert len(fitting) == 1 and fitting[0].startswith(("error", "错误")), result.output
        assert re.search(squeezed(counts), found), result.output


DBT_TESTS = {
    "a share on a flag": "bands_can_be_met",
    "a share on a count": "bands_can_be_met",
    "a count below zero": "bands_can_be_met",
    "a ninth day of the week": "bands_can_be_met",
    "a drop in per cent": "bands_can_be_met",
    "arrears below zero": "bands_can_be_met",
    "a threshold too high": "alert_thresholds_can_be_reached",
    "points lowered under a branch's threshold": "alert_thresholds_can_be_reached",
    "a risk that nobody reaches": "alert_thresholds_can_be_reached",
    "a stability that nobody reaches": "alert_thresholds_can_be_reached",
    "a hole between risks": "stability_rules_have_no_hole",
    "a hole above all risks": "stability_rules_have_no_hole",
}


@pytest.mark.parametrize("wrong", [edit for edit in WRONG_EDITS if edit.what in DBT_TESTS], ids=lambda wrong: wrong.what)
def test_plain_dbt_finds_what_is_wrong_among_the_seeds_alone(project: Path, wrong: WrongEdit):
    path = REPOSITORY / "tests" / "seeds" / f"{DBT_TESTS[wrong.what]}.sql"
    sql = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"seeds.\1", path.read_text(encoding="utf-8"))

    def faults() -> list[tuple]:
        with duckdb.connect() as connection:
            load_seeds(connection, project / "seeds")
            return connection.execute(sql).fetchall()

    assert faults() == []
    wrong.edit(project / "seeds" / wrong.path)
    assert faults() != []


def test_the_shipped_seeds_pass_and_the_answer_says_what_was_compared(project: Path, warehouse: Path):
    result = check(project, warehouse)
    assert result.exit_code == 0
    assert "Compared with the weights that the weeks up to 2026-06-28 were scored with." in result.output
    assert "Errors: 0. Warnings: 0." in result.output and "note" not in result.output
    assert "错误：0。警告：0。" in check(project, warehouse, "--lang", "zh").output


def test_all_problems_are_named_at_once(project: Path, warehouse: Path):
    add(row(points="x"), row(scope="branch,B77"), row("5", "3"))(project / "seeds" / BANDS)
    put("risk,10,paper", "risk,ten,paper")(project / "seeds" / CARDS)
    result = check(project, warehouse)
    assert result.exit_code == 1 and "Errors: 4." in result.output


def test_a_weight_that_changes_from_next_monday_on_leaves_history_alone(project: Path, warehouse: Path):
    bands = project / "seeds" / BANDS
    put(f"{SEVERE}3,2000-01-01,,", f"{SEVERE}3,2000-01-01,2026-06-28,")(bands)
    add(f"{SEVERE}4,{NEXT_MONDAY},,default,raised")(bands)
    result = check(project, warehouse)
    assert result.exit_code == 0 and "Errors: 0. Warnings: 0." in result.output


HISTORY = [
    ("points of a base row", put(f"{SEVERE}3", f"{SEVERE}4"), "line 19, column points", "3 scored weeks", "2026-06-14 to 2026-06-28, 9 observations"),
    ("a base row closed in the past", put(f"{SEVERE}3,2000-01-01,,", f"{SEVERE}3,2000-01-01,2026-06-20,"), "line 19, column valid_to", "2 scored weeks", "2026-06-21 to 2026-06-28, 6 observations"),
    ("a base row removed", put(f"{SEVERE}3,2000-01-01,,default,The deck names the sign; bands and points are our own choice\n", ""), "the row core_risk base * severe_complaints_28d [1, +inf) = 3", "3 scored weeks", "9 observations"),
    ("a base row that begins later", put(f"{SEVERE}3,2000-01-01", f"{SEVERE}3,2026-06-15"), "column valid_from", "1 scored weeks", "2026-06-14 to 2026-06-14, 3 observations"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "texts"), [(one[1], one[2:]) for one in HISTORY], ids=[one[0] for one in HISTORY])
def test_a_changed_row_of_the_past_is_a_warning_that_names_the_weeks(project: Path, warehouse: Path, edit: Edit, texts: tuple[str, ...]):
    edit(project / "seeds" / BANDS)
    result = check(project, warehouse)
    assert result.exit_code == 0 and "Errors: 0. Warnings: 1." in result.output
    for text in ("warning", "history would change", *texts):
        assert squeezed(text) in squeezed(result.output), result.output


def test_a_changed_branch_row_concerns_the_observations_of_that_branch(project: Path, warehouse: Path, tmp_path: Path):
    built = Path(shutil.copy(warehouse, tmp_path))
    with duckdb.connect(str(built)) as connection:
        connection.execute(
            "insert into seeds.scorecard_bands values"
            " ('core_risk', 'branch', 'B01', 'idle_days_7d', 1, null, false, 7, '2026-06-15', null, 'default', 'x'),"
            " ('core_risk', 'city', 'C01', 'idle_days_7d', 1, null, false, 7, '2026-06-15', null, 'default', 'x')"
        )
    add(row(points="8", valid_from="2026-06-15"), row(points="8", valid_from="2026-06-15", scope="city,C01"))(project / "seeds" / BANDS)
    answer = squeezed(check(project, built).output)
    assert squeezed("2 scored weeks would be scored anew (2026-06-21 to 2026-06-28, 2 observations)") in answer
    assert squeezed("2 scored weeks would be scored anew (2026-06-21 to 2026-06-28, 4 observations)") in answer


def test_a_seed_without_dates_warns_that_the_past_changes_as_well(project: Path, warehouse: Path):
    put("risk,10,paper", "risk,9,paper")(project / "seeds" / CARDS)
    put("3,4,,2,blue,default,Some risk and little that holds the customer\n", "")(project / "seeds" / RULES)
    result = check(project, warehouse)
    assert result.exit_code == 0 and "Warnings: 2." in result.output
    answer = squeezed(result.output)
    assert squeezed('scorecards.csv, line 4, column alert_threshold: "9"history would change: this file has no dates') in answer
    assert squeezed("rows are gone from it: 3,4,,2,blue") in answer


def test_labels_and_notes_change_no_history(project: Path, warehouse: Path):
    put("Churn risk,离网风险", "Risk of leaving,流失风险")(project / "seeds" / CARDS)
    put(",default,The deck names the sign", ",paper,The paper names the sign")(project / "seeds" / BANDS)
    assert "Errors: 0. Warnings: 0." in check(project, warehouse).output


@pytest.mark.parametrize("place", ["scorecard_bands.csv", "scorecards/scorecard_bands.csv", "seeds/scorecards/scorecard_bands.csv"])
def test_a_candidate_is_checked_in_place_of_the_seeds_that_it_changes(project: Path, warehouse: Path, tmp_path: Path, place: str):
    changed = tmp_path / "my-weights" / place
    changed.parent.mkdir(parents=True)
    shutil.copy(SHIPPED / BANDS, changed)
    (tmp_path / "my-weights" / "~$scorecard_bands.csv").write_bytes(b"left by a spreadsheet")
    assert check(project, warehouse, "--seeds", tmp_path / "my-weights").exit_code == 0
    add(row(scope="branch,B77"))(changed)
    for candidate in (tmp_path / "my-weights", changed):
        result = check(project, warehouse, "--seeds", candidate)
        assert result.exit_code == 1 and f"{place.split('/')[-1]}, line 48, column scope_code" in result.output
    assert check(project, warehouse).exit_code == 0


def test_a_candidate_that_is_no_candidate_is_said_to_be_none(project: Path, warehouse: Path, tmp_path: Path):
    folder = tmp_path / "my-weights"

    def answer(*arguments: object) -> str:
        result = check(project, warehouse, "--seeds", folder, *arguments)
        assert result.exit_code == 1
        return squeezed(result.output)

    assert "doesnotexist" in answer() and "文件或文件夹不存在" in answer("--lang", "zh")
    folder.mkdir()
    assert "holdsnoCSVfile" in answer() and "没有CSV文件" in answer("--lang", "zh")
    shutil.copy(SHIPPED / BANDS, folder / "scorecard_band.csv")
    assert "scorecard_bands.csv" in answer().split("todo:")[1] and "没有这个名称的种子" in answer("--lang", "zh")
    (folder / "scorecard_band.csv").rename(folder / "scorecard_bands.csv")
    (folder / "more").mkdir()
    shutil.copy(SHIPPED / BANDS, folder / "more")
    assert "thesameseedisalsothere" in answer() and "同一种子还有另一个文件" in answer("--lang", "zh")


def test_without_a_warehouse_the_answer_says_what_was_not_checked(project: Path, warehouse: Path, tmp_path: Path):
    add(row(scope="branch,B77", valid_from="2000-01-01"))(project / "seeds" / BANDS)
    result = check(project, tmp_path / "none.duckdb")
    assert result.exit_code == 0 and "There is no warehouse yet" in result.output
    assert "还没有数据仓库" in squeezed(check(project, tmp_path / "none.duckdb", "--lang", "zh").output)
    assert not (tmp_path / "none.duckdb").exists()
    (tmp_path / "broken.duckdb").write_bytes(b"something else")
    assert "cannot be read" in check(project, tmp_path / "broken.duckdb").output
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    result = check(project, tmp_path / "empty.duckdb")
    assert "holds no scored week" in result.output and "The raw table branches cannot be read" in result.output


def test_the_check_changes_nothing(project: Path, warehouse: Path):
    before = warehouse.read_bytes(), {path: path.read_bytes() for path in project.rglob("*.csv")}
    add(row(points="x"))(project / "seeds" / BANDS)
    check(project, warehouse)
    put(row(points="x") + "\n", "")(project / "seeds" / BANDS)
    assert before == (warehouse.read_bytes(), {path: path.read_bytes() for path in project.rglob("*.csv")})


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_has_both_languages_with_the_same_facts():
    texts = [(message.reason_en, message.reason_zh) for message in MESSAGES.values()]
    texts += [(message.advice_en, message.advice_zh) for message in MESSAGES.values()]
    for english, chinese in [*texts, *TEXTS.values()]:
        assert english.strip() and chinese.strip()
        assert facts_of(english) == facts_of(chinese), english
        assert english.isascii() and (re.search("[\u4e00-\u9fff]", chinese) or chinese == "，"), chinese


def test_every_message_is_used_and_every_message_that_is_used_exists():
    sources = [path for path in (REPOSITORY / "churn_warning").glob("*.py") if path != Path(seed_messages.__file__)]
    written = set(re.findall(r'"([a-z0-9_]+)"', "\n".join(path.read_text(encoding="utf-8") for path in sources)))
    severities = {seed_messages.ERROR, seed_messages.WARNING}
    assert set(MESSAGES) <= written
    assert set(TEXTS) - severities <= written
