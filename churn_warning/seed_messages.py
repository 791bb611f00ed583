"""What is said about a mistake in a seed: one entry per kind of mistake, English and Chinese beside each other.

A text may hold facts in braces; both languages name the same ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

ERROR, WARNING = "error", "warning"
ENGLISH, CHINESE = "en", "zh"

LONGEST_SHOWN = 60


class Message(NamedTuple):
    """Why something is wrong and what to do, in both languages, and whether it stops a run (error) or not (warning)."""

    reason_en: str
    advice_en: str
    reason_zh: str
    advice_zh: str
    severity: str = ERROR


_CSV_UTF8 = ('save it as "CSV UTF-8"', "请另存为“CSV UTF-8”格式")
_RESTORE = ("put it back (version control has it)", "请放回该文件（版本库中有）")
_WRITE_ONE_OF = ("write one of: {allowed}", "请填写下列之一：{allowed}")

MESSAGES: dict[str, Message] = {
    # Files and lines.
    "folder_missing": Message("the folder of the seeds is missing", _RESTORE[0], "找不到种子文件夹", "请放回该文件夹（版本库中有）"),
    "file_missing": Message("the file is missing", _RESTORE[0], "文件缺失", _RESTORE[1]),
    "file_unreadable": Message(
        "the file cannot be read ({error})", "check that it is a file and may be read", "文件无法读取（{error}）", "请确认它是文件并且有读取权限"
    ),
    "candidate_missing": Message(
        "this file or folder does not exist",
        "name the folder or the CSV file that holds your changes",
        "文件或文件夹不存在",
        "请指定存放修改内容的文件夹或 CSV 文件",
    ),
    "candidate_empty": Message(
        "the folder holds no CSV file",
        "put the changed files into it, such as scorecard_bands.csv",
        "文件夹中没有 CSV 文件",
        "请放入修改过的文件，例如 scorecard_bands.csv",
    ),
    "candidate_unknown_file": Message(
        "no seed has this name, so nothing would read the file",
        "give it the name of the seed that it changes: {allowed}",
        "没有这个名称的种子，文件不会被读取",
        "请改为所修改种子的文件名：{allowed}",
    ),
    "candidate_file_twice": Message(
        "the same seed is also there as {other}", "keep one of the two files", "同一种子还有另一个文件 {other}", "请只保留其中一个"
    ),
    "not_utf8": Message("the file is not UTF-8 text", _CSV_UTF8[0], "文件不是 UTF-8 编码", _CSV_UTF8[1]),
    "nul_character": Message(
        "the file holds a NUL character, so it is not UTF-8 text", _CSV_UTF8[0], "文件含有 NUL 字符，不是 UTF-8 编码", _CSV_UTF8[1]
    ),
    "fields_too_many": Message(
        "the row has more fields than the header ({found} instead of {expected})",
        "check the commas; a text with a comma needs double quotes around it",
        "该行的列数多于表头（{found} 列，应为 {expected} 列）",
        "请检查逗号；含逗号的文字要用英文双引号括起来",
    ),
    "fields_too_few": Message(
        "the row has fewer fields than the header ({found} instead of {expected})",
        "check the commas; a blank cell still needs its comma",
        "该行的列数少于表头（{found} 列，应为 {expected} 列）",
        "请检查逗号；空单元格也要保留逗号",
    ),
    "csv_invalid": Message(
        "the row is not valid CSV ({error})",
        'check the double quotes; inside a quoted text write "" for "',
        "该行不是有效的 CSV（{error}）",
        '请检查双引号；引号内的双引号要写成 ""',
    ),
    "header_blank": Message(
        "the first line is blank", "the first line has to hold the column names", "第一行为空", "第一行必须是列名"
    ),
    "header_no_commas": Message(
        "the columns are not separated by commas", "save the file as CSV with commas", "各列之间不是用逗号分隔", "请另存为逗号分隔的 CSV"
    ),
    "column_twice": Message("column {name} is there twice", "remove one of the two", "列 {name} 出现了两次", "请删除其中一列"),
    "column_missing": Message("column {name} is missing", "the header needs: {columns}", "缺少列 {name}", "表头应包含：{columns}"),
    # Cells.
    "blank": Message("is blank", "this column has to hold a value", "为空", "该列必须填写"),
    "only_spaces": Message("holds only spaces", "write a value, or nothing at all", "只有空格", "请填写内容，或完全留空"),
    "spaces_around": Message("has spaces around it", "remove the spaces", "前后有空格", "请删除空格"),
    "unknown_code": Message("is an unknown code", _WRITE_ONE_OF[0], "代码不存在", _WRITE_ONE_OF[1]),
    "too_small": Message("is too small", "write {limit} or more", "数值太小", "请填写 {limit} 或更大的数"),
    "too_large": Message("is too large", "write {limit} or less", "数值太大", "请填写 {limit} 或更小的数"),
    "integer_invalid": Message("is not a whole number", "write 0, 1, 2, ...", "不是整数", "请填写 0、1、2……"),
    "integer_too_large": Message(
        "is too large",
        "write a whole number between -{limit} and {limit}",
        "数值太大",
        "请填写 -{limit} 与 {limit} 之间的整数",
    ),
    "number_invalid": Message(
        "is not a number",
        "write it with digits and a decimal point, such as 12 or 0.35",
        "不是数字",
        "请用数字和小数点填写，例如 12 或 0.35",
    ),
    "number_too_large": Message(
        "is too large", "leave it blank if there is no bound", "数值太大", "没有界限时请留空"
    ),
    "date_invalid": Message(
        "is not a date", "write year-month-day, such as 2026-01-31", "不是日期", "请按“年-月-日”填写，例如 2026-01-31"
    ),
    "boolean_invalid": Message("is neither true nor false", "write true or false", "既不是 true 也不是 false", "请填写 true 或 false"),
    # Keys and foreign keys.
    "duplicate_key": Message(
        "is a duplicate key, line {line} has it already", "keep one of the two rows", "主键重复，第 {line} 行已有", "请只保留其中一行"
    ),
    "needed_row_missing": Message(
        "the row {column} {needed} is missing", "the rules read it: put it back", "缺少 {column} 为 {needed} 的行", "规则要读取它，请放回"
    ),
    "unknown_reference": Message(
        "is an unknown code, seed {seed} does not have it",
        "correct it, or add it to {seed}",
        "代码不存在，种子 {seed} 中没有",
        "请更正，或在 {seed} 中新增",
    ),
    "unknown_pair": Message(
        "is an unknown pair of codes, seed {seed} does not have them in one row",
        "correct it, or add it to {seed}",
        "代码组合不存在，种子 {seed} 中没有这样的一行",
        "请更正，或在 {seed} 中新增",
    ),
    # Scorecard bands.
    "base_with_code": Message(
        "is a code in a row of scope base", "write * for base", "scope_type 为 base 的行不能填写具体代码", "base 请填写 *"
    ),
    "names_no_branch": Message("names no branch", "write the code of the branch", "没有指明分公司", "请填写分公司代码"),
    "names_no_city": Message("names no city", "write the code of the city", "没有指明地市", "请填写地市代码"),
    "unknown_branch": Message(
        "is an unknown branch, the table branches does not have it",
        _WRITE_ONE_OF[0],
        "分公司不存在，branches 表中没有",
        _WRITE_ONE_OF[1],
    ),
    "unknown_city": Message(
        "is an unknown city, the table branches does not have it", _WRITE_ONE_OF[0], "地市不存在，branches 表中没有", _WRITE_ONE_OF[1]
    ),
    "missing_with_bound": Message(
        "is a bound of a match_missing row", "leave both bounds blank", "match_missing 行不能有界限", "请将上下界都留空"
    ),
    "bounds_reversed": Message(
        "the lower bound is not below the upper bound",
        "the lower bound belongs to the band, the upper one does not",
        "下界不小于上界",
        "请更正：区间包含下界，不包含上界",
    ),
    "days_reversed": Message(
        "the first day is after the last day", "correct one of the two", "起始日晚于截止日", "请更正其中一个"
    ),
    "band_holds_no_value": Message(
        "nothing can fall into this band: the indicator takes values {values}",
        "change the bounds, or delete the row",
        "没有任何值会落入该区间：该指标的取值范围为 {values}",
        "请修改界限，或删除该行",
    ),
    "band_holds_no_whole_number": Message(
        "nothing can fall into this band: the indicator takes whole numbers {values}",
        "change the bounds, or delete the row",
        "没有任何值会落入该区间：该指标只取整数，范围为 {values}",
        "请修改界限，或删除该行",
    ),
    "negative_in_max_family": Message(
        "is negative in family {family}, which takes the highest band (rule max)",
        "write 0 or more, or give the family the rule sum",
        "在指标族 {family} 中为负数，而该族取最高分（规则 max）",
        "请填写 0 或正数，或将该族的规则改为 sum",
    ),
    "missing_twice": Message(
        "overlaps line {line}: two rows give the points of a missing value on the same days",
        "keep one of them, or let their days not meet",
        "与第 {line} 行重叠：同一天有两行给缺失值计分",
        "请只保留其中一行，或使两行的生效日期不相交",
    ),
    "band_overlap": Message(
        "the band overlaps the band of line {line} ({band}) on days on which both are valid",
        "change the bounds, or close the old row the day before the new one begins",
        "区间与第 {line} 行的区间 {band} 重叠，且生效日期相交",
        "请修改界限，或让旧行在新行生效的前一天截止",
    ),
    "gap_in_time": Message(
        "leaves a gap in time: after {before} no row of this scope and indicator is valid until then",
        "begin on the day after {before}, or add a row for the days between",
        "生效日期有空档：{before} 之后到该日之前，同一范围同一指标没有有效的行",
        "请从 {before} 的次日开始，或为中间的日期补一行",
    ),
    "threshold_unreachable": Message(
        "no combination of points can reach this threshold: the highest total from {day} on is {highest} (scope {scope})",
        "write {highest} or less, or raise points in scorecard_bands",
        "任何得分组合都达不到该阈值：自 {day} 起最高总分为 {highest}（范围 {scope}）",
        "请填写不大于 {highest} 的数，或在 scorecard_bands 中提高分值",
    ),
    # Alerts.
    "score_unreachable": Message(
        "no combination of points can reach this score: the highest total of {scorecard} from {day} on is {highest}",
        "write {highest} or less, or raise points in scorecard_bands",
        "任何得分组合都达不到该分数：自 {day} 起 {scorecard} 的最高总分为 {highest}",
        "请填写不大于 {highest} 的数，或在 scorecard_bands 中提高分值",
    ),
    "risk_reversed": Message(
        "the lowest risk is above the highest", "correct one of the two", "风险下限高于上限", "请更正其中一个"
    ),
    "stability_reversed": Message(
        "the lowest stability is above the highest", "correct one of the two", "稳定度下限高于上限", "请更正其中一个"
    ),
    "rules_overlap": Message(
        "overlaps the rule of line {line}: a pair of scores could match both",
        "change the bounds; both ends belong to a rule",
        "与第 {line} 行的规则重叠：有的得分组合会同时符合两条",
        "请修改界限；规则包含上下两端",
    ),
    "rules_hole": Message(
        "leaves a hole beside it: risk {risk} with stability {stability} matches no rule and gives no alert,"
        " although this rule gives {level} to a customer who is no more at risk",
        "move the bounds so that they meet, or add a row for the hole",
        "旁边有空缺：风险 {risk}、稳定度 {stability} 不符合任何规则，不会预警，而风险不更高的客户按本规则为 {level}",
        "请调整界限使其衔接，或为空缺补一行",
    ),
    "warning_case_missing": Message(
        "the row commitment_risk_level {risk}, has_condition {condition} is missing",
        "every case needs its alert level",
        "缺少 commitment_risk_level 为 {risk}、has_condition 为 {condition} 的行",
        "每种情况都要有预警级别",
    ),
    "condition_with_value": Message(
        "holds {{value}}, but a condition has no value to show", "take it out", "含有 {{value}}，但条件没有可显示的值", "请删除"
    ),
    "condition_sentences_differ": Message(
        "is another sentence than that of line {line} for the same condition",
        "write the same sentence in all rows of a condition",
        "同一条件的说明与第 {line} 行不同",
        "同一条件的各行请填写相同的说明",
    ),
    "reason_without_value": Message(
        "does not hold {{value}} exactly once",
        "write {{value}} where the value goes",
        "应当恰好含有一个 {{value}}",
        "请在显示数值的位置写 {{value}}",
    ),
    "signal_value_unknown": Message(
        "is an unknown code, the signal {signal} never has it",
        _WRITE_ONE_OF[0],
        "代码不存在，信号 {signal} 没有这个取值",
        _WRITE_ONE_OF[1],
    ),
    "loss_threshold_blank": Message(
        "is blank, but this rule compares with it", "write a share such as 0.9", "为空，但该规则要用它比较", "请填写比例，例如 0.9"
    ),
    "falls_incomplete": Message(
        "one of the two is blank",
        "write how many falls in a row and of what, or leave both blank",
        "两列中有一列为空",
        "请填写连续下降的次数和下降的对象，或两列都留空",
    ),
    # Indicators, customers and reference.
    "range_reversed": Message(
        "the lowest value is above the highest", "correct one of the two", "最小值大于最大值", "请更正其中一个"
    ),
    "no_rows": Message("the file has no rows", "at least the lowest rank has to be there", "文件没有数据行", "至少要有最低一级"),
    "rank_duplicate": Message(
        "is a duplicate, line {line} has the same rank", "number the rows", "级别重复，与第 {line} 行相同", "请依次编号"
    ),
    "rank_bound_blank": Message(
        "is blank, but only the last rank takes the rest",
        "write the bound of this rank",
        "为空，但只有最后一级才不设下界",
        "请填写该级的下界",
    ),
    "rank_bound_order": Message(
        "is not below that of the better rank in line {line}",
        "rank 1 is the best and has the highest bound",
        "不低于第 {line} 行较高一级的下界",
        "1 级最高，下界也最高",
    ),
    "rank_last_bound": Message(
        "is a bound of the last rank, so that some would have none", "leave it blank", "最后一级有下界，会有人无级可归", "请留空"
    ),
    "own_and_competitor": Message(
        "is both own and a competitor", "set one of them to false", "既是本网又是竞争对手", "请将其中一个改为 false"
    ),
    "second_own_network": Message(
        "is a second own network, line {line} is one", "keep one", "本网只能有一个，第 {line} 行已是", "请只保留一个"
    ),
    "no_own_network": Message(
        "no operator is our own network", "set is_own to true for one row", "没有任何运营商是本网", "请将其中一行的 is_own 改为 true"
    ),
    "hotline_invalid": Message(
        "is not a number as it is dialled",
        "write digits only, without +86 or hyphens",
        "不是可拨打的号码",
        "请只写数字，不要写 +86 或连字符",
    ),
    "unknown_class": Message(
        "is an unknown code, seed group_classes does not have it",
        "write a class of group_classes",
        "代码不存在，种子 group_classes 中没有",
        "请填写 group_classes 中的类别",
    ),
    "required_feed_absent": Message(
        "declares {feed} absent, which is always required", "write true", "声明了 {feed} 不提供，但它是必需的", "请填写 true"
    ),
    # Monitoring.
    "drift_bound_not_zero": Message(
        "leaves indices below it without a level", "write 0 for the lowest level", "低于该值的指数没有级别", "最低一级请填写 0"
    ),
    "drift_bound_order": Message(
        "is not above that of {lower} in line {line}", "the bounds rise: {levels}", "不高于第 {line} 行 {lower} 的界限", "界限应依次升高：{levels}"
    ),
    "reference_not_sunday": Message(
        "is not a Sunday, so no week ends on it", "write a Sunday, or leave it blank", "不是周日，没有一周在该日结束", "请填写周日，或留空"
    ),
    "unknown_measure": Message(
        "is an unknown code, seed {seed} does not have it",
        "write a code of {seed}, or * for all others",
        "代码不存在，种子 {seed} 中没有",
        "请填写 {seed} 中的代码，其余全部用 *",
    ),
    "drift_default_missing": Message(
        "the row measure_kind {kind}, measure_code * is missing",
        "it says what all others do",
        "缺少 measure_kind 为 {kind}、measure_code 为 * 的行",
        "其余各项都以该行为准",
    ),
    # The scored past.
    "new_row_in_past": Message(
        "would change history: weeks are scored up to {last}, and this new row would count from {valid_from} on",
        "set valid_from to the next Monday ({monday})",
        "会改变历史：已打分到 {last}，而这一新行从 {valid_from} 起生效",
        "请将 valid_from 改为下一个周一（{monday}）",
    ),
    "history_edited": Message(
        "history would change: this row read {before} when the past was scored; {weeks} scored weeks would be scored anew"
        " ({first} to {last}, {observations} observations)",
        "if only the future shall change, put the old row back, close it (valid_to {sunday}) and add a new one from {monday} on",
        "历史会改变：打分时该行为 {before}；{weeks} 个已打分的周将重新打分（{first} 至 {last}，{observations} 条观察记录）",
        "若只想改变今后，请恢复旧行并将其截止（valid_to 填 {sunday}），再新增一行从 {monday} 起生效",
        WARNING,
    ),
    "history_removed": Message(
        "history would change: the row {before} was removed; {weeks} scored weeks would be scored anew"
        " ({first} to {last}, {observations} observations)",
        "if only the future shall change, put the row back and close it (valid_to {sunday})",
        "历史会改变：{before} 这一行被删除；{weeks} 个已打分的周将重新打分（{first} 至 {last}，{observations} 条观察记录）",
        "若只想改变今后，请恢复该行并将其截止（valid_to 填 {sunday}）",
        WARNING,
    ),
    "history_undated": Message(
        "history would change: this file has no dates, so what is new here also holds for the {weeks} scored weeks"
        " ({first} to {last}, {observations} observations)",
        "see who moves before you adopt it: churn-warning weights diff",
        "历史会改变：该文件没有生效日期，新内容也适用于 {weeks} 个已打分的周（{first} 至 {last}，{observations} 条观察记录）",
        "采用之前请先查看影响：churn-warning weights diff",
        WARNING,
    ),
    "history_undated_removed": Message(
        "history would change: this file has no dates, and rows are gone from it: {before}; that also holds for the {weeks} scored"
        " weeks ({first} to {last}, {observations} observations)",
        "see who moves before you adopt it: churn-warning weights diff",
        "历史会改变：该文件没有生效日期，且少了这些行：{before}；这也适用于 {weeks} 个已打分的周（{first} 至 {last}，{observations} 条观察记录）",
        "采用之前请先查看影响：churn-warning weights diff",
        WARNING,
    ),
}  # fmt: skip

# What `weights check` says beside the problems: English, Chinese.
TEXTS: dict[str, tuple[str, str]] = {
    ERROR: ("error", "错误"),
    WARNING: ("warning", "警告"),
    "note": ("note", "说明"),
    "separator": (", ", "，"),
    "line": ("line {line}", "第 {line} 行"),
    "column": ("column {column}: {value}", "列 {column}：{value}"),
    "to_do": ("to do: {advice}", "处理办法：{advice}"),
    "checked_project": ("Checked: the seeds of the project, {place}", "已检查：项目的种子 {place}"),
    "checked_candidate": ("Checked: {files}; everything else from {place}", "已检查：{files}；其余取自 {place}"),
    "compared": (
        "Compared with the weights that the weeks up to {last} were scored with.",
        "已与打分所用的分值比较（已打分到 {last}）。",
    ),
    "counts": ("Errors: {errors}. Warnings: {warnings}.", "错误：{errors}。警告：{warnings}。"),
    "next_correct": ("Correct the lines above, then check again. Nothing was changed.", "请更正以上各行，然后重新检查。没有改动任何内容。"),
    "next_diff": (
        "Next: see who moves: churn-warning weights diff --candidate {place}",
        "下一步：查看哪些客户的级别会变化：churn-warning weights diff --candidate {place}",
    ),
    "next_run": ("The next run scores with these files: churn-warning run", "下次运行即按这些文件打分：churn-warning run"),
    "no_warehouse": (
        "Not checked: whether the past would change, and whether branches and cities exist. There is no warehouse yet ({place}); a run makes it.",
        "未检查：历史是否会改变、分公司和地市是否存在。还没有数据仓库（{place}），运行一次后才有。",
    ),
    "warehouse_closed": (
        "Not checked: whether the past would change, and whether branches and cities exist. The warehouse cannot be read ({place}):"
        " a run may be at work; try again when it is done.",
        "未检查：历史是否会改变、分公司和地市是否存在。数据仓库无法读取（{place}）：可能正在运行，请稍后再试。",
    ),
    "no_branches": (
        "Not checked: whether branches and cities exist. The raw table branches cannot be read.",
        "未检查：分公司和地市是否存在。无法读取原始表 branches。",
    ),
    "nothing_scored": (
        "Not checked: whether the past would change. The warehouse holds no scored week, or another version of the project built it.",
        "未检查：历史是否会改变。数据仓库中没有已打分的周，或由项目的其他版本建立。",
    ),
    "errors_first": (
        "Not checked: whether the past would change. Some cells or files cannot be read; correct the errors first.",
        "未检查：历史是否会改变。有单元格或文件无法读取，请先更正错误。",
    ),
}  # fmt: skip


def text(code: str, language: str, **facts: object) -> str:
    """A text of TEXTS in English (en) or Chinese (zh), with its facts."""
    return TEXTS[code][language == CHINESE].format(**facts)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a seed.

    Attributes:
        file: Path of the CSV file from the folder above the seeds on, such as seeds/alerts/alert_policy.csv.
        line: Physical line in the file, counted from 1, on which the record starts; 0 if it is about the whole file.
        column: Name of the column, or of several joined by " + "; empty if it is about the whole line or file.
        value: What is written there, as it stands in the file.
        code: Key of MESSAGES.
        facts: Names and values that the message holds.
    """

    file: str
    line: int
    column: str
    value: str
    code: str
    facts: tuple[tuple[str, object], ...] = ()

    @property
    def severity(self) -> str:
        return MESSAGES[self.code].severity

    @property
    def reason(self) -> str:
        return self.reason_in(ENGLISH)

    @property
    def advice(self) -> str:
        return self.advice_in(ENGLISH)

    def reason_in(self, language: str) -> str:
        """What is wrong with it, in English (en) or Chinese (zh)."""
        message = MESSAGES[self.code]
        return (message.reason_zh if language == CHINESE else message.reason_en).format(**dict(self.facts))

    def advice_in(self, language: str) -> str:
        """What to do, in English (en) or Chinese (zh)."""
        message = MESSAGES[self.code]
        return (message.advice_zh if language == CHINESE else message.advice_en).format(**dict(self.facts))

    @property
    def shown_value(self) -> str:
        """The value in double quotes and on one line, cut if it is long; every character that cannot be seen is spelt out."""
        shown = self.value if len(self.value) <= LONGEST_SHOWN else self.value[: LONGEST_SHOWN - 3] + "..."
        return json.dumps(shown, ensure_ascii=False)

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += f" line {self.line}"
        if self.column:
            where += f", {self.column} = {self.shown_value}"
        return f"{where}: {self.reason}; {self.advice}"
