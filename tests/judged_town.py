"""The made town of `town`, judged in earnest: a whole pack, score tables, goals, housing checks and what changes."""

from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd
from town import EAST, MINUTES, NORTH, SIDE, made_town, renamed

from maps.atlas import Atlas, MeasureTable
from policy.assess import assess_all
from policy.changes import changes
from policy.evidence import Evidence
from policy.four_sync import check_housing
from policy.load import load_pack
from policy.progress import progress
from policy.score import score_sheet, scored_units
from policy.verdict import Shortfall, Verdict

DAY, LATER = date(2021, 12, 31), date(2023, 12, 31)
PACKS = ("hebi_2020", "baotou_2020")
SPOTS = (("P1", 13.5, 8.5), ("P2", 5.5, 13.5))


@cache
def judged_town() -> Atlas:
    """Return the town with everything that documents say of it; the housing has one project in step and one behind."""
    atlas = made_town()
    atlas = replace(atlas, housing=_housing(atlas))
    policies = tuple(load_pack(name) for name in PACKS)
    found = {day: assess_all(policies, _evidence(atlas), as_of=day).verdicts for day in (DAY, LATER)}
    after = tuple(
        replace(v, status=type(v.status).PASS) if v.status.value == "FAIL" and v.level == "community" else v
        for v in found[DAY]
    )
    table = MeasureTable(
        "资金：[鹤政] 运行/补助",
        (("设施", "text"), ("每年（元）", "whole")),
        pd.DataFrame({"facility": ["=1+1", "河湾幸福院"], "yuan": [36_000, 25_000]}),
    )
    return replace(
        atlas,
        policies=policies,
        verdicts=found[DAY],
        verdicts_after=after,
        checks=tuple(c for policy in policies for c in check_housing(atlas.housing, policy, DAY)),
        scores=tuple(
            (policy, score_sheet(policy, found[DAY], unit=unit))
            for policy in policies
            if policy.score_table
            for unit, _ in scored_units(policy, found[DAY])
        ),
        progress=progress(found[DAY], as_of=DAY),
        dues=(table,),
        changes=(
            (("方案后", "after the plan"), changes(found[DAY], after)),
            (("2023-12-31", "2023-12-31"), changes(found[DAY], found[LATER])),
            (("同日", "the same day"), changes(found[DAY], found[DAY])),
        ),
    )


def judged_as(atlas: Atlas, name: str) -> Atlas:
    """Return the judged town with one name everywhere a name can stand, those of documents too."""
    both = (name, name)
    policies = tuple(
        p.model_copy(update={"document": p.document.model_copy(update={"number": name})}) for p in atlas.policies
    )
    told = {"unit_name": name, "title": both, "document": name, "clause": name, "measured": both, "demanded": both}
    told |= {"responsible": (name,), "note": both, "missing": (name,)}

    def hostile(verdict: Verdict) -> Verdict:
        short = Shortfall(7, "elders", (name,)) if verdict.shortfall else None
        return replace(verdict, shortfall=short, **told)

    found = renamed(atlas, name)
    checks = tuple(
        replace(
            check,
            document=name,
            record=replace(check.record, name=name, developer=name, receiver=name, current_use=name),
            findings=tuple(replace(finding, term=both, clause=name) for finding in check.findings),
            responsible=(name,),
        )
        for check in atlas.checks
    )
    return replace(
        found,
        policies=policies,
        verdicts=tuple(hostile(v) for v in atlas.verdicts),
        verdicts_after=tuple(hostile(v) for v in atlas.verdicts_after),
        checks=checks,
        scores=tuple(
            (
                next(p for p in policies if p.name == policy.name),
                replace(sheet, unit_name=name, rows=tuple(replace(r, title=both, note=both) for r in sheet.rows)),
            )
            for policy, sheet in atlas.scores
        ),
        progress=tuple(replace(goal, title=both, unit_name=name, open=(name,)) for goal in atlas.progress),
        dues=tuple(replace(t, title=name, rows=t.rows.assign(facility=name)) for t in atlas.dues),
        changes=tuple(
            (
                both,
                tuple(
                    replace(c, before=c.before and hostile(c.before), after=c.after and hostile(c.after)) for c in found
                ),
            )
            for _, found in atlas.changes
        ),
    )


def _housing(atlas: Atlas) -> pd.DataFrame:
    days = {"planned": "2018-01-01", "started": "2018-06-01", "finished": "2019-06-01"}
    days |= {"accepted": "2019-09-01", "delivered": "2019-12-01"}
    frame = atlas.housing.assign(
        new_estate=True,
        care_required_m2=[160.0, 300.0],
        care_planned_m2=[160.0, 300.0],
        care_permitted_m2=[160.0, 300.0],
        care_built_m2=[160.0, 240.0],
        receiver="民政局",
        receiver_type="civil_affairs",
    )
    for step, day in days.items():
        frame[f"housing_{step}"] = pd.to_datetime([day, day])
        frame[f"care_{step}"] = pd.to_datetime([day, None if step in ("accepted", "delivered") else day])
    return frame


def _evidence(atlas: Atlas) -> Evidence:
    communities = atlas.communities.assign(
        urban=atlas.communities["level"] == "community", street_level="street", county_id="410611"
    )
    homes = [
        f"4106110{int((p.y - NORTH) // SIDE) + 1:02d}{int((p.x - EAST) // SIDE) + 1:03d}"
        for p in atlas.facilities.geometry
    ]
    homes = [home if home in communities.index else None for home in homes]
    facilities = atlas.facilities.assign(
        community_id=homes,
        street_id=None,
        county_id=None,
        community_declared=homes,
        community_by_position=homes,
        urban=None,
    )
    columns = ["level", "unit_id", "name", "residents", "elders", "elders_unknown"]
    coverage = atlas.units[[*columns, *(f"elders_covered_{m}" for m in MINUTES)]].copy()
    coverage.loc[coverage["level"] == "city", "unit_id"] = "city"
    county = coverage[coverage["level"] == "city"].assign(level="county", unit_id="410611")
    return Evidence(communities, facilities, pd.concat([coverage, county]), MINUTES, housing=atlas.housing)
