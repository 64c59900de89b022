"""The province's money: shared over its counties by what each makes of it, and each county's part of the plan."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.province.county import guarded
from circle15.province.parts import read_part
from circle15.province.project import PROVINCE_FILE, Province
from circle15.province.shown_counties import AFTER, COVERED, OWN_AFTER
from circle15.province.store import digest, write_text
from circle15.sites import buildable
from circle15.siting import YUAN_PER_WAN, yuan
from gis.errors import Finding
from gis.tables import CANDIDATES
from optimise.allotment import Shares
from optimise.bound import Ceiling
from optimise.county_front import CountyFront, CountyPart, Offer, county_front
from optimise.province_plan import Each, ProvincePlan, Sum, province_plan

FRONTS, FRONT = "fronts", "front.json"
ONE_CITY = (
    "required",
    "max_sites",
    "max_total_floor_area_m2",
    "min_floor_area_m2_per_10k_residents",
    "alternatives",
)
"""Keys of `[siting]` that speak of one city's plan."""
TABLES = ("demand", "pairs", "candidates")
Spread = Callable[[Callable[..., str], Mapping[str, Sequence[str]]], Iterator[tuple[str, str]]]
"""Does a task for each name with its texts and yields name and answer; raises where one fails."""


@dataclass(frozen=True, eq=False)
class Money:
    """The plan of the province, and what `[siting]` says in each county's own project because of it."""

    plan: ProvincePlan
    siting: Mapping[str, Mapping[str, Any]]


def money_plan(province: Province, store: Path, results: Mapping[str, Path], spread: Spread) -> Money | None:
    """Share the province's money over the counties that are done; None where there is none, or nothing to build.

    `results`: the folder of each county's study. Each county is asked by whoever does the work (`spread`).
    """
    budget = yuan(province.province.budget_wan)
    if not budget:
        return None
    demand, pairs, candidates = question(province, store, results)
    if candidates.empty:
        return None
    plan = province_plan(
        demand, pairs, candidates, budget_yuan=budget, shares=shares_of(province, demand, results),
        each=_asked_elsewhere(store, spread), time_limit_s=province.siting.time_limit_s,
    )  # fmt: skip
    return Money(plan, {code: _own_part(plan, code) for code in results})


def with_the_whole(summaries: Mapping[str, Mapping[str, Any]], money: Money) -> dict[str, Mapping[str, Any]]:
    """Return the summaries with the elders whom the whole plan covers: a neighbour's new site serves across borders.

    Where nothing is built a county's own pages go on as today, and hide what they hide today.
    """
    after = money.plan.counties["elders_covered"]
    found: dict[str, Mapping[str, Any]] = {}
    for code, told in summaries.items():
        whole = int(after.get(code, told[COVERED]))
        if told[AFTER] is None:
            marks = told["hidden"]
            own = {AFTER: marks[COVERED]} if COVERED in marks else {}
            nothing = {"sites": 0, "cost_yuan": 0, "hidden": {**marks, **own}}
            found[code] = {**told, **nothing, OWN_AFTER: told[COVERED], AFTER: whole}
        else:
            found[code] = {**told, OWN_AFTER: told[AFTER], AFTER: whole}
    return found


def question(
    province: Province, store: Path, results: Mapping[str, Path]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return demand, pairs and candidates of the whole province, as its counties found them.

    A home is called by its county and its own identifier; a pair is there once, from the county of the home.
    """
    siting = province.siting
    able, homes, pairs = [], [], []
    for code, folder in sorted(results.items()):
        file = store / code / "candidates.parquet"
        if file.is_file():
            crs = json.loads((store / code / "county.json").read_text(encoding="utf-8"))["project"]["crs"]
            found = buildable(read_part(file, CANDIDATES, crs=crs, source="").frame)[0]
            least = found["kind"].map(siting.min_site_floor_area_m2).astype(float).fillna(0.0)
            found = found[(found["floor_area_m2"] >= least) & ~found.index.isin(siting.forbidden)]
            able.append(pd.DataFrame(found[["name", "cost_yuan"]]).assign(county_id=code))
        own = gpd.read_parquet(folder / "homes.parquet", columns=["elders", "state", "geometry"])
        told = pd.DataFrame({"elders": own["elders"], "covered": own["state"] == "covered", "county_id": code})
        homes.append(told.set_axis(_called(code, own.index)))
        near = pd.read_parquet(folder / "pairs.parquet", columns=["demand_id", "candidate_id"])
        home = _called(code, pd.Index(near["demand_id"]))
        pairs.append(near.assign(demand_id=home, candidate_id=near["candidate_id"].astype(str)))
    columns = ["name", "cost_yuan", "county_id"]
    candidates = pd.concat(able) if able else pd.DataFrame(columns=columns)
    every = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=["demand_id", "candidate_id"])
    demand = pd.concat(homes) if homes else pd.DataFrame(columns=["elders", "covered", "county_id"])
    return demand, every[every["candidate_id"].isin(candidates.index)].reset_index(drop=True), candidates


def shares_of(province: Province, demand: pd.DataFrame, results: Mapping[str, Path]) -> Shares:
    """Return how the money may be shared, in yuan and elders, among the counties that are done."""
    part = province.province
    elders = demand["elders"].groupby(demand["county_id"]).sum()
    covered = demand["elders"].where(demand["covered"], 0).groupby(demand["county_id"]).sum()
    floors = {}
    for code, share in part.least_share.items():
        if code in results:
            asked = Fraction(str(share)) * int(elders.get(code, 0)) - int(covered.get(code, 0))
            floors[code] = max(0, -(-asked.numerator // asked.denominator))
    return Shares(
        least_yuan={code: yuan(wan) for code, wan in part.least_wan.items() if code in results},
        most_yuan={code: yuan(wan) for code, wan in part.most_wan.items() if code in results},
        least_elders=floors,
    )


def front_task(folder: str, budgets: str, seconds: str) -> str:
    """Find what a county makes of some sums of money; returns what `guarded` returns."""

    def work() -> Mapping[str, Any]:
        kept = Path(folder) / FRONT
        asked = digest(budgets, seconds)
        if kept.is_file() and (told := json.loads(kept.read_text(encoding="utf-8")))["asked"] == asked:
            return dict(told)
        demand, pairs, candidates = (pd.read_parquet(Path(folder) / f"{name}.parquet") for name in TABLES)
        part = CountyPart(Path(folder).name, demand, pairs, candidates)
        found = {"asked": asked, **_told(county_front(part, json.loads(budgets), seconds=float(seconds)))}
        write_text(kept, json.dumps(found))
        return found

    return guarded(folder, work)


def _asked_elsewhere(store: Path, spread: Spread) -> Each:
    """Return what asks every county by whoever does the work: its part lies in the store, sums and front are texts."""

    def each(_: Callable[[Sum], CountyFront], asked: Sequence[Sum]) -> list[CountyFront]:
        given = {}
        for one in asked:
            folder = store / FRONTS / one.part.county_id
            folder.mkdir(parents=True, exist_ok=True)
            changed = False
            for name in TABLES:
                draft = folder / f".{name}.new"
                getattr(one.part, name).to_parquet(draft)
                place = folder / f"{name}.parquet"
                changed |= not place.is_file() or place.read_bytes() != draft.read_bytes()
                draft.replace(place)
            if changed:
                (folder / FRONT).unlink(missing_ok=True)
            given[one.part.county_id] = (str(folder), json.dumps(one.budgets_yuan), str(one.seconds))
        answers = {name: json.loads(text)["done"] for name, text in spread(front_task, given)}
        return [_front(one.part.county_id, answers[one.part.county_id]) for one in asked]

    return each


def _own_part(plan: ProvincePlan, code: str) -> Mapping[str, Any]:
    """Return what `[siting]` says in a county: exactly the sites that the province's plan has there."""
    own = plan.sites[plan.sites["county_id"] == code]
    if own.empty:
        return {"budget_wan": 0.0}
    wan = int(own["cost_yuan"].sum()) / YUAN_PER_WAN
    return {"budget_wan": wan, "required": [str(i) for i in own.index], "max_sites": len(own)}


def _told(front: CountyFront) -> dict[str, Any]:
    return {
        "reachable": front.reachable,
        "offers": [[o.cost_yuan, o.elders, o.own, list(o.sites)] for o in front.offers],
        "ceilings": [[str(line.at_nothing), str(line.per_yuan)] for line in front.ceilings],
    }


def _front(code: str, told: Mapping[str, Any]) -> CountyFront:
    offers = tuple(Offer(cost, elders, own, tuple(sites)) for cost, elders, own, sites in told["offers"])
    ceilings = tuple(Ceiling(Fraction(base), Fraction(price)) for base, price in told["ceilings"])
    return CountyFront(code, told["reachable"], offers, ceilings)


def _called(code: str, names: pd.Index) -> pd.Index:
    return pd.Index(f"{code}/" + names.astype(str), name="demand_id")


def money_faults(province: Province) -> list[Finding]:
    """Return what is said beside the province's money and does not go with it."""
    part, siting = province.province, province.siting
    if not part.budget_wan:
        given = [name for name in ("least_wan", "most_wan", "least_share") if getattr(part, name)]
        return [_fault(f"province.{name}", "province.budget_wan") for name in given]
    faults = [_fault("province.budgets_wan", "budget_wan | budgets_wan")] if part.budgets_wan else []
    faults += [
        _fault(f"province.least_wan.{code}", f"<= most_wan = {part.most_wan[code]:g}", f"{least:g}")
        for code, least in part.least_wan.items()
        if least > part.most_wan.get(code, least)
    ]
    kept = sum(map(yuan, part.least_wan.values()))
    if kept > yuan(part.budget_wan):
        faults.append(_fault("province.least_wan", f"<= budget_wan = {part.budget_wan:g}", f"{kept / YUAN_PER_WAN:g}"))
    faults += [_fault(f"siting.{name}", "[province] budget_wan") for name in ONE_CITY if getattr(siting, name)]
    if siting.is_layout or siting.objective != "cover_most":
        faults.append(_fault("siting", "objective, min_site_floor_area_m2, forbidden, time_limit_s"))
    return faults


def _fault(key: str, allowed: str, found: str = "") -> Finding:
    return Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:{key}", found, allowed=allowed)
