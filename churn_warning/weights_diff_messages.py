"""What `weights diff` says in a terminal: English and Chinese beside each other. A text may hold facts in braces; both languages name the same ones."""

from __future__ import annotations

from churn_warning.seed_messages import CHINESE

TEXTS: dict[str, tuple[str, str]] = {
    # What was compared.
    "compared": (
        "Compared on {count} Sundays, {first} to {last}{branch}: {observations} observations of watched lines.",
        "对比 {count} 个周日，{first} 至 {last}{branch}：被监控号码的观察记录 {observations} 条。",
    ),
    "of_branch": (", branch {branch}", "，分公司 {branch}"),
    "as_of_day": (
        "Every week is scored as if the rows that are valid on {day} had been valid on it: before is what the warehouse was built with,"
        " after has the candidate's files and the project's other seeds.",
        "每一周都按 {day} 有效的行重新打分：“调整前”为数据仓库所用的种子，“调整后”为候选文件加项目的其余种子。",
    ),
    "changed": ("Changed: {changes}", "改动：{changes}"),
    "changed_seed": ("{seed} ({added} rows new, {removed} gone)", "{seed}（新增 {added} 行，减少 {removed} 行）"),
    "nothing": ("nothing", "无"),
    "moved": (
        "{lines} lines get another level in the local model in at least one of these weeks. Nothing was changed: to adopt the candidate,"
        " put its files into seeds/ and run.",
        "按本地模型，有 {lines} 个号码至少在其中一周的级别会变化。没有改动任何内容：如要采用，请将候选文件放入 seeds/ 后运行。",
    ),
    "not_compared": (
        "Not compared, since these seeds act before the scoring: {seeds}. Only a run shows it.",
        "以下种子在打分之前起作用，没有对比：{seeds}。需运行后才能看到。",
    ),
    "shared": (
        "Only in part, since these seeds also act before the scoring: {seeds}. Only a run shows the rest.",
        "以下种子也在打分之前起作用，只对比了一部分：{seeds}。其余需运行后才能看到。",
    ),
    # Tables.
    "levels": ("Levels, local model", "预警级别（本地模型）"),
    "moves": ("Who moves (a line once per move; revenue: mean bill of 3 months, yuan)", "级别变化（每种变化中同一号码只计一次；月收入单位：元）"),
    "groups": ("By branch and customer class", "按分公司和客户类别"),
    "movers": (
        "The biggest movers ({shown} of {all}; {in_page} with --html, all with --csv)",
        "变化最大的号码（{all} 个中的 {shown} 个；--html 有 {in_page} 个，--csv 有全部）",
    ),
    "worklists": ("Worklists of {newest} that change ({changed} of {all})", "{newest} 有变化的工作清单（{all} 份中的 {changed} 份）"),
    "outcomes": ("Was it right: losses that followed {weeks}", "预警是否准确：以下各周之后发生的流失 {weeks}"),
    "nobody": ("Nobody moves.", "没有号码的级别发生变化。"),
    "no_worklist": ("No worklist of {newest} gets longer or shorter.", "{newest} 的工作清单都没有变长或变短。"),
    "no_outcome": (
        "Was it right: no week is old enough yet; an outcome is known when parameter outcome_horizon_days has passed."
        " Choose more weeks with --weeks.",
        "预警是否准确：尚无足够早的周；结果在参数 outcome_horizon_days 规定的天数之后才能确定。可用 --weeks 选择更多周。",
    ),
    # Heads of columns.
    "level": ("level", "级别"),
    "newest_before": ("newest week before", "最近一周调整前"),
    "all_before": ("all weeks before", "全部周调整前"),
    "after": ("after", "调整后"),
    "from": ("from", "原级别"),
    "to": ("to", "新级别"),
    "lines": ("lines", "号码数"),
    "newest_lines": ("of them in the newest week", "其中最近一周"),
    "line_weeks": ("line-weeks", "号码周数"),
    "revenue": ("monthly revenue", "月收入"),
    "branch": ("branch", "分公司"),
    "class": ("class", "客户类别"),
    "week": ("week", "周"),
    "line": ("line", "号码"),
    "of_line": ("revenue", "收入"),
    "moved_by": ("moved by", "变化原因"),
    "manager": ("manager", "客户经理"),
    "alerts_before": ("alerts before", "预警调整前"),
    "red_before": ("red before", "红色调整前"),
    "kind": ("loss", "流失"),
    "lines_before": ("lines before", "号码数调整前"),
    "precision_before": ("precision before", "准确率调整前"),
    "recall_before": ("recall before", "召回率调整前"),
    "lift_before": ("lift before", "提升度调整前"),
    # Cells.
    "no_manager": ("(no manager)", "（无客户经理）"),
    "several": ("(several)", "（多个）"),
    "unknown": ("unknown", "未知"),
    "by_seed": ("seed {seeds}", "种子 {seeds}"),
    "by_points": ("{indicator} = {value}: {before} -> {after} points ({scorecard})", "{indicator} = {value}：{before} -> {after} 分（{scorecard}）"),
    "red": ("red", "红色"),
    "yellow": ("yellow", "黄色"),
    "blue": ("blue", "蓝色"),
    "none": ("none", "无预警"),
    "loss": ("loss", "任一流失"),
    "quantity": ("quantity", "数量流失"),
    "value": ("value", "价值流失"),
    "group_key_person": ("group_key_person", "集团关键人"),
    "group_member": ("group_member", "集团成员"),
    "individual": ("individual", "个人客户"),
    "written": ("Written: {path}", "已写入：{path}"),
}  # fmt: skip


def say(code: str, language: str, **facts: object) -> str:
    """A text of TEXTS in English (en) or Chinese (zh), with its facts; a code without a text stands for itself."""
    return TEXTS[code][language == CHINESE].format(**facts) if code in TEXTS else code
