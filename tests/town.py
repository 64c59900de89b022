"""A made town to draw: 3 x 3 communities of 600 m, streets every 100 m, and names that try to be something else."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, MultiPolygon, Point, box

from gis.errors import Finding
from gis.ledger import Ledger
from maps.atlas import Atlas
from optimise.plan import Culprit, Plan, PlanStatus
from policy.verdict import Shortfall, Status, Verdict

CRS = "EPSG:4547"
EAST, NORTH, SIDE, STEP = 526_000.0, 3_957_000.0, 600.0, 100.0
MINUTES = (5, 10, 15)
HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "{% for x in y %}{%x",
    "{# 幸福 #}",
    "`${alert(1)}`",
    "</script><b>粗</b>",
    "\"引号' & <名>",
    "=1+1",
    "+8613800000000",
    "@x",
    "مركز 𠮷㐱镕",
    "'; DROP TABLE facilities;--",
)


def without_maps(town: Path) -> Path:
    """Let a sample's report leave out its maps, a third of the work of a run: for tests that do not look at them."""
    file = town / "project.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[output]\n", "[output]\nreport_maps = false\n"), encoding="utf-8")
    return town


def at(column: float, row: float) -> Point:
    """Return the point of a street corner, counted in steps from the south-west."""
    return Point(EAST + column * STEP, NORTH + row * STEP)


def made_town() -> Atlas:
    """Return a town whose coverage is true: on a grid the walk is the sum of the two legs, at 1 m/s."""
    facilities = _facilities()
    homes = _homes(facilities)
    sites = pd.DataFrame(
        {
            "name": ["原粮站", "旧厂房 {{x}}"],
            "kind": ["day_care", "rural_station"],
            "floor_area_m2": [350.0, 500.0],
            "cost_yuan": [1_800_000, 2_345_678],
            "elders_gained": [310, 120],
        },
        index=pd.Index(["C1", "C3"], name="candidate_id"),
    )
    total, before = int(homes["elders"].sum()), int(homes.loc[homes["state"] == "covered", "elders"].sum())
    plan = Plan(
        status=PlanStatus.FEASIBLE,
        sites=sites,
        elders_total=total,
        elders_covered_before=before,
        elders_covered=int(homes.loc[homes["state_after"] == "covered", "elders"].sum()),
        bound=total,
        gap=0.000_04,
        cost_yuan=int(sites["cost_yuan"].sum()),
        floor_area_m2=850.0,
        solver="HiGHS",
        culprits=(Culprit("max_sites", ("原粮站",), 3, 2),),
        notes=("按预算 420 万元",),
    )
    communities = _communities()
    return Atlas(
        name="样例区 <养老> {{7*7}}",
        crs=CRS,
        language="zh",
        minutes=MINUTES,
        streets=_streets(),
        base=_base(),
        communities=communities,
        units=_units(communities, homes),
        homes=homes,
        facilities=facilities,
        candidates=_candidates(),
        housing=_housing(),
        areas=_areas(facilities),
        plan=plan,
        verdicts=_verdicts(),
        findings=(Finding("FILE_EMPTY", "warn", "设施.xlsx!Sheet1:3/名称", "<b>x</b>"),),
        ledgers=(Ledger("facilities", "设施.xlsx", 14, 13, {"ROW_TOTAL": 1}),),
        notes={"步行": "1.0 m/s，15分钟 = 900 m", "街道数据": "2021-06-30; 3.4 km", "人口来源": "{{公报}} <2020>"},
        trust=_trust(communities),
        catchments=_catchments(facilities),
        speeds=pd.DataFrame(
            {"speed_m_s": [0.6, 0.8, 1.0, 1.2], "elders_covered": [before - 300, before - 100, before, before + 50]}
        ),
    )


def renamed(atlas: Atlas, name: str) -> Atlas:
    """Return the atlas with one name everywhere a name can stand."""
    frames = {
        key: getattr(atlas, key).assign(name=name) for key in ("communities", "facilities", "candidates", "housing")
    }
    verdicts = tuple(replace(v, unit_name=name, title=(name, name), measured=(name, name)) for v in atlas.verdicts)
    findings = (Finding("FILE_EMPTY", "warn", name, name),)
    units = atlas.units.assign(name=name)
    assert atlas.plan is not None
    plan = replace(atlas.plan, sites=atlas.plan.sites.assign(name=name), notes=(name,))
    return replace(
        atlas, name=name, units=units, plan=plan, verdicts=verdicts, findings=findings, notes={name: name}, **frames
    )


def _streets() -> gpd.GeoDataFrame:
    lines, tags = [], []
    for i in range(19):
        lines += [LineString([at(i, 0), at(i, 18)]), LineString([at(0, i), at(18, i)])]
        tags += ["primary" if i in (0, 9, 18) else "residential" if i % 3 == 0 else "footway"] * 2
    return gpd.GeoDataFrame({"highway": tags}, geometry=lines, crs=CRS)


def _base() -> gpd.GeoDataFrame:
    river = LineString([at(-1, 4.5), at(6, 5.5), at(12, 3.5), at(19, 4.5)])
    houses = [
        box(*at(c + 0.2, r + 0.2).coords[0], *at(c + 0.7, r + 0.5).coords[0])
        for c in range(18)
        for r in range(18)
        if (c * r) % 5 == 1
    ]
    shapes = [
        river.buffer(35),
        box(*at(9.1, 9.1).coords[0], *at(11.9, 11.9).coords[0]),
        LineString([at(-1, 16.4), at(19, 17.3)]),
        *houses,
    ]
    return gpd.GeoDataFrame(
        {"feature": ["water", "green", "railway", *["building"] * len(houses)]}, geometry=shapes, crs=CRS
    )


def _communities() -> gpd.GeoDataFrame:
    names = [
        "东街社区",
        "西街社区",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "城关村",
        "南关社区",
        "北关社区",
        "河湾村",
        "新城社区",
    ]
    cells = [(c, r) for r in range(3) for c in range(3)]
    shapes = [box(EAST + c * SIDE, NORTH + r * SIDE, EAST + (c + 1) * SIDE, NORTH + (r + 1) * SIDE) for c, r in cells]
    return gpd.GeoDataFrame(
        {
            "name": names,
            "level": ["village" if name.endswith("村") else "community" for name in names],
            "street_id": [f"4106110{r + 1:02d}000" for _, r in cells],
            "street": [f"{'上中下'[r]}街道" for _, r in cells],
            "county": "样例区",
            "residents": [1_000 + 150 * i for i in range(9)],
            "elders": [9 * (20 + 3 * i) for i in range(9)],
            "disabled": [3, 0, 12, 7, 5, 4, 22, 1, 9],
        },
        geometry=shapes,
        crs=CRS,
        index=pd.Index([f"4106110{r + 1:02d}{c + 1:03d}" for c, r in cells], name="community_id"),
    )


def _facilities() -> gpd.GeoDataFrame:
    kinds = [
        "day_care",
        "street_centre",
        "day_care",
        "rural_station",
        "meal_point",
        "nursing_home",
        "medical_care_home",
        "county_complex",
    ]
    states = ["in_use", "in_use", "planned", "in_use", "under_construction", "in_use", "closed", "built"]
    names = ["幸福日间照料中心", "上街综合养老服务中心", "拟建日间照料中心", "河湾幸福院", *HOSTILE]
    kinds, states = (kinds * 2)[: len(names)], (states * 2)[: len(names)]
    spots = [
        at(3, 3),
        at(8, 9),
        at(15, 5),
        at(12, 15),
        *(at(1.5 + 1.4 * i, 1 + (i * 5) % 17) for i in range(len(HOSTILE))),
    ]
    return gpd.GeoDataFrame(
        {
            "name": names,
            "kind": kinds,
            "status": states,
            "floor_area_m2": [350.0, 1200.0, 500.0, np.nan, *[260.5] * len(HOSTILE)],
            "beds": pd.array([10, 40, None, 6, *[8] * len(HOSTILE)], dtype="Int64"),
            "opened": pd.to_datetime(["2019-05-01", "2020-10-01", None, "2018-01-01", *[None] * len(HOSTILE)]),
            "services": [("助餐", "助浴"), (), ("日托",), ("助餐",), *[("助餐", "<b>")] * len(HOSTILE)],
            "operator": ["=cmd|' /C calc'!A0", "慈善总会", None, "村委会", *HOSTILE],
        },
        geometry=spots,
        crs=CRS,
        index=pd.Index([f"F{i:02d}" for i in range(1, len(names) + 1)], name="facility_id"),
    )


def _candidates() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["原粮站", "闲置校舍", "旧厂房 {{x}}", "无位置"],
            "mode": ["convert", "lease", "new", "new"],
            "max_floor_area_m2": [400.0, 800.0, 650.0, 300.0],
            "cost_wan": [180.0, 90.0, 234.5678, 50.0],
            "kinds": [("day_care",), ("day_care", "street_centre"), ("rural_station",), ()],
            "vacated": pd.array([True, False, None, None], dtype="boolean"),
        },
        geometry=[at(16, 15), at(10, 2), at(3, 15), None],
        crs=CRS,
        index=pd.Index(["C1", "C2", "C3", "C4"], name="candidate_id"),
    )


def _housing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["锦绣花园", "翰林府"],
            "phase": ["一期", "二期"],
            "households": [640, 1200],
            "care_built_m2": [160.0, np.nan],
        },
        geometry=[at(13.5, 8.5), at(5.5, 13.5)],
        crs=CRS,
        index=pd.Index(["P1", "P2"], name="project_id"),
    )


def _homes(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for i in range(81):
        column, row = 2 * (i % 9) + 1, 2 * (i // 9) + 1
        rows.append((column, row, 20 + 3 * ((row // 6) * 3 + column // 6)))
    homes = gpd.GeoDataFrame(
        {"elders": [e for *_, e in rows], "residents": [5 * e for *_, e in rows]},
        geometry=[at(c, r) for c, r, _ in rows],
        crs=CRS,
        index=pd.Index([f"H{i:02d}" for i in range(81)], name="demand_id"),
    )
    homes["community_id"] = [f"4106110{r // 6 + 1:02d}{c // 6 + 1:03d}" for c, r, _ in rows]
    serving = facilities.geometry.iloc[[0, 1, 3]]
    homes["minutes"] = _walk(homes, serving)
    homes["state"] = _state(homes["minutes"])
    homes["minutes_after"] = np.minimum(homes["minutes"], _walk(homes, _candidates().geometry.loc[["C1", "C3"]]))
    homes["state_after"] = _state(homes["minutes_after"])
    homes.loc["H00", ["state", "state_after"]] = "unknown"
    return homes


def _walk(homes: gpd.GeoDataFrame, to: gpd.GeoSeries) -> pd.Series:
    legs = [(homes.geometry.x - p.x).abs() + (homes.geometry.y - p.y).abs() for p in to]
    return pd.concat(legs, axis=1).min(axis=1) / 60


def _state(minutes: pd.Series) -> pd.Series:
    return pd.Series(np.where(minutes <= max(MINUTES), "covered", "not_covered"), index=minutes.index)


def _units(communities: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> pd.DataFrame:
    known = homes[homes["state"] != "unknown"]
    table = pd.DataFrame(
        {"community_id": homes["community_id"], "elders": homes["elders"], "residents": homes["residents"]}
    )
    table["elders_unknown"] = homes["elders"].where(homes["state"] == "unknown", 0)
    for minutes in MINUTES:
        for suffix in ("", "_after"):
            table[f"elders_covered_{minutes}{suffix}"] = known["elders"].where(known[f"minutes{suffix}"] <= minutes, 0)
    table = table.fillna(0)
    people = table.columns.drop("community_id")
    table["street_id"] = table["community_id"].map(communities["street_id"])
    by_community = table.groupby("community_id")[list(people)].sum().assign(level="community")
    by_community["name"] = communities["name"]
    by_street = table.groupby("street_id")[list(people)].sum().assign(level="street")
    by_street["name"] = communities.groupby("street_id")["street"].first()
    city = table[list(people)].sum().to_frame("410611").T.assign(level="city", name="样例区")
    units = pd.concat([by_community, by_street, city])
    whole = dict.fromkeys(people, "int64")
    return units.rename_axis("unit_id").reset_index().astype(whole)


def _areas(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for when, spots in (
        ("today", facilities.geometry.iloc[[0, 1, 3]]),
        ("after", pd.concat([facilities.geometry.iloc[[0, 1, 3]], _candidates().geometry.loc[["C1", "C3"]]])),
    ):
        for minutes in MINUTES:
            diamond = [spot.buffer(minutes * 60, quad_segs=1) for spot in spots]
            rows.append((when, minutes, gpd.GeoSeries(diamond, crs=CRS).union_all()))
    whens, limits, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"when": whens, "minutes": limits}, geometry=list(shapes), crs=CRS)


def _trust(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    levels = ["good"] * 5 + ["thin"] * 3 + ["too_thin"]
    reasons = [*[()] * 5, *[("below_norm",)] * 3, ("no_streets", "unreached")]
    return communities[["name", "geometry"]].assign(trust=levels, reasons=pd.Series(reasons, communities.index))


def _catchments(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the town's west and east, parted between two facilities; a third serves nobody and has no area."""
    west, east = box(EAST, NORTH, EAST + 900, NORTH + 1800), box(EAST + 900, NORTH, EAST + 1800, NORTH + 1800)
    return gpd.GeoDataFrame(
        {"facility_id": facilities.index[[0, 1, 3]], "street_km": [34.2, 34.2, 0.0]},
        geometry=[west, east, MultiPolygon()],
        crs=CRS,
    )


def _verdicts() -> tuple[Verdict, ...]:
    statuses = list(Status)
    return tuple(
        Verdict(
            rule_id=f"hebi_2020.{i}",
            pack="hebi_2020",
            document="鹤政办〔2020〕1号",
            clause=f"第{i}条",
            title=(f"城镇社区覆盖率 {i}", f"urban coverage {i}"),
            level="city",
            unit_id="410611",
            unit_name="样例区",
            reading="",
            status=status,
            value=Fraction(8996, 10000),
            limit=Fraction(9, 10),
            measured=("89.96%", "89.96%"),
            demanded=("不低于 90%", "at least 90%"),
            shortfall=Shortfall(4, "elders", ("东街社区", "=1+1")) if status is Status.FAIL else None,
            scores=(1, 2) if status is Status.UNDEFINED else (),
            missing=("建成日期",) if status is Status.UNKNOWN else (),
            choices=("步行速度 1.0 m/s",),
        )
        for i, status in enumerate(statuses, 1)
    )
