"""What a council asks about a plan, as sheets: why each site, near-best plans, front, phases, before and after."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from gis.words import say
from maps.atlas import Atlas, Columns, MeasureTable
from maps.columns import column
from maps.contents import plan_remarks
from maps.council import Council
from maps.coverage import coverage_sheet
from maps.figures import people
from maps.lists import plan_sheet
from maps.measures import measure_sheet, measure_table
from maps.shown_reach import (
    Reach,
    by_scenario,
    by_year,
    instead,
    shown_front,
    shown_lost,
    shown_reach,
    the_plan,
    without,
)
from maps.shown_serves import shown_in_walk, shown_serves
from maps.workbook import Sheet, write_workbook
from optimise.check import Recount
from optimise.explain import explain

WAN = 10_000
MONEY_RULES = ("budget", "budget_year", "county_share", "running_cost")


def write_council(
    atlas: Atlas, path: Path, *, more: Iterable[MeasureTable] = (), shown: Mapping[Reach, object] | None = None
) -> None:
    """Write what a council asks about the plan as a workbook (.xlsx); `more` are tables to put in front.

    `shown`: what `maps.shown_reach` returns, where the tables in front tell of further sets of sites.
    Raises OutputError where it cannot be written; what was there is then untouched.
    """
    write_workbook([*(measure_sheet(table, atlas) for table in more), *council_sheets(atlas, shown)], path)


def council_sheets(atlas: Atlas, shown: Mapping[Reach, object] | None = None) -> Iterator[Sheet]:
    """Yield the sheets in the order of the questions; without a plan only why there is none."""
    yield _summary(atlas)
    yield plan_sheet(atlas)
    council = atlas.council
    if council is None or atlas.plan is None:
        return
    names, shown = _Names(atlas, council), shown_reach(atlas) if shown is None else shown
    if council.best.recount is None:  # what money would do is worth knowing all the more
        tables = [_front(names, atlas, shown), _scenarios(council, atlas, shown)]
        yield from (measure_sheet(table, atlas) for table in tables if len(table.rows))
        return
    tables = [
        _why(council, names, atlas, shown),
        _serves(names, atlas),
        _near_best(council, names, atlas, shown),
        _front(names, atlas, shown),
        _phases(atlas, shown),
        _rules(council, council.best.recount, atlas),
        _scenarios(council, atlas, shown),
    ]
    yield from (measure_sheet(table, atlas) for table in tables if len(table.rows))
    yield coverage_sheet(atlas, "by_community", ("community",), total=True)


class _Names:
    """What sites and communities are called."""

    def __init__(self, atlas: Atlas, council: Council) -> None:
        self.sites = {str(i): str(n) for i, n in atlas.candidates["name"].items()}
        for found in (council.best, *council.near_best):
            if found.recount is not None:
                self.sites |= {str(i): str(n) for i, n in found.recount.sites["name"].items()}
        self.communities = {str(i): str(n) for i, n in atlas.communities["name"].items()}
        self.comma = say("label.comma", atlas.language)

    def of(self, sites: Iterable[str]) -> str:
        return self.comma.join(self.sites.get(str(i), str(i)) for i in sites)


def _summary(atlas: Atlas) -> Sheet:
    lines = [say("page.plan_none", atlas.language)] if atlas.plan is None else explain(atlas.plan, atlas.language)
    lines += [] if atlas.plan is None or atlas.plan.sites.size else plan_remarks(atlas.plan, atlas)
    council = atlas.council
    if council is not None:
        lines += told(atlas)
    return Sheet(say("council.summary", atlas.language), [column("annex.item", atlas)], [[text] for text in lines])


def told(atlas: Atlas) -> list[str]:
    """Return in sentences how many near-best plans there are and what a little more money buys."""
    council, language = atlas.council, atlas.language
    if council is None or council.best.recount is None:
        return []
    lines = [say("council.told_near_best", language, n=len(council.near_best))]
    if council.more is not None and council.more.goal == "elders":
        lines.append(
            say(
                "council.told_more",
                language,
                wan=f"{council.more.more_yuan / WAN:g}",
                n=people(council.more.gained),
                most="-" if council.more.gained_at_most is None else people(council.more.gained_at_most),
            )
        )
    return lines


def _table(key: str, frame: pd.DataFrame, columns: Columns, atlas: Atlas) -> MeasureTable:
    return measure_table(say(f"council.{key}", atlas.language), frame, columns)


def _head(key: str, atlas: Atlas) -> str:
    return say(f"council.{key}", atlas.language)


def _why(council: Council, names: _Names, atlas: Atlas, shown: Mapping[Reach, object]) -> MeasureTable:
    language, why = atlas.language, council.why
    best = shown.get(the_plan(atlas))
    alone, at_best = ({site: shown.get(reach) for site, reach in of(atlas).items()} for of in (without, instead))
    served = council.serves.sort_values("elders", ascending=False, kind="stable")
    told_of = {
        site: names.comma.join(names.communities.get(str(i), str(i)) for i in rows["community_id"][rows["elders"] > 0])
        for site, rows in served.groupby("site_id")
    }
    status = {
        s: say(f"council.replaced_{s}", language) for s in ("OPTIMAL", "FEASIBLE", "GREEDY", "INFEASIBLE", "LIMIT")
    }
    frame = pd.DataFrame(
        {
            "id": why.index,
            "name": why["name"].to_numpy(),
            "serves": [told_of.get(i, "") for i in why.index],
            "in_walk": shown_in_walk(atlas).reindex(why.index).to_numpy(),
            "reason": [
                say(f"council.reason_{reason}", language)
                + ("：" + names.comma.join(say(f"rule_name.{r}", language) for r in rules) if rules else "")
                for reason, rules in zip(why["reason"], why["rules"], strict=True)
            ],
            "alone": [shown_lost(n, best, alone.get(str(i))) for i, n in why["lost_alone"].items()],
            "at_best": [shown_lost(n, best, at_best.get(str(i))) for i, n in why["lost_at_best"].items()],
            "at_least": [
                shown_lost(n, best, at_best.get(str(i))) for i, n in why["lost_at_least"].clip(lower=0).items()
            ],
            "more": [None if pd.isna(n) else n / WAN for n in why["more_yuan"]],
            "instead": [names.of(sites) for sites in why["replacement"]],
            "proof": why["replaced"].map(status).to_numpy(),
            "near": [f"{n} / {len(council.near_best)}" for n in why["near_best"]],
        }
    )
    columns: Columns = {
        "id": (_head("site_id", atlas), "text"),
        "name": (_head("site", atlas), "text"),
        "serves": (_head("serves_communities", atlas), "text"),
        "in_walk": (_head("elders_in_walk", atlas), "people"),
        "reason": (_head("reason", atlas), "text"),
        "alone": (_head("lost_alone", atlas), "people"),
        "at_best": (_head("lost_at_best", atlas), "people"),
        "at_least": (_head("lost_at_least", atlas), "people"),
        "more": (_head("more_wan", atlas), "number"),
        "instead": (_head("instead", atlas), "text"),
        "proof": (_head("proof", atlas), "text"),
        "near": (_head("in_near_best", atlas), "text"),
    }
    return _table("why", frame, columns, atlas)


def _serves(names: _Names, atlas: Atlas) -> MeasureTable:
    rows = shown_serves(atlas)
    frame = rows.assign(
        site=[names.sites.get(i, i) for i in rows["site_id"]],
        community=[names.communities.get(str(i), str(i)) for i in rows["community_id"]],
    )
    columns: Columns = {
        "site_id": (_head("site_id", atlas), "text"),
        "site": (_head("site", atlas), "text"),
        "community": (_head("community", atlas), "text"),
        "elders": (_head("elders_in_walk", atlas), "people"),
        "elders_new": (_head("elders_new", atlas), "people"),
        "elders_only": (_head("elders_only", atlas), "people"),
    }
    return _table("serves", frame, columns, atlas)


def _near_best(council: Council, names: _Names, atlas: Atlas, shown: Mapping[Reach, object]) -> MeasureTable:
    rows = []
    for number, found in enumerate((council.best, *council.near_best)):
        count = found.recount
        if count is None:
            continue
        key = "the_plan" if not number else "plan_n"
        rows.append(
            {
                "plan": say(f"council.{key}", atlas.language, n=number),
                "covered": shown.get((frozenset(map(str, count.sites.index)), count.elders_covered)),
                "cost": count.cost_yuan / WAN,
                "sites": len(count.sites),
                "shared": len(found.sites & council.best.sites),
                "other": names.of(sorted(found.sites - council.best.sites)),
                "all": names.of(map(str, count.sites.index)),
            }
        )
    columns: Columns = {
        "plan": (_head("plan", atlas), "text"),
        "covered": (_head("covered", atlas), "people"),
        "cost": (_head("cost_wan", atlas), "number"),
        "sites": (_head("sites", atlas), "whole"),
        "shared": (_head("shared", atlas), "whole"),
        "other": (_head("other_sites", atlas), "text"),
        "all": (_head("all_sites", atlas), "text"),
    }
    return _table("near_best", pd.DataFrame(rows, columns=list(columns)), columns, atlas)


def _front(names: _Names, atlas: Atlas, shown: Mapping[Reach, object]) -> MeasureTable:
    curve = shown_front(atlas, shown)
    columns: Columns = {
        "budget": (_head("budget_wan", atlas), "number"),
        "covered": (_head("covered", atlas), "people"),
        "bound": (_head("bound", atlas), "whole"),
        "gap": (_head("gap", atlas), "number"),
        "cost": (_head("cost_wan", atlas), "number"),
        "sites": (_head("sites", atlas), "whole"),
        "status": (_head("status", atlas), "text"),
        "all": (_head("all_sites", atlas), "text"),
    }
    if curve is None:
        return _table("front", pd.DataFrame(columns=list(columns)), columns, atlas)
    frame = pd.DataFrame(
        {
            "budget": curve.index / WAN,
            "covered": curve["elders_covered"].to_numpy(),
            "bound": curve["bound"].to_numpy(),
            "gap": 100 * curve["gap"].to_numpy(),
            "cost": [None if pd.isna(n) else n / WAN for n in curve["cost_yuan"]],
            "sites": curve["sites"].to_numpy(),
            "status": [say(f"plan.{status}", atlas.language) for status in curve["status"]],
            "all": [names.of(filter(None, ids.split("、"))) for ids in curve["site_ids"]],
        }
    )
    return _table("front", frame, columns, atlas)


def _phases(atlas: Atlas, shown: Mapping[Reach, object]) -> MeasureTable:
    table = atlas.plan.by_year if atlas.plan is not None else pd.DataFrame()
    columns: Columns = {
        "year": (_head("year", atlas), "text"),
        "sites": (_head("sites", atlas), "whole"),
        "cost": (_head("cost_wan", atlas), "number"),
        "subsidy": (_head("subsidy_wan", atlas), "number"),
        "area": (_head("area_m2", atlas), "number"),
        "running": (_head("running_wan", atlas), "number"),
        "covered": (_head("covered", atlas), "people"),
    }
    if not len(table):
        return _table("phases", pd.DataFrame(columns=list(columns)), columns, atlas)
    frame = pd.DataFrame(
        {
            "year": [str(y) if y else say("council.no_year", atlas.language) for y in table.index],
            "sites": table["sites"].to_numpy(),
            "cost": table["cost_yuan"].to_numpy() / WAN,
            "subsidy": table["subsidy_yuan"].to_numpy() / WAN,
            "area": table["added_m2"].to_numpy(),
            "running": table["running_yuan"].to_numpy() / WAN,
            "covered": [shown.get(reach) for reach in by_year(atlas).values()],
        }
    )
    return _table("phases", frame, columns, atlas)


def _rules(council: Council, found: Recount, atlas: Atlas) -> MeasureTable:
    """Return every rule with what it counts today and after the plan."""
    language = atlas.language
    then = council.today.tally
    before = dict(
        zip(zip(then["rule"], then["unit"], strict=True), zip(then["used"], then["kept"], strict=True), strict=True)
    )
    rows = []
    for line in found.tally.to_dict("records"):
        there, kept = before.get((line["rule"], line["unit"]), (None, None))
        part = WAN if line["rule"] in MONEY_RULES else 1
        rows.append(
            {
                "rule": say(f"rule_name.{line['rule']}", language)
                .replace("（元）", "（万元）")
                .replace("(yuan)", "(10,000 yuan)"),
                "unit": line["unit"],
                "sense": say("council.at_most" if line["sense"] == "at most" else "council.at_least", language),
                "limit": line["limit"] / part,
                "before": None if there is None else there / part,
                "after": line["used"] / part,
                "kept_before": "" if kept is None else say("policy.yes" if kept else "policy.no", language),
                "kept": say("policy.yes" if line["kept"] else "policy.no", language),
                "legal": line["legal"],
            }
        )
    columns: Columns = {
        "rule": (_head("rule", atlas), "text"),
        "unit": (_head("unit", atlas), "text"),
        "sense": (_head("sense", atlas), "text"),
        "limit": (_head("limit", atlas), "number"),
        "before": (_head("before", atlas), "number"),
        "after": (_head("after", atlas), "number"),
        "kept_before": (_head("kept_before", atlas), "text"),
        "kept": (_head("kept", atlas), "text"),
        "legal": (_head("legal", atlas), "text"),
    }
    return _table("rules", pd.DataFrame(rows, columns=list(columns)), columns, atlas)


def _scenarios(council: Council, atlas: Atlas, shown: Mapping[Reach, object]) -> MeasureTable:
    columns: Columns = {
        "name": (_head("scenario", atlas), "text"),
        "status": (_head("status", atlas), "text"),
        "sites": (_head("sites", atlas), "whole"),
        "cost": (_head("cost_wan", atlas), "number"),
        "covered": (_head("covered", atlas), "people"),
        "gap": (_head("gap", atlas), "number"),
        "missed": (_head("rules_missed", atlas), "text"),
        "shared": (_head("shared", atlas), "whole"),
        "all": (_head("all_sites", atlas), "text"),
    }
    table, sites = council.scenarios, council.scenario_sites
    if table is None:
        return _table("scenarios", pd.DataFrame(columns=list(columns)), columns, atlas)
    language, reached = atlas.language, by_scenario(atlas)
    comma = say("label.comma", language)
    frame = pd.DataFrame(
        {
            "name": [name or say("council.own", language) for name in table.index],
            "status": [
                say(f"plan.{s}", language) if isinstance(s, str) else say("page.plan_none", language)
                for s in table["status"]
            ],
            "sites": table["sites"].to_numpy(),
            "cost": [None if pd.isna(n) else n / WAN for n in table["cost_yuan"]],
            "covered": [shown.get(reach) if (reach := reached.get(str(name))) else None for name in table.index],
            "gap": 100 * table["gap"].to_numpy(),
            "missed": [comma.join(say(f"rule_name.{r}", language) for r in rules) for rules in table["rules_missed"]],
            "shared": table["shared"].to_numpy(),
            "all": [
                comma.join(map(str, sites["name"][sites["scenario"] == name])) if len(sites) else ""
                for name in table.index
            ],
        }
    )
    return _table("scenarios", frame, columns, atlas)
