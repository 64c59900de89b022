"""Who is served from where at which distance: what the classical location models start from and give back."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.words import Language, say
from optimise.judge import Trouble
from optimise.plan import PlanStatus

Figures = NDArray[np.float64]
Places = NDArray[np.int64]
NEAR = 1e-9


@dataclass(frozen=True)
class Allocation:
    """Sites chosen and who is served from which, recomputed from the list of sites; how good that provably is.

    `sites` is indexed by `candidate_id` with `name` and `elders` served there; `served` has a row a home and site with
    `demand_id`, `candidate_id`, `elders` and the distance or cost of the pair. `value` is what the model makes small,
    `bound` the least that any choice can come to, `gap` = (value - bound) / value. `out_of_reach` are homes with elders
    that no candidate serves: the status is then INFEASIBLE.
    """

    status: PlanStatus
    sites: pd.DataFrame
    served: pd.DataFrame
    value: float | None
    bound: float | None
    gap: float | None
    solver: str
    out_of_reach: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Distances:
    """The pairs within reach, home by home, nearest site first (then by identifier); only homes with elders.

    The pairs of home i stand from `starts[i]` to `starts[i + 1]`; `near` is their site, `far` how far it is.
    """

    homes: pd.Index
    elders: Places
    starts: Places
    near: Places
    far: Figures
    candidates: pd.DataFrame
    required: Places
    out_of_reach: tuple[str, ...]
    by: str

    @property
    def home(self) -> Places:
        """Return the home of each pair."""
        return np.repeat(np.arange(len(self.homes)), np.diff(self.starts))

    @property
    def whole(self) -> bool:
        """Return whether every distance is a whole number, and with it every sum over elders."""
        return bool((self.far % 1 == 0).all())


def distances(
    demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, by: str, required: Iterable[str] = ()
) -> Distances:
    """Put the tables of a location model in canonical order; a pair given twice counts once, at its nearest.

    Raises ValueError where an identifier is not unique or unknown, or a figure is missing, negative or not whole.
    """
    for name, table in (("demand", demand), ("candidates", candidates)):
        if not table.index.is_unique:
            raise ValueError(f"{name}: {table.index[table.index.duplicated()][0]} stands twice")
    elders, far = demand["elders"].to_numpy(dtype=float), pairs[by].to_numpy(dtype=float)
    if not ((elders >= 0) & (elders % 1 == 0)).all():
        raise ValueError("demand: elders must be whole and zero or more")
    if not ((far >= 0) & np.isfinite(far)).all():
        raise ValueError(f"pairs: {by} must be zero or more")
    if not (at_home := pairs["demand_id"].isin(demand.index)).all():
        raise ValueError(f"pairs: unknown demand_id {pairs['demand_id'][~at_home].iloc[0]}")
    demand, candidates = demand[elders > 0].sort_index(), candidates.sort_index()
    wanted = candidates.index.get_indexer(pd.Index(list(dict.fromkeys(required)), dtype=object))
    if (wanted < 0).any():
        raise ValueError("required: no such candidate")
    known = pairs["demand_id"].isin(demand.index).to_numpy()  # homes without elders ask for nothing
    place = candidates.index.get_indexer(pd.Index(pairs["candidate_id"]))
    if (place < 0).any():
        raise ValueError(f"pairs: unknown candidate_id {pairs['candidate_id'].iloc[int(np.argmax(place < 0))]}")
    home = demand.index.get_indexer(pd.Index(pairs["demand_id"]))[known]
    place, far = place[known], far[known]
    order = np.lexsort((far, place, home))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(home[order]) != 0) | (np.diff(place[order]) != 0)
    order = order[first]
    order = order[np.lexsort((place[order], far[order], home[order]))]
    counts = np.bincount(home[order], minlength=len(demand))
    return Distances(
        homes=demand.index,
        elders=demand["elders"].to_numpy(dtype=np.int64),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        near=place[order].astype(np.int64),
        far=far[order],
        candidates=candidates,
        required=np.sort(wanted).astype(np.int64),
        out_of_reach=tuple(map(str, demand.index[counts == 0])),
        by=by,
    )


def nearest(given: Distances, sites: Iterable[int]) -> Places | None:
    """Return for each home the place, among all pairs, of its nearest open site; None where a home has none."""
    open_ = np.zeros(len(given.candidates), dtype=bool)
    open_[list(sites)] = True
    usable = np.flatnonzero(open_[given.near])
    homes, first = np.unique(given.home[usable], return_index=True)
    return usable[first] if len(homes) == len(given.homes) else None


def allocated(
    given: Distances,
    rows: Places,
    people: Places,
    sites: Iterable[int],
    *,
    value: float,
    bound: float | None,
    solver: str,
    notes: tuple[str, ...],
) -> Allocation:
    """Write down who is served where; OPTIMAL only where the bound proves the value."""
    chosen = np.sort(np.array(list(sites), dtype=np.int64))
    served = pd.DataFrame(
        {
            "demand_id": given.homes.to_numpy()[given.home[rows]],
            "candidate_id": given.candidates.index.to_numpy()[given.near[rows]],
            "elders": people,
            given.by: given.far[rows],
        }
    )
    load = np.bincount(given.near[rows], weights=people, minlength=len(given.candidates)).astype(np.int64)
    table = given.candidates.iloc[chosen][["name"]].assign(elders=load[chosen])
    table.index.name = "candidate_id"
    gap = None if bound is None else max(value - bound, 0.0) / max(value, 1.0)
    if gap is not None and gap <= NEAR:
        bound, gap = value, 0.0
    status = PlanStatus.GREEDY if solver == "search" else PlanStatus.FEASIBLE
    status = PlanStatus.OPTIMAL if gap == 0 else status
    return Allocation(status, table, served, value, bound, gap, solver, notes=notes)


def nothing(
    given: Distances, status: PlanStatus, *, bound: float | None, solver: str, notes: tuple[str, ...]
) -> Allocation:
    """Return that there is no choice, or that none was found."""
    table = given.candidates.iloc[:0][["name"]].assign(elders=np.empty(0, dtype=np.int64))
    table.index.name = "candidate_id"
    served = pd.DataFrame({"demand_id": [], "candidate_id": [], "elders": np.empty(0, dtype=np.int64), given.by: []})
    return Allocation(status, table, served, None, bound, None, solver, given.out_of_reach, notes)


def told(troubles: Iterable[Trouble], language: Language) -> tuple[str, ...]:
    """Say which solvers' work could not be used, each thing once."""
    return tuple(dict.fromkeys(trouble.told(language) for trouble in troubles))


def unagreed(language: Language) -> str:
    """Say that a recount does not bear a solver out."""
    return say("plan.note_recount", language)


def at_least(bound: float | None, *, whole: bool) -> float | None:
    """Round a bound up to the whole number it proves where the value can only be whole."""
    if bound is None or not whole:
        return bound
    return float(math.ceil(bound - 1e-6 - 1e-9 * abs(bound)))
