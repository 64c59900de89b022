"""Ways out of rules that collide, as lines to write into `[siting]` of the project file."""

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import geopandas as gpd

from circle15.layouts import exact, unit_ids
from circle15.siting import YUAN_PER_WAN, Siting
from optimise.plan import Change, Plan, Repair

SHARE = Fraction(1, 1_000_000)


def with_keys(plan: Plan, siting: Siting, communities: gpd.GeoDataFrame) -> Plan:
    """Return a plan whose ways out say what to write into the project file, a line a key, whole as it should be then.

    Money is in 10,000 yuan. Years, counties and units are called as the project file calls them.
    """
    ways = tuple(replace(each, keys=_keys(each, siting, communities)) for each in plan.repairs)
    return replace(plan, repairs=ways)


def _keys(repair: Repair, siting: Siting, communities: gpd.GeoDataFrame) -> tuple[str, ...]:
    said: dict[str, Any] = {}
    rules = [change for change in repair.changes if change.rule != "new_place"]
    for change in sorted(rules, key=lambda each: each.field == "county_budget_yuan"):
        said |= _key(change, siting, said, communities)
    if "soft" in said and siting.goals and "legal_shortfall" not in siting.goals:
        said["goals"] = ["legal_shortfall", *siting.goals]
    return tuple(f"{key} = {toml(value)}" for key, value in said.items())


def _key(change: Change, siting: Siting, said: Mapping[str, Any], communities: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the key that one change writes, and what it holds then."""
    field, value, at = change.field, change.value, change.at
    if field.endswith("_yuan"):
        return _money(change, siting, said, communities)
    if field == "soft":
        return {"soft": [*said.get("soft", siting.soft), value]}
    if field == "floor_area_m2_per_10k" and at == "city" and siting.min_floor_area_m2_per_10k_residents is not None:
        return {"min_floor_area_m2_per_10k_residents": value}
    if field in ("milestones", "coverage_floors"):
        parts = said.get(field) or [each.model_dump(exclude_defaults=True) for each in getattr(siting, field)]
        asks = ("count", "share", "year") if field == "milestones" else ("share",)
        new = {key: getattr(value, key) for key in asks if key in parts[at]}  # type: ignore[call-overload]
        return {field: [{**each, **new} if k == at else each for k, each in enumerate(parts)]}
    if isinstance(now := getattr(siting, field), Mapping):
        return {field: {**said.get(field, now), at: value}}
    return {field: value}


def _money(change: Change, siting: Siting, said: Mapping[str, Any], communities: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the key of an amount: in 10,000 yuan, by year, or as a county's share."""
    wan = change.value / YUAN_PER_WAN
    if change.field == "budget_by_year_yuan":
        return {"budget_wan": {**said.get("budget_wan", siting.budget_by_year_wan), change.at: wan}}
    if change.field == "county_budget_yuan":
        return {"county_shares": _shares(change, siting, said, communities)}
    return {"budget_wan" if change.field == "budget_yuan" else "max_running_wan": wan}


def _shares(change: Change, siting: Siting, said: Mapping[str, Any], communities: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the counties' shares of the budget as it will be, one of them just large enough."""
    ids = unit_ids(communities, "county")
    budget = Fraction(siting.budget_yuan)
    if (money := said.get("budget_wan")) is not None:
        years = money.values() if isinstance(money, Mapping) else [money]
        budget = YUAN_PER_WAN * sum(map(exact, years), Fraction(0))
    needed = -((-Fraction(change.value) / budget) // SHARE) * SHARE if budget else Fraction(0)
    now = said.get("county_shares", siting.county_shares)
    return {county: float(min(needed, Fraction(1))) if ids[county] == change.at else s for county, s in now.items()}


def toml(value: object) -> str:
    """Return a value as TOML on one line.

    >>> toml({"云溪县": 0.5}), toml([{"year": 2026, "kinds": ("day_care",)}]), toml(1234.0)
    ('{ "云溪县" = 0.5 }', '[{ year = 2026, kinds = ["day_care"] }]', '1234')
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_bare(str(key))} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple | frozenset):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Fraction):
        return f"{float(value):.6f}".rstrip("0").rstrip(".")
    return json.dumps(value, ensure_ascii=False)


def _bare(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else json.dumps(key, ensure_ascii=False)
