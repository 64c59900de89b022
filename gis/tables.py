"""The tables a project is made of: their columns, the Chinese headers they go by, and the words their cells may hold.

One list serves three uses: reading (a header is matched to a column), checking (required, whole number, date ...) and
the templates that `circle15 init` writes. After reading, a table is a GeoDataFrame in the project's CRS (metres) with
the English column names below and its identifier as a unique text index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Content = Literal["code", "text", "whole", "number", "date", "flag", "choice", "list"]

FACILITY_KINDS: Mapping[str, tuple[str, ...]] = {
    "day_care": (
        *("日间照料", "日间照料中心", "社区日间照料中心", "老年人日间照料中心", "托老所", "日间照料室", "日间照料站"),
        *("老年日间照料中心", "社区老年人日间照料中心", "老年人日间照料室", "社区日间照料室"),
    ),
    "street_centre": ("街道综合养老服务中心", "综合养老服务中心", "综合性养老服务中心", "街道综合"),
    "county_complex": ("县级综合体", "县区综合体", "养老服务综合体"),
    "rural_station": ("养老服务站", "幸福院", "农村幸福院", "农村养老服务站", "互助幸福院", "农村互助幸福院"),
    "meal_point": ("助餐点", "老年食堂", "供餐点", "老年助餐点", "老年人助餐点", "社区老年食堂", "长者食堂"),
    "nursing_home": ("养老院", "养老机构", "敬老院"),
    "medical_care_home": ("医养结合机构", "护理院"),
}
SERVING_KINDS = ("day_care", "street_centre", "county_complex", "rural_station")
"""The kinds that make up the 15-minute community home-care circle; the others are shown, not counted."""
SERVING_STATUSES = ("in_use",)
"""The statuses of those that serve today."""

STATUSES: Mapping[str, tuple[str, ...]] = {
    "in_use": (
        *("在用", "运营", "运营中", "正常运营", "已运营", "在运营", "已投用", "投用", "投入使用", "已投入使用", "现状"),
        *("营业", "营业中", "正常营业", "在营", "正常", "使用", "使用中", "正常使用", "启用", "已启用"),
        *("运行", "运行中", "正常运行", "开放", "正常开放", "开业", "已开业"),
    ),
    "built": (
        *("建成", "已建成", "建成未投用", "建成未使用", "建成未运营", "已建成未投用", "竣工", "已竣工"),
        *("未投用", "未运营", "未启用", "待启用", "待投用", "待运营"),
    ),
    "under_construction": ("在建", "建设中", "正在建设", "施工", "施工中"),
    "planned": ("规划", "规划中", "拟建", "计划", "筹建", "筹建中", "待建", "未建", "未开工"),
    "closed": (
        *("停用", "已停用", "关停", "停业", "停运", "停办", "歇业", "停止使用", "停止运营"),
        *("暂停", "暂停使用", "暂停运营", "暂停营业", "暂停服务"),
        *("关闭", "已关闭", "注销", "已注销", "撤销", "已撤销", "拆除", "已拆除"),
    ),
}
"""闲置, 空置, 试运营, 装修中 are not here: they may mean either, and a person is asked."""
OPERATOR_TYPES: Mapping[str, tuple[str, ...]] = {
    "social": ("社会力量", "民办", "公建民营", "企业", "社会组织"),
    "public": ("公办", "政府", "公立", "公办公营"),
}
MODES: Mapping[str, tuple[str, ...]] = {
    "new": ("新建",),
    "extend": ("改扩建", "扩建"),
    "convert": ("改造", "改建"),
    "purchase": ("购置", "购买"),
    "swap": ("置换",),
    "lease": ("租赁", "租用"),
}
LEVELS: Mapping[str, tuple[str, ...]] = {
    "community": ("社区", "居委会", "社区居委会"),
    "village": ("行政村", "村", "村委会", "嘎查村", "嘎查"),
}
FACILITY_LEVELS: Mapping[str, tuple[str, ...]] = {
    "county": ("县区级", "县级", "区级"),
    "street": ("街道级", "乡镇街道级", "乡镇级", "镇街级"),
    "community": ("社区级", "村级", "社区（村）级"),
}
INVESTORS: Mapping[str, tuple[str, ...]] = {
    "social": ("社会资本", "社会力量", "民间资本"),
    "public": ("政府", "政府投资", "财政"),
}
HOSTS: Mapping[str, tuple[str, ...]] = {
    "street": ("街道", "依托街道"),
    "large_community": ("较大社区", "依托较大社区"),
    "community": ("社区", "一般社区"),
}
ABILITIES: Mapping[str, tuple[str, ...]] = {
    "able": ("自理", "能力完好", "健康"),
    "mild": ("轻度失能", "轻度失能失智"),
    "semi_disabled": ("半失能",),
    "moderate": ("中度失能", "中度失能失智"),
    "severe": ("重度失能", "重度失能失智"),
    "disabled": ("失能", "失能失智"),
}
"""How far a person manages alone; `moderate` and `severe` are grades of `disabled`."""
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "none": ("无", "均不属于"),
    "destitute": ("特困", "特困分散供养", "城乡特困"),
    "low_income": ("低保", "低保家庭"),
    "low_income_edge": ("低保边缘", "低保边缘家庭"),
    "only_child_lost": ("失独",),
    "family_planning_special": ("计生特扶", "计划生育特殊家庭"),
    "living_alone": ("独居",),
    "empty_nest": ("空巢",),
    "left_behind": ("留守",),
    "model_worker": ("劳动模范", "市级以上劳动模范"),
    "injured_on_duty": ("因公致残",),
    "injured_for_others": ("见义勇为", "见义勇为伤残"),
}
EXCLUSIONS: Mapping[str, tuple[str, ...]] = {
    "none": ("无", "未享受"),
    "institution": ("机构养老", "入住机构"),
    "bed_subsidy": ("床位补贴", "家庭养老床位"),
    "care_insurance": ("长护险", "长期护理保险"),
}
RECEIVER_TYPES: Mapping[str, tuple[str, ...]] = {
    "county_government": ("县区政府", "县政府", "区政府", "管委会"),
    "town_government": ("乡镇街道", "街道办事处", "乡镇政府", "镇政府"),
    "civil_affairs": ("民政部门", "民政局"),
    "property_company": ("物业企业", "物业公司", "物业服务企业"),
    "developer": ("建设单位", "开发企业", "开发商"),
    "other": ("其他",),
}
"""Who a care room is handed over to."""
FLAGS: Mapping[str, tuple[str, ...]] = {
    "true": ("是", "有", "√", "1", "true", "yes", "y"),
    "false": ("否", "无", "0", "false", "no", "n"),
}


@dataclass(frozen=True)
class Column:
    """One column: its English name, the headers it may have in a Chinese office, and what its cells hold."""

    name: str
    synonyms: tuple[str, ...]
    content: Content = "text"
    required: bool = False
    choices: Mapping[str, tuple[str, ...]] | None = None
    people: bool = False
    """Counts of people may not be negative nor exceed the residents."""


@dataclass(frozen=True)
class Table:
    """One kind of table: its name in the project file, its Chinese title, its identifier and its columns."""

    name: str
    title: str
    key: str | tuple[str, ...]
    columns: tuple[Column, ...]
    position: Literal["required", "optional", "polygon"] = "optional"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the rows apart, the identifier first; together they are the index, joined by `/`."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @property
    def index_name(self) -> str:
        """The name of the index: the key itself, or the names of its columns joined."""
        return "_".join(self.keys)

    def column(self, name: str) -> Column:
        """Return the column of that English name. Raises KeyError where there is none."""
        return next((c for c in self.columns if c.name == name), None) or _missing(self.name, name)


def _missing(table: str, name: str) -> Column:
    raise KeyError(f"{table} has no column {name}")


POSITION = (
    Column("lon", ("经度", "lng", "longitude", "X经度"), "number"),
    Column("lat", ("纬度", "latitude", "Y纬度"), "number"),
    Column("x", ("东坐标", "横坐标", "X坐标", "X"), "number"),
    Column("y", ("北坐标", "纵坐标", "Y坐标", "Y"), "number"),
)
PEOPLE = (
    Column("residents", ("总人口", "常住人口", "人口", "人口数", "居民", "户籍人口"), "whole", people=True),
    Column(
        "elders",
        ("60岁以上人口", "60岁及以上", "60岁及以上人口", "60岁及以上老年人口", "老年人口", "老年人", "60+"),
        "whole",
        people=True,
    ),
    Column("elders_80", ("80岁以上人口", "80岁及以上", "80岁及以上老年人口", "高龄老人", "80+"), "whole", people=True),
)
GROUPS = (
    Column("disabled", ("失能", "失能老人", "失能老年人"), "whole", people=True),
    Column("only_child_lost", ("失独", "失独老人"), "whole", people=True),
    Column("empty_nest", ("空巢", "空巢老人"), "whole", people=True),
    Column("low_income", ("低保", "低保老人"), "whole", people=True),
    Column("destitute", ("特困", "特困老人", "特困供养"), "whole", people=True),
)
"""Groups of elders overlap: their sum may exceed the number of elders."""

COMMUNITIES = Table(
    "communities",
    "社区（村）",
    "community_id",
    (
        Column("community_id", ("社区代码", "社区编码", "区划代码", "统计用区划代码"), "code", required=True),
        Column("name", ("社区名称", "名称", "社区", "村（社区）"), required=True),
        Column("level", ("级别", "社区类型", "类别"), "choice", choices=LEVELS),
        Column("street_id", ("街道代码", "乡镇代码"), "code"),
        Column("street", ("街道", "乡镇", "街道（乡镇）", "所属街道", "街道名称")),
        Column("county_id", ("县区代码",), "code"),
        Column("county", ("县区", "区县", "所属县区", "县（区）")),
        *PEOPLE,
        Column("households", ("户数", "总户数"), "whole"),
        *GROUPS,
        Column("zone", ("功能区", "所属功能区", "所属开发区")),
        Column("main_urban", ("主城区", "是否主城区"), "flag"),
        Column("conditional", ("有条件", "是否有条件", "具备条件"), "flag"),
        Column("finished", ("完成日期", "建设完成日期", "完成建设任务日期"), "date"),
        Column("contractor", ("承接企业", "签约企业", "服务企业"), "list"),
        Column("associations", ("老年协会", "老年协会数"), "whole"),
    ),
    position="polygon",
)
FACILITIES = Table(
    "facilities",
    "养老服务设施",
    "facility_id",
    (
        Column("facility_id", ("设施编号", "编号", "设施代码"), "code", required=True),
        Column("name", ("设施名称", "机构名称", "名称"), required=True),
        Column("kind", ("类型", "设施类型", "设施类别"), "choice", required=True, choices=FACILITY_KINDS),
        Column("status", ("状态", "运营状态", "使用状态"), "choice", choices=STATUSES),
        Column("built", ("建成日期", "建成时间", "竣工日期"), "date"),
        Column("opened", ("投用日期", "投用时间", "开业日期"), "date"),
        Column("floor_area_m2", ("建筑面积", "面积"), "number"),
        Column("land_m2", ("用地面积", "占地面积"), "number"),
        Column("beds", ("床位", "床位数"), "whole"),
        Column("places", ("托位", "日托位", "服务人数"), "whole"),
        Column("operator", ("运营方", "运营单位", "运营机构")),
        Column("operator_type", ("运营性质", "运营方式"), "choice", choices=OPERATOR_TYPES),
        Column("services", ("服务项目", "服务内容"), "list"),
        Column("community_id", ("社区代码", "所属社区代码", "所在社区代码"), "code"),
        Column("facility_level", ("设施级别", "建设级别"), "choice", choices=FACILITY_LEVELS),
        Column("rebuilt", ("改扩建日期", "改造日期", "提升改造日期"), "date"),
        Column("beds_care", ("护理床位", "养护床位", "护理型床位"), "whole"),
        Column("beds_disabled", ("失能床位", "失能半失能床位", "失能、半失能床位"), "whole"),
        Column("day_care_m2", ("日间照料面积", "其中日间照料面积"), "number"),
        Column("investor", ("投资主体", "投资方"), "choice", choices=INVESTORS),
        Column("non_profit", ("非营利", "是否非营利", "非营利性"), "flag"),
        Column("host", ("依托单位", "依托"), "choice", choices=HOSTS),
        Column("reform", ("运营改革", "运营改革对象", "改革对象"), "flag"),
        Column("model", ("特色重点", "示范", "规范化"), "flag"),
        Column("chain", ("连锁", "品牌连锁"), "flag"),
        Column("pilot", ("试点", "是否试点", "试点单位"), "flag"),
        Column("agreement", ("合作协议", "是否签订协议"), "flag"),
        Column("current_use", ("现状用途", "实际用途")),
        Column("change_consent", ("变更用途同意文号", "用途变更批准文号")),
        Column("licence_care", ("养老机构许可日期", "养老机构设立许可日期"), "date"),
        Column("licence_medical", ("医疗机构许可日期", "医疗机构执业许可日期"), "date"),
        Column("old_estate_exempt", ("无条件老旧小区", "确无条件的老旧小区"), "flag"),
        Column("exempt_reason", ("无条件理由", "确无条件理由")),
        Column("address", ("地址", "详细地址", "设施地址")),
        *POSITION,
    ),
    position="required",
)
CANDIDATES = Table(
    "candidates",
    "候选场地",
    "candidate_id",
    (
        Column("candidate_id", ("候选编号", "场地编号", "编号"), "code", required=True),
        Column("name", ("场地名称", "名称"), required=True),
        Column("mode", ("建设方式",), "choice", choices=MODES),
        Column("max_floor_area_m2", ("最大建筑面积", "可用建筑面积", "建筑面积"), "number", required=True),
        Column("land_m2", ("用地面积", "占地面积"), "number"),
        Column("cost_wan", ("投资", "造价", "总投资", "费用"), "number"),
        Column("unit_cost_yuan_m2", ("单方造价", "单价"), "number"),
        Column("annual_rent_wan", ("年租金",), "number"),
        Column("kinds", ("可建类型", "可设类型", "适用类型"), "list", choices=FACILITY_KINDS),
        Column("vacated", ("腾退", "是否腾退", "腾退用房"), "flag"),
        Column("year_from", ("可用年份", "最早年份"), "whole"),
        Column("community_id", ("社区代码", "所属社区代码"), "code"),
        Column("address", ("地址", "详细地址", "场地地址")),
        *POSITION,
    ),
    position="required",
)
HOUSING = Table(
    "housing",
    "新建住宅项目",
    ("project_id", "phase"),
    (
        Column("project_id", ("项目编号", "编号"), "code", required=True),
        Column("name", ("项目名称", "小区名称", "名称"), required=True),
        Column("phase", ("分期", "期数")),
        Column("households", ("户数", "总户数"), "whole"),
        Column("residents", ("人口", "规划人口"), "whole"),
        Column("new_estate", ("新建小区", "是否新建"), "flag"),
        Column("care_required_m2", ("应配面积", "应配建面积"), "number"),
        Column("care_planned_m2", ("规划面积", "规划配建面积"), "number"),
        Column("care_permitted_m2", ("许可面积", "批准面积"), "number"),
        Column("care_built_m2", ("建成面积", "实测面积"), "number"),
        Column("housing_planned", ("住宅规划日期", "住宅规划许可日期"), "date"),
        Column("housing_started", ("住宅开工日期",), "date"),
        Column("housing_finished", ("住宅竣工日期",), "date"),
        Column("housing_accepted", ("住宅验收日期",), "date"),
        Column("housing_delivered", ("住宅交付日期",), "date"),
        Column("care_planned", ("用房规划日期", "养老用房规划日期"), "date"),
        Column("care_started", ("用房开工日期", "养老用房开工日期"), "date"),
        Column("care_finished", ("用房竣工日期", "养老用房竣工日期"), "date"),
        Column("care_accepted", ("用房验收日期", "养老用房验收日期"), "date"),
        Column("care_delivered", ("用房移交日期", "养老用房移交日期"), "date"),
        Column("suspended_since", ("停工日期",), "date"),
        Column("receiver", ("接收单位", "移交对象")),
        Column("current_use", ("现状用途", "实际用途")),
        Column("receiver_type", ("接收单位类型", "移交对象类型"), "choice", choices=RECEIVER_TYPES),
        Column("change_consent", ("变更同意文号", "变更用途同意文号")),
        Column("joint_with", ("合建项目", "联合配建", "合并配建项目")),
        Column("housing_share_finished_at_care", ("住宅完成比例", "用房竣工时住宅完成比例"), "number"),
        Column("floor", ("所在楼层", "楼层")),
        Column("own_entrance", ("独立出入口", "有无独立出入口"), "flag"),
        Column("lift", ("电梯", "有无电梯"), "flag"),
        Column("ramp", ("无障碍坡道", "坡道", "有无坡道"), "flag"),
        Column("developer", ("建设单位", "开发企业", "开发商")),
        Column("permit_number", ("规划许可证号", "建设工程规划许可证号", "许可证号")),
        Column("land_granted", ("土地出让日期", "规划条件日期"), "date"),
        Column("land_terms", ("规划条件", "土地出让条件")),
        Column("evidence", ("佐证材料", "依据材料")),
        *POSITION,
    ),
)
RESIDENTS = Table(
    "residents",
    "人口分布",
    "demand_id",
    (
        Column("demand_id", ("编号", "楼栋编号", "网格编号", "id"), "code"),
        *(replace(column, content="number") for column in PEOPLE),  # the cells of a grid hold parts of people
        Column("households", ("户数", "总户数"), "whole"),
        Column("community_id", ("社区代码", "所属社区代码"), "code"),
        *GROUPS,
        *POSITION,
    ),
    position="required",
)
GATES = Table(
    "gates",
    "小区出入口",
    "gate_id",
    (
        Column("gate_id", ("出入口编号", "编号", "id"), "code"),
        Column("name", ("名称", "小区名称")),
        *POSITION,
    ),
    position="required",
)
FIGURES = Table(
    "figures",
    "统计数据",
    "figure_id",
    (
        Column("figure_id", ("序号", "数据编号"), "code"),
        Column("figure", ("指标", "指标名称"), required=True),
        Column("unit", ("单位", "单位名称", "地区", "县区")),
        Column("unit_id", ("单位代码", "区划代码", "地区代码"), "code"),
        Column("year", ("年份", "年度"), "whole"),
        Column("value", ("数值", "数据"), "number", required=True),
        Column("measured_in", ("计量单位",)),
        Column("source", ("来源", "数据来源", "资料来源")),
    ),
)
"""What a bureau knows as a number: money, revenue, trained carers; of a unit, or of the city where none is named."""
ANSWERS = Table(
    "answers",
    "人工核查",
    "answer_id",
    (
        Column("answer_id", ("序号", "记录编号"), "code"),
        Column("rule_id", ("条款编号", "规则编号"), required=True),
        Column("unit", ("单位", "单位名称", "地区", "县区")),
        Column("unit_id", ("单位代码", "区划代码", "地区代码"), "code"),
        Column("answer", ("结论", "核查结论"), "flag"),
        Column("points", ("得分", "分值"), "whole"),
        Column("day", ("日期", "完成日期"), "date"),
        Column("reason", ("理由", "说明")),
        Column("evidence", ("依据", "佐证", "佐证材料")),
    ),
)
"""What only a person can tell of a rule: yes or no, points, the day it was done."""
PEOPLE_GROUPS = Table(
    "people_groups",
    "人群分类计数",
    "group_id",
    (
        Column("group_id", ("序号", "组号"), "code"),
        Column("community_id", ("社区代码", "所属社区代码"), "code", required=True),
        Column("age_from", ("年龄起", "最小年龄"), "whole"),
        Column("age_to", ("年龄止", "最大年龄"), "whole"),
        Column("registered", ("本区户籍", "是否本区户籍"), "flag"),
        Column("resident", ("长期居住", "是否长期居住"), "flag"),
        Column("ability", ("自理能力", "能力等级"), "choice", choices=ABILITIES),
        Column("categories", ("人员类别", "类别"), "list", choices=CATEGORIES),
        Column("excluded", ("已享受待遇", "排除情形"), "list", choices=EXCLUSIONS),
        Column("people", ("人数",), "whole", required=True, people=True),
    ),
)
"""How many persons share an age band and all other marks: combinations that do not overlap, never single persons."""
TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        *(COMMUNITIES, FACILITIES, CANDIDATES, HOUSING, RESIDENTS, GATES),
        *(FIGURES, ANSWERS, PEOPLE_GROUPS),
    )
}
UNITS: Mapping[str, str] = {"community": "community_id", "street": "street_id", "county": "county_id"}
"""The administrative levels a figure is summed by, and the column of `communities` that holds their code."""
