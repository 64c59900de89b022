"""A siting question: the tables in canonical order, the rules as limits, and who would be served from where."""

from dataclasses import dataclass

import pandas as pd

from optimise.cover import Cover, cover
from optimise.limit import Limit
from optimise.rules import SitingRules, limits


@dataclass(frozen=True, eq=False)
class Question:
    """One siting question, checked and in canonical order, so that the same question always has the same answer."""

    demand: pd.DataFrame
    pairs: pd.DataFrame
    candidates: pd.DataFrame
    rules: SitingRules
    cover: Cover
    limits: tuple[Limit, ...]


def ask(
    demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules, merge: bool = True
) -> Question:
    """Check the three tables of a siting question and put them in the order of their identifiers.

    Raises ValueError where an identifier is not unique, a count or amount is missing, negative or not whole, a pair
    names an unknown demand point or candidate, or a forbidden candidate is unknown (a typing mistake there would let
    the site be built).
    """
    _columns(demand, "demand", ("elders", "covered"), whole=("elders",))
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
    demand, candidates = demand.sort_index(), candidates.sort_index()
    who = cover(demand, pairs, candidates.index, merge=merge)
    return Question(demand, pairs, candidates, rules, who, limits(candidates, rules=rules, cover=who))


def _columns(
    table: pd.DataFrame,
    name: str,
    columns: tuple[str, ...],
    *,
    whole: tuple[str, ...] = (),
    numbers: tuple[str, ...] = (),
) -> None:
    if missing := [c for c in columns if c not in table]:
        raise ValueError(f"{name}: column {missing[0]} is missing")
    if name != "pairs" and not table.index.is_unique:
        raise ValueError(f"{name}: {table.index[table.index.duplicated()][0]} stands twice")
    if table[list(columns)].isna().to_numpy().any():
        raise ValueError(f"{name}: a value is missing")
    for column in (*whole, *numbers):
        values = table[column].astype(float)
        if not values.between(0, 2.0**53).all() or (column in whole and (values % 1 != 0).any()):
            raise ValueError(f"{name}: {column} must be {'whole and ' if column in whole else ''}zero or more")
