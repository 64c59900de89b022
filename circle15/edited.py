"""A plan edited by hand: read from a table, counted anew at once, every rule that it breaks named."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.asked import Asked
from circle15.council import asked_of
from circle15.layouts import FACILITY, layout_options
from circle15.siting import Siting
from circle15.study import Study
from circle15.today import Today
from gis.disclosure import FEWEST
from gis.errors import Finding, one_line
from gis.intake import read_table
from gis.shown import shown_chain
from gis.tables import FACILITY_KINDS, MODES, Column, Table
from gis.words import Language, say
from maps.labels import word
from maps.shown_reach import Reach
from maps.withheld import BESIDE, MARKS
from optimise.check import Recount
from optimise.explain import name_list, number, wan
from optimise.inquiry import gap
from optimise.options import canonical
from optimise.plan import Culprit, Plan

CLOSE, UPGRADE = "close", "upgrade"
ON_FACILITIES = {UPGRADE: ("现有设施扩建", "扩建现有"), CLOSE: ("关闭", "停用")}
"""What a plan may do with a facility that exists."""
PLAN_FILE = Table(
    "plan_file",
    "方案",
    "candidate_id",
    (
        Column("candidate_id", ("候选编号", "场地编号", "设施编号", "编号", "代码"), "code", required=True),
        Column("name", ("场地名称", "名称")),
        Column("kind", ("建设类型", "类型", "设施类型"), "choice", choices=FACILITY_KINDS),
        Column("mode", ("建设方式", "方式"), "choice", choices={**MODES, **ON_FACILITIES}),
        Column("floor_area_m2", ("建筑面积", "面积"), "number"),
        Column("year", ("建设年份", "建成年份", "年份", "年度"), "whole"),
    ),
)
"""The columns of a plan as a planner edits it: the sites to build; what else is left empty is as the project has it."""
NAMED = (
    *("unknown_site", "site_twice", "plan_kind", "plan_mode", "plan_year", "site_floor_area", "site_once"),
    *("forbidden", "required", "begun", "existing", "spacing"),
)
"""Rules of which the names say all: how many there are would be one figure too many."""
IN_YUAN = ("budget", "budget_year", "county_share", "running_cost")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A plan edited by hand, counted anew.

    `recount` has its sites and figures and judges every rule (`tally`); `broken` names every rule and figure that does
    not hold, first what is wrong with the list itself: `unknown_site`, `plan_kind`, `plan_area`, `plan_year`. Beside
    it stand the proven `plan` and `comparison`: a row a figure, `edited` and `proven`. `gap`: how far the plan may be
    from the best of the main goal. `findings`: what was said of its file.
    """

    recount: Recount
    broken: tuple[Culprit, ...]
    comparison: pd.DataFrame
    plan: Plan | None
    gap: float | None
    findings: tuple[Finding, ...] = ()

    @property
    def reach(self) -> Reach:
        """Its sites, and how many older people are covered with them."""
        return frozenset(map(str, self.recount.sites.index)), self.recount.elders_covered

    def lines(self, language: Language = "zh", *, shown: Mapping[Reach, object] | None = None) -> list[str]:
        """Return the plan in sentences: what it comes to, what its file says wrongly, each rule broken or missed.

        `shown`: what sets of sites cover as it may be handed on (`maps.shown_reach`), where more is told beside it.
        """
        count = self.recount
        misread = [finding.line(language) for finding in self.findings if finding.severity != "note"]
        before, covered, total = shown_chain(count.elders_covered_before, count.elders_covered, count.elders_total)
        beside = {(shown or {}).get(reach) for reach in (self.reach, *self._proven())} & MARKS
        covered = BESIDE if beside and covered not in MARKS else covered
        head = say(
            "edited.summary",
            language,
            sites=len(count.sites),
            cost=wan(count.cost_yuan),
            area=number(count.floor_area_m2),
            before=before,
            covered=covered,
            total=total,
        )
        told = [say("edited.broken", language, what=sentence(each, language)) for each in self.broken]
        soft = count.tally[count.tally["soft"] & ~count.tally["kept"]]
        missed = [
            say("edited.missed", language, what=say(f"rule_name.{rule}", language), n=n)
            for rule, n in soft["rule"].value_counts(sort=False).items()
        ]
        kept = [] if told or missed else [say("edited.keeps", language)]
        return [head, *misread, *told, *missed, *kept, *self._beside(language, hidden=bool(beside))]

    def _proven(self) -> list[Reach]:
        plan = self.plan
        return [] if plan is None else [(frozenset(map(str, plan.sites.index)), plan.elders_covered)]

    def _beside(self, language: Language, *, hidden: bool) -> list[str]:
        if self.plan is None:
            return []
        people = self.recount.elders_covered - self.plan.elders_covered
        cost = self.recount.cost_yuan - self.plan.cost_yuan
        apart = BESIDE if hidden and abs(people) >= FEWEST else shown_chain(abs(people))[0]
        covered = say(f"edited.{_way(people, 'fewer', 'as_many', 'more')}", language, n=apart)
        money = say(f"edited.{_way(cost, 'cheaper', 'as_dear', 'dearer')}", language, n=wan(abs(cost)))
        return [say("edited.beside", language, people=covered, money=money)]


def _way(difference: int, less: str, same: str, more: str) -> str:
    return less if difference < 0 else more if difference else same


def evaluate(town: Study | Today, plan: str | os.PathLike[str] | pd.DataFrame | Iterable[str]) -> Evaluation:
    """Count a plan edited by hand anew and name every rule it breaks; nothing is solved: the answer is there at once.

    `plan`: a table file (.csv, .xlsx ...) or a frame with `candidate_id` (or as its index) and, where they are to
    differ from what the project would build, `kind`, `floor_area_m2`, `year`, `mode`; or identifiers alone. Facilities
    stay as they are unless a row closes them (`mode` close) or makes them larger (`mode` upgrade, `floor_area_m2`).
    Kinds, sizes and years outside those that the project offers are priced as the project prices them, and named where
    the site does not allow them.

    The counting is that of `optimise.check`, which shares no code with the models. Raises InputError for a file that
    cannot be read, ValueError where there is no budget or no candidate, or a frame has no `candidate_id`.
    """
    asked = asked_of(town)
    here = town.today if isinstance(town, Study) else town
    rows, findings = _rows(plan, here.city.crs)
    inquiry, faults, given, closed = asked.inquiry, [], [], set()
    more: list[pd.DataFrame] = []
    for row in rows:
        site = row["candidate_id"].removeprefix(FACILITY(""))
        if row.get("mode") == UPGRADE and FACILITY(site) in set(inquiry.options["site_id"]):
            larger, wrong = _larger(inquiry.options, FACILITY(site), row)
            closed |= {FACILITY(site)} if larger else set()  # then it is not kept as it is
            given += larger
            faults += wrong
        elif row.get("mode") == CLOSE and FACILITY(site) in set(inquiry.options["site_id"]):
            closed.add(FACILITY(site))
        elif site in asked.candidates.index and row.get("mode") != CLOSE:
            option, wrong = _decision(asked, here.city.project.siting, row)
            more += [] if option.index[0] in inquiry.options.index else [option]
            given.append(str(option.index[0]))
            faults += wrong
        elif FACILITY(site) not in set(inquiry.options["site_id"]):
            given.append(site)
    if more:
        every = pd.concat([inquiry.options, *more])
        inquiry = replace(inquiry, options=canonical(every[~every.index.duplicated()]))
    table = inquiry.options
    kept = [i for i in inquiry.today if table["site_id"][i] not in closed]
    found = inquiry.recount([*given, *kept])
    best = town.plan if isinstance(town, Study) else None
    bound = None if best is None else best.proven.get(inquiry.main)
    return Evaluation(
        recount=found,
        broken=(*faults, *found.broken),
        comparison=_comparison(found, best),
        plan=best,
        gap=None if found.broken or faults else gap(found.reached[inquiry.main], bound),
        findings=findings,
    )


def sentence(culprit: Culprit, language: Language) -> str:
    """Return what an edited plan has of a rule, and what the rule asks."""
    shown = wan if culprit.rule in IN_YUAN else number
    rule = say(f"rule_name.{culprit.rule}", language).removesuffix("（元）").removesuffix(" (yuan)")
    unit = say("edited.wan", language) if culprit.rule in IN_YUAN else ""
    asked, available = (f"{shown(figure)}{unit}" for figure in (culprit.asked, culprit.available))
    by_name = culprit.rule in NAMED and culprit.names
    text = rule if by_name else say("edited.rule", language, rule=rule, asked=asked, available=available)
    at = 0 if language == "zh" else 1
    column = ("candidates", "mode") if culprit.rule == "plan_mode" else ("facilities", "kind")
    names = tuple(one_line(word(*column, name)[at] or name) for name in culprit.names)
    return text + (say("plan.culprit_names", language, names=name_list(names, language)) if names else "")


def _rows(
    plan: str | os.PathLike[str] | pd.DataFrame | Iterable[str], crs: str
) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    """Return the rows of a plan, what is missing left out, and what was said of its file."""
    findings: tuple[Finding, ...] = ()
    if isinstance(plan, str | os.PathLike):
        read = read_table(Path(plan), PLAN_FILE, crs=crs)
        frame, findings = pd.DataFrame(read.frame), tuple(f for f in read.findings if f.code != "POSITION_MISSING")
        frame = frame.drop(columns="geometry", errors="ignore").rename_axis("candidate_id").reset_index()
    elif isinstance(plan, pd.DataFrame):
        frame = plan if "candidate_id" in plan else plan.reset_index(names="candidate_id")
    else:
        frame = pd.DataFrame({"candidate_id": list(plan)})
    known = [column.name for column in PLAN_FILE.columns]
    records = frame[[name for name in known if name in frame]].to_dict("records")
    rows = [{str(k): v for k, v in row.items() if v is not None and not pd.isna(v)} for row in records]
    return [{**row, "candidate_id": str(row.get("candidate_id", ""))} for row in rows], findings


def _larger(options: pd.DataFrame, site: str, row: dict[str, Any]) -> tuple[list[str], list[Culprit]]:
    """Return the decision to make a facility as large as a row of a plan says, or what the project does not offer."""
    offered = options[(options["site_id"] == site) & (options["mode"] == UPGRADE)]
    name = (str(options.loc[options["site_id"] == site, "name"].iloc[0]),)
    area = float(row.get("floor_area_m2", offered["floor_area_m2"].min() if len(offered) else 0))
    year = int(row.get("year", offered["year"].min() if len(offered) else 0))
    same = offered[offered["floor_area_m2"].sub(area).abs() < 0.005]  # noqa: PLR2004 - half a hundredth
    if not len(same):
        return [], [Culprit("plan_area", name, area, float(offered["floor_area_m2"].max()) if len(offered) else 0)]
    then = same[same["year"] == year]
    years = (*name, str(year))
    return (
        ([str(then.index[0])], []) if len(then) else ([], [Culprit("plan_year", years, year, int(same["year"].min()))])
    )


def _decision(asked: Asked, siting: Siting, row: dict[str, Any]) -> tuple[pd.DataFrame, list[Culprit]]:
    """Return the option that a row of a plan means, and what the site does not allow of it."""
    table, site = asked.inquiry.options, row["candidate_id"]
    own = table[(table["site_id"] == site) & (table["mode"] != "keep")]
    place = asked.candidates.loc[[site]]
    allowed = tuple(place["kinds"].iloc[0]) or ("day_care",)
    most, first = float(place["floor_area_m2"].iloc[0]), place["year_from"].iloc[0]
    offered = own if "kind" not in row else own[own["kind"] == row["kind"]]
    kind = str(row.get("kind") or (offered["kind"].iloc[0] if len(offered) else place["kind"].iloc[0]))
    area = float(row.get("floor_area_m2", most))
    years = offered["year"] if len(offered) else own["year"]
    year = int(row.get("year", years.min() if len(years) else 0))
    same = own[(own["kind"] == kind) & (own["floor_area_m2"].sub(area).abs() < 0.005) & own["year"].eq(year)]  # noqa: PLR2004 - half a hundredth
    name = (str(place["name"].iloc[0]),)
    wrong = []
    if kind not in allowed:
        wrong.append(Culprit("plan_kind", (*name, kind), 1, 0))
    mode = str(place["mode"].iloc[0]) if pd.notna(place["mode"].iloc[0]) else "new"
    if row.get("mode", mode) != mode:
        wrong.append(Culprit("plan_mode", (*name, str(row["mode"])), 1, 0))
    if not 0 < area <= most:
        wrong.append(Culprit("plan_area", name, area, most))
    if year and not pd.isna(first) and year < int(first):
        wrong.append(Culprit("plan_year", (*name, f"{year} < {int(first)}"), year, int(first)))
    if len(same):
        return same.iloc[:1], wrong
    return _priced(asked, siting, place, kind=kind, area=max(area, 0.01), year=year), wrong


def _priced(
    asked: Asked, siting: Siting, place: gpd.GeoDataFrame, *, kind: str, area: float, year: int
) -> pd.DataFrame:
    """Return a decision that the project does not offer, at the price the project would put on it."""
    most = max(float(place["floor_area_m2"].iloc[0]), 0.01)
    larger = max(area / most, 1.0)
    as_asked = place.assign(
        kind=kind, kinds=[(kind,)], floor_area_m2=max(area, most), cost_wan=place["cost_wan"] * larger, year_from=pd.NA
    )
    keys = {"modules_m2": (area,), "kinds": (kind,), "modes": (), "budget_by_year_wan": {year: 0.0} if year else {}}
    choices = layout_options(siting.model_copy(update=keys), as_asked, asked.candidates.iloc[:0])
    return choices[choices["floor_area_m2"].sub(area).abs() < 0.005].iloc[:1]  # noqa: PLR2004 - half a hundredth


def _comparison(found: Recount, plan: Plan | None) -> pd.DataFrame:
    """Return the figures of the edited plan beside those of the proven one."""
    figures = ("elders_covered", "cost_yuan", "floor_area_m2", "sites", "rules_missed", "shared")
    mine: list[object] = [found.elders_covered, found.cost_yuan, found.floor_area_m2, len(found.sites)]
    mine += [
        int((~found.tally["kept"]).sum()),
        None if plan is None else len(set(found.sites.index) & set(plan.sites.index)),
    ]
    theirs: list[object] = [None] * len(figures)
    if plan is not None:
        missed = int((~plan.tally["kept"]).sum()) if len(plan.tally) else 0
        theirs = [plan.elders_covered, plan.cost_yuan, plan.floor_area_m2, len(plan.sites), missed, len(plan.sites)]
    return pd.DataFrame({"edited": mine, "proven": theirs}, index=pd.Index(figures, name="figure"), dtype=object)
