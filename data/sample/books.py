"""What the sample's bureau knows beside the map: figures, answers to what only a person can tell, counts of groups."""

from collections.abc import Iterable, Iterator, Mapping

FIGURE_HEADER = ["指标", "单位", "年份", "数值", "计量单位", "来源"]
# The lottery share is met to the yuan; the revenue of the county is not told, so that its rank stays open.
FIGURES: list[list[object]] = [
    ["彩票公益金总额", "", 2020, 860, "万元", "财政决算"],
    ["彩票公益金用于养老金额", "", 2020, 430, "万元", "财政决算"],
    ["居家社区养老支出", "云溪县", 2020, 512.6, "万元", "财政决算"],
    ["户籍人口", "云溪县", 2020, 61240, "人", "公安户籍年报"],
    ["户籍老年人口", "云溪县", 2020, 10310, "人", "公安户籍年报"],
    ["65岁及以上老年人数", "", 2020, 6120, "人", "卫生统计年报"],
    ["65岁及以上老年人健康档案数", "", 2020, 5020, "人", "卫生统计年报"],
]
ANSWER_HEADER = ["条款编号", "单位", "结论", "得分", "日期", "说明", "依据"]
# In this order: points for the county, a step done in time, one done too late, one not done, one only noted.
ANSWERS: list[list[object]] = [
    ["HB-S11", "云溪县", "", 4, "", "副县长牵头", "云政办〔2020〕3号"],
    ["HB-S18-8.1", "云溪县", "", 2, "", "", "云溪县居家养老服务规范"],
    ["HB-25", "", "是", "", "2020-06-18", "", "云溪县养老服务布点专项规划"],
    ["HB-07", "", "是", "", "2020-07-09", "乡镇数据补录较晚", "数据库验收单"],
    ["HB-17", "", "否", "", "", "平台尚在招标", ""],
    ["HB-24", "云溪县", "是", "", "", "", "腾退资产清单"],
]
GROUP_HEADER = ["社区代码", "年龄起", "年龄止", "本区户籍", "长期居住", "自理能力", "人员类别", "已享受待遇", "人数"]


def group_rows(communities: Iterable[Mapping[str, object]]) -> Iterator[tuple[object, ...]]:
    """Yield counts of combinations for each community; they do not overlap and stay within its elders."""
    for row in communities:
        code, elders, very_old = str(row["社区代码"]), _number(row["60岁及以上人口"]), _number(row["80岁以上人口"])
        disabled, empty_nest, allowance = (_number(row[name]) for name in ("失能", "空巢", "低保"))
        left = elders
        for line in (
            (80, "", "是", "是", "重度失能", "低保", "无", min(disabled // 6, very_old)),
            (80, "", "是", "是", "重度失能", "无", "长护险", min(disabled // 8, very_old // 2)),
            (70, 79, "是", "是", "中度失能", "低保边缘", "无", allowance // 4),
            (65, 79, "是", "是", "半失能", "空巢", "无", empty_nest // 9),
            (60, 69, "否", "是", "自理", "空巢", "无", empty_nest // 5),
        ):
            people = min(left, line[-1])
            left -= people
            yield (code, *line[:-1], people)
        yield (code, 60, "", "是", "是", "自理", "无", "无", left)


def _number(cell: object) -> int:
    return int(str(cell))
