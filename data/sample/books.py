"""What the sample's bureau knows beside the map: figures, answers to what only a person can tell, counts of groups."""

from collections.abc import Iterable, Iterator, Mapping

FIGURE_HEADER = ["指标", "单位", "年份", "数值", "计量单位", "来源"]
# The lottery share is met to the yuan; the revenue of the county is not told, so that its rank stays open.
FIGURES: list[list[object]] = [
    ["彩票公益金总额", "", 2020, 860, "万元", "财政决算"],
    ["彩票公益金用于养老金额", "", 2020, 430, "万元", "财政决算"],
    ["居家社区养老支出", "云溪县", 2020, 512.6, "万元", "财政决算"],
    ["财政养老资金总额", "", 2020, 1980, "万元", "财政决算"],
    ["财政养老资金用于居家社区金额", "", 2020, 1290, "万元", "财政决算"],
    ["户籍人口", "云溪县", 2020, 61240, "人", "公安户籍年报"],
    ["户籍老年人口", "云溪县", 2020, 10310, "人", "公安户籍年报"],
    ["老年人口", "云溪县", 2020, 9490, "人", "民政统计年报"],
    ["特殊困难老年人数", "云溪县", 2020, 734, "人", "民政统计年报"],
    ["65岁及以上老年人数", "", 2020, 6120, "人", "卫生统计年报"],
    ["65岁及以上老年人健康档案数", "", 2020, 5020, "人", "卫生统计年报"],
    ["65岁及以上老年人数", "云溪县", 2020, 6120, "人", "卫生统计年报"],
    ["65岁及以上老年人健康档案数", "云溪县", 2020, 5020, "人", "卫生统计年报"],
    ["已获中央财政资金", "", 2018, 1900, "万元", "专项资金台账"],
    ["设施建设投入", "", 2017, 3125, "万元", "专项资金台账"],
    ["接入平台服务商", "", 2018, 240, "个", "平台运营月报"],
    ["培训护理人员人数", "", 2018, 300, "人", "培训台账"],
    ["公建民营机构床位数", "", 2020, 260, "张", "民政统计年报"],
    ["公建民营机构预留床位数", "", 2020, 78, "张", "民政统计年报"],
    ["购买服务市级经费", "", 2024, 150, "万元", "年度预算"],
    ["购买服务区级经费", "", 2024, 150, "万元", "年度预算"],
]
ANSWER_HEADER = ["条款编号", "单位", "结论", "得分", "日期", "说明", "依据"]
# Points for the county, steps done in time, too late and not at all, and what a document only asks to be noted.
ANSWERS: list[list[object]] = [
    ["HB-S01", "云溪县", "", 2, "", "", "云政〔2020〕5号"],
    ["HB-S02", "云溪县", "", 0, "", "", ""],
    ["HB-S10", "云溪县", "", 4, "", "抽查 30 户，2 户不满意", "满意度调查表"],
    ["HB-S11", "云溪县", "", 4, "", "副县长牵头", "云政办〔2020〕3号"],
    ["HB-S18-8.1", "云溪县", "", 2, "", "", "云溪县居家养老服务规范"],
    ["HB-25", "", "是", "", "2020-06-18", "", "云溪县养老服务布点专项规划"],
    ["HB-07", "", "是", "", "2020-07-09", "乡镇数据补录较晚", "数据库验收单"],
    ["HB-17", "", "否", "", "", "平台尚在招标", ""],
    ["HB-24", "云溪县", "是", "", "", "", "腾退资产清单"],
    ["BT-14", "", "是", "", "", "", "联席会议纪要"],
    ["BT-29", "", "否", "", "", "两处仍按商业电价", "电费单"],
    ["PJ-15", "", "是", "", "", "", "标准目录"],
    ["JL-A2-04-plans", "鼓楼街道综合养老服务中心", "是", "", "", "", "建设方案、运营方案"],
    ["JL-A2-07-2", "鼓楼街道综合养老服务中心", "否", "", "", "持证护理员 2 名，尚缺 1 名", "人员名册"],
    ["YQ-18", "", "是", "", "", "", "服务片区划分图"],
    ["YQ-23-ledger", "", "否", "", "", "台账未按能力等级分类", ""],
]
GROUP_HEADER = ["社区代码", "年龄起", "年龄止", "本区户籍", "长期居住", "自理能力", "人员类别", "已享受待遇", "人数"]
FACILITY_HEADER = [
    "设施级别", "投资主体", "是否非营利", "依托单位", "合作协议", "护理床位", "失能半失能床位", "日间照料面积",
    "改扩建日期", "试点", "运营改革", "规范化", "连锁", "现状用途", "无条件老旧小区", "无条件理由", "养老机构许可日期",
    "医疗机构许可日期",
]  # fmt: skip
_LEVELS = {"县": "县区级", "街": "街道级", "日": "社区级", "幸": "村级", "餐": "社区级"}
_HOSTS = {"街": "街道", "日": "社区", "幸": "社区"}
_PILOTS = ("站西社区", "鼓楼社区", "县前社区", "北苑社区")
_LARGE_M2 = 500
_USES = {"停用": "闲置", "在用": "养老服务"}
HOUSING_HEADER = ["建设单位", "规划许可证号", "住宅完成比例", "楼层", "独立出入口", "电梯"]
_DEVELOPERS = ("云溪县城建开发有限公司", "溪岭置业有限公司", "宏达房地产开发有限公司")
_SHARES = {3: 0.4, 8: 0.4, 9: 0.45, 13: 0.7}
_NARROW = {"北关社区": "巷内无成片用房，县规委会已核", "钟楼社区": ""}


def facility_details(
    k: int, kind: str, status: str, *, private: bool, unit: str, sizes: tuple[int, int]
) -> list[object]:
    """Return what the documents ask of the facility in row `k`; now and then a cell is empty, as in any office."""
    area_m2, beds = sizes
    told = k % 9 != 4
    host = "较大社区" if kind == "日" and area_m2 >= _LARGE_M2 else _HOSTS.get(kind, "")
    day_care_m2 = {"日": area_m2 * 4 // 5, "街": area_m2 * 2 // 5, "县": area_m2 // 5, "幸": area_m2 // 2}.get(kind, "")
    reason = _NARROW.get(unit, "")
    return [
        _LEVELS.get(kind, ""), ("社会资本" if private else "政府") if told else "",
        ("否" if private and k % 2 else "是") if told else "", host,
        ("是" if k % 4 else "否") if private and told else "",
        beds * 3 // 5 if told else "", beds * 2 // 5 if told else "", day_care_m2,
        "2021-06-30" if unit in {"解放社区", "南庄村"} else "",
        "是" if unit in _PILOTS and kind in "街日医" else "否", "是" if kind == "幸" and k % 2 else "否",
        "是" if k % 5 == 0 else "否", ("是" if k % 3 == 0 else "否") if private else "否",
        "超市" if unit == "纺织社区" else _USES.get(status, ""), "是" if unit in _NARROW and kind == "日" else "否",
        reason if kind == "日" else "", "2018-09-05" if kind == "医" else "2012-11-02" if kind == "养" else "",
        "2018-11-20" if kind == "医" else "",
    ]  # fmt: skip


def housing_details(k: int, name: str) -> list[object]:
    """Return developer, permit, how far the housing was when the room was done, and where the room lies."""
    upstairs = name == "江南春城"
    share = _SHARES.get(k, "")
    return [_DEVELOPERS[k % 3], f"云建规〔20{16 + k % 5}〕{k + 20}号", share, 3 if upstairs else 1,
            "否" if upstairs else "是", "否"]  # fmt: skip


def community_details(name: str, street: str, *, urban: bool) -> dict[str, object]:
    """Return what the documents ask of a community; two operators in one place and none in another are both told."""
    finished = {"鼓楼街道": "2020-11-20", "文昌街道": "2021-10-15", "城南街道": "2022-06-30"}.get(street)
    operators = {"锦绣社区": "", "钟楼社区": "云溪县安康养老服务有限公司、夕阳红社工服务中心"}
    conditional = {"沙洲村": "否", "御景社区": ""}.get(name, "是")
    return {
        "主城区": "是" if urban and street != "新城街道" else "否",
        "有条件": conditional or None,
        "完成日期": finished,
        "承接企业": operators.get(name, "云溪县孝亲居家服务社") or None,
        "老年协会": 0 if name in {"新苑社区", "沙洲村"} else 1,
    }


def group_rows(communities: Iterable[Mapping[str, object]]) -> Iterator[tuple[object, ...]]:
    """Yield counts of combinations for each community; they do not overlap and stay within its elders.

    The last band of a community in which nobody asked for the ages has none: what hangs on them stays open there.
    """
    for row in communities:
        code, elders, very_old = str(row["社区代码"]), _number(row["60岁及以上人口"]), _number(row["80岁以上人口"])
        disabled, empty_nest, allowance = (_number(row[name]) for name in ("失能", "空巢", "低保"))
        left = elders
        for line in (
            (80, 89, "是", "是", "重度失能", "低保", "无", min(disabled // 6, very_old)),
            (80, 89, "是", "是", "重度失能", "无", "长护险", min(disabled // 8, very_old // 2)),
            (90, 99, "是", "是", "自理", "独居", "无", very_old // 10),
            (70, 79, "是", "是", "中度失能", "低保边缘", "无", allowance // 4),
            (70, 79, "是", "是", "自理", "计生特扶", "无", _number(row["失独"])),
            (65, 69, "是", "是", "半失能", "空巢", "无", empty_nest // 9),
            (60, 64, "否", "是", "自理", "空巢", "无", empty_nest // 5),
        ):
            people = min(left, line[-1])
            left -= people
            yield (code, *line[:-1], people)
        asked = row["社区名称"] != "御景社区"
        yield (code, 60, 64 if asked else "", "是", "是", "自理", "无", "无", left)


def _number(cell: object) -> int:
    return int(str(cell))
