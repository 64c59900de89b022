"""A siting question: the tables in canonical order, the rules as limits, and who would be served from where."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimise.cover import Cover, cover
from optimise.layout_limits import Ground, limits
from optimise.layout_rules import LayoutRules
from optimise.limit import Limit
from optimise.options import canonical, one_each
from optimise.rules import SitingRules

COMMUNITY: dict[str, Any] = {
    "name": "",
    "residents": 0,
    "street_id": "",
    "county_id": "",
    "floor_area_m2": 0.0,
    "land_m2": 0.0,
}


@dataclass(frozen=True, eq=False)
class Question:
    """One siting question, checked and in canonical order, so that the same question always has the same answer."""

    ground: Ground
    rules: LayoutRules
    cover: Cover
    limits: tuple[Limit, ...]

    @cached_property
    def bundle(self) -> NDArray[np.int64]:
        """The bundle of each option: the site, the kind and whether people walk to it."""
        table = self.ground.options
        return np.asarray(table.groupby(["site_id", "kind", "serves"], sort=False).ngroup(), dtype=np.int64)

    @property
    def options(self) -> pd.DataFrame:
        """The decisions to choose from."""
        return self.ground.options


def ask(
    demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules, merge: bool = True
) -> Question:
    """Check the three tables of a siting question and put them in the order of their identifiers.

    Raises ValueError where an identifier is not unique, a count or amount is missing, negative or not whole, a pair
    names an unknown demand point or candidate, or a forbidden candidate is unknown (a typing mistake there would let
    the site be built).
    """
    _columns(pairs, "pairs", ("demand_id", "candidate_id"))
    _columns(
        candidates,
        "candidates",
        ("name", "kind", "floor_area_m2", "cost_yuan"),
        whole=("cost_yuan",),
        numbers=("floor_area_m2",),
    )
    if unknown := [i for i in rules.forbidden if i not in candidates.index]:
        raise ValueError(f"forbidden: no candidate {unknown[0]}")
    whole = pd.DataFrame(
        {**COMMUNITY, "residents": rules.residents, "floor_area_m2": rules.existing_floor_area_m2}, index=[""]
    )
    ground = Ground(
        demand, pairs, one_each(candidates), whole, _no("community_id", "site_id"), _no("site_id", "other_id")
    )
    return _ask(ground, rules.layout(), site_key="candidate_id", merge=merge)


def ask_layout(
    options: pd.DataFrame,
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    rules: LayoutRules,
    communities: pd.DataFrame | None = None,
    serves: pd.DataFrame | None = None,
    near: pd.DataFrame | None = None,
    apart: bool = False,
    places: bool = False,
) -> Question:
    """Check the tables of a layout question (see `optimise.layout.layout`) and put them in canonical order.

    `apart`: a goal tells communities apart; `places`: a goal counts places, those of existing facilities among them.

    Raises ValueError where tables do not fit together, a rule names an unknown site, or a table that a rule needs is
    not given.
    """
    _columns(pairs, "pairs", ("demand_id", "site_id", *(("minutes",) if rules.decay else ())))
    options = canonical(options)
    sites = set(options["site_id"])
    for name in ("required", "forbidden", "begun"):
        if unknown := [i for i in getattr(rules, name) if i not in sites and name == "forbidden"]:
            raise ValueError(f"{name}: no site {unknown[0]}")
    if communities is None:
        if wanting := _needs_communities(rules):
            raise ValueError(f"{wanting}: needs the table of communities")
        communities = pd.DataFrame(COMMUNITY, index=[""])
    communities = _communities(communities)
    serves, near = (
        _no(*names) if table is None else table
        for table, names in ((serves, ("community_id", "site_id")), (near, ("site_id", "other_id")))
    )
    for table, name, column, known in (
        (serves, "serves", "community_id", set(communities.index)),
        (serves, "serves", "site_id", sites),
        (near, "near", "site_id", sites),
        (near, "near", "other_id", sites),
    ):
        _columns(table, name, (column,))
        if unknown := sorted(set(table[column]) - known):
            raise ValueError(f"{name}: unknown {column} {unknown[0]}")
    ground = Ground(demand, pairs, options, communities, serves, near)
    places = places or rules.min_placed is not None
    apart = apart or places or bool(rules.coverage_floors)
    return _ask(ground, rules, site_key="site_id", by_unit=apart, places=places)


def _ask(
    ground: Ground,
    rules: LayoutRules,
    *,
    site_key: str,
    by_unit: bool = False,
    places: bool = False,
    merge: bool = True,
) -> Question:
    _columns(ground.demand, "demand", ("elders", "covered"), whole=("elders",))
    if by_unit:
        _columns(ground.demand, "demand", ("community_id",))
    ground = replace(ground, demand=ground.demand.sort_index())
    options = ground.options
    sites = pd.Index(sorted(set(options["site_id"])))
    opens = np.where(options["serves"], sites.get_indexer(pd.Index(options["site_id"])), -1).astype(np.int64)
    demand, pairs = ground.demand, ground.pairs
    if rules.keep_existing and not places:
        farthest = rules.decay[-1][0] if rules.decay else np.inf
        demand = _with_kept(demand, pairs, options, site_key, farthest)
    who = cover(
        demand,
        pairs,
        sites,
        opens=opens,
        capacity=options["capacity"].to_numpy(),
        by_unit="community_id" if by_unit else None,
        decay=rules.decay,
        site_key=site_key,
        merge=merge,
    )
    return Question(ground, rules, who, limits(ground, rules=rules, cover=who))


def _with_kept(
    demand: pd.DataFrame, pairs: pd.DataFrame, options: pd.DataFrame, site_key: str, farthest: float
) -> pd.DataFrame:
    """Count people in reach of a facility that no plan closes as covered, by the nearest of them."""
    serving = options.groupby("site_id")["serves"].all()
    kept = set(options["site_id"][options["existing"]]) & set(serving.index[serving])
    here = pairs[pairs[site_key].isin(kept)]
    if "minutes" in here:
        here = here[here["minutes"] <= farthest]
    if not len(here):
        return demand
    covered = demand["covered"] | demand.index.isin(here["demand_id"])
    if "minutes" not in here:
        return demand.assign(covered=covered)
    now = demand["minutes"] if "minutes" in demand else pd.Series(0.0, index=demand.index)
    now = now.where(demand["covered"], np.inf)
    nearest = here.groupby("demand_id")["minutes"].min().reindex(demand.index).fillna(np.inf)
    return demand.assign(covered=covered, minutes=np.minimum(now, nearest))


def _needs_communities(rules: LayoutRules) -> str:
    """Return a rule that speaks of communities, streets or counties, or nothing."""
    asks = {
        "floor_area_per_10k": rules.floor_area_m2_per_10k,
        "land_per_person": rules.land_m2_per_person,
        "street_centre": rules.street_centre,
        "community_served": rules.community_served,
        "coverage_floor": rules.coverage_floors,
        "milestone": [m for m in rules.milestones if m.share is not None],
    }
    return next((name for name, asked in asks.items() if asked), "")


def _communities(table: pd.DataFrame) -> pd.DataFrame:
    if not table.index.is_unique:
        raise ValueError(f"communities: {table.index[table.index.duplicated()][0]} stands twice")
    full = table.assign(**{column: otherwise for column, otherwise in COMMUNITY.items() if column not in table})
    texts = full.assign(**{c: full[c].where(full[c].notna(), "") for c, v in COMMUNITY.items() if isinstance(v, str)})
    _columns(texts, "communities", tuple(COMMUNITY), whole=("residents",), numbers=("floor_area_m2", "land_m2"))
    return texts.sort_index()


def _no(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


def _columns(
    table: pd.DataFrame,
    name: str,
    columns: Iterable[str],
    *,
    whole: tuple[str, ...] = (),
    numbers: tuple[str, ...] = (),
) -> None:
    if missing := [c for c in columns if c not in table]:
        raise ValueError(f"{name}: column {missing[0]} is missing")
    if name not in ("pairs", "serves", "near") and not table.index.is_unique:
        raise ValueError(f"{name}: {table.index[table.index.duplicated()][0]} stands twice")
    if table[list(columns)].isna().to_numpy().any():
        raise ValueError(f"{name}: a value is missing")
    for column in (*whole, *numbers):
        values = table[column].astype(float)
        if not values.between(0, 2.0**53).all() or (column in whole and (values % 1 != 0).any()):
            raise ValueError(f"{name}: {column} must be {'whole and ' if column in whole else ''}zero or more")
