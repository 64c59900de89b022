"""A siting question as flat arrays of whole numbers: what the compiled search and the bound work on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, hstack, vstack

from optimise.cover import Cover
from optimise.limit import Limit, matrix

Whole = NDArray[np.int64]
Places = NDArray[np.int32]
FAR = np.int64(2**60)
"""A row without this side: no sum of weights comes near."""


class Board(NamedTuple):
    """Groups, links, options and rows of limits, each list end to end with its starts.

    A group is people with the same links (`value`: what they add to the goal), or a set of options that counts once in
    a limit (no value; its options open a link of their own for it). `opens` holds for each option its two links (-1:
    none), `profit` what it adds to the goal itself. A row is a limit: between `low` and `high` lies the sum of the
    weights of options built and of groups covered. `soft` rows may be missed. `slot`: of options with the same number
    one at most is built. `fixed`: 1 where an option must be built, -1 where it cannot be. `bundle` (-1: none) names
    options that weigh the same in some rows: those rows stand with the bundle, the others of an option under `own`.
    """

    group_start: Whole
    group_link: Places
    link_start: Whole
    link_group: Places
    value: Whole
    opens: Whole
    profit: Whole
    cost: Whole
    option_start: Whole
    option_row: Whole
    option_weight: Whole
    own_start: Whole
    own_row: Whole
    own_weight: Whole
    bundle: Whole
    bundle_start: Whole
    bundle_row: Whole
    bundle_weight: Whole
    people_start: Whole
    people_row: Whole
    people_weight: Whole
    low: Whole
    high: Whole
    soft: NDArray[np.bool_]
    slot: Whole
    fixed: Whole
    told: NDArray[np.bool_]
    """For each link, whether a limit counts groups of it."""
    of_groups: Whole
    """The limits that count groups."""
    rising: NDArray[np.bool_]
    """Whether all of them ask for more people, none for fewer, and none counts options beside (one number)."""


def board(
    cover: Cover, limits: Sequence[Limit], cost: Whole, *, goal: Limit | None = None, bundle: Whole | None = None
) -> Board:
    """Lay out a question; `goal` (None: what the people covered are worth) is made most, or least if it is `at most`.

    Limits that count neither options nor people one by one (places, shares) are left out: a bound without them holds,
    and a plan is held against them afterwards. `bundle` says which options many limits may not tell apart (any will
    do: what they share is found here).
    """
    rows = [limit for limit in limits if limit.counts in ("options", "elders", "worth")]
    options, links, people = cover.options, len(cover.links), len(cover.elders)
    every = [each for limit in rows for each in limit.either]
    own = np.full(options, -1, dtype=np.int64)
    members = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *every]))
    own[members] = links + np.arange(len(members))
    reach = _joined(cover.reach, every, own, links + len(members))
    by_link = csc_array(reach)

    value, profit = np.zeros(reach.shape[0], dtype=np.int64), np.zeros(options, dtype=np.int64)
    if goal is None or goal.of_people:
        value[:people] = cover.worth if goal is None else _counted(goal, cover)
    else:
        sign = 1 if goal.sense == "at least" else -1
        profit[goal.columns] = sign * goal.weights

    on_options = matrix(rows, options)
    on_people = _on_groups(rows, cover, reach.shape[0])
    told = np.zeros(reach.shape[1], dtype=bool)
    counted = np.diff(on_people.indptr) > 0
    if counted.any():
        told[reach[np.flatnonzero(counted)].indices] = True
    upper = np.array([limit.sense == "at most" for limit in rows], dtype=bool)
    of_groups = np.unique(on_people.indices).astype(np.int64)
    mixed = np.isin(of_groups, on_options.indices).any()
    most = np.array([limit.limit for limit in rows], dtype=np.int64)
    soft = np.array([limit.soft for limit in rows], dtype=bool)
    by_option = csc_array(on_options)
    bundle, alone, shared = _apart(on_options, np.arange(options) if bundle is None else bundle)
    hard = [limit for limit in rows if not limit.soft]
    return Board(
        group_start=reach.indptr.astype(np.int64),
        group_link=reach.indices.astype(np.int32, copy=False),
        link_start=by_link.indptr.astype(np.int64),
        link_group=by_link.indices.astype(np.int32, copy=False),
        value=value,
        opens=np.column_stack([cover.opens, own]).astype(np.int64),
        profit=profit,
        cost=np.asarray(cost, dtype=np.int64),
        option_start=by_option.indptr.astype(np.int64),
        option_row=by_option.indices.astype(np.int64),
        option_weight=by_option.data.astype(np.int64),
        own_start=alone.indptr.astype(np.int64),
        own_row=alone.indices.astype(np.int64),
        own_weight=alone.data.astype(np.int64),
        bundle=bundle,
        bundle_start=shared.indptr.astype(np.int64),
        bundle_row=shared.indices.astype(np.int64),
        bundle_weight=shared.data.astype(np.int64),
        people_start=on_people.indptr.astype(np.int64),
        people_row=on_people.indices.astype(np.int64),
        people_weight=on_people.data.astype(np.int64),
        low=np.where(upper, -FAR, most),
        high=np.where(upper, most, FAR),
        soft=soft,
        slot=_slots(hard, options),
        fixed=_fixed(hard, options),
        told=told,
        of_groups=of_groups,
        rising=np.array([not (mixed or upper[of_groups].any() or (on_people.data < 0).any())]),
    )


def _joined(reach: csr_array, every: list[Whole], own: Whole, links: int) -> csr_array:
    """Return who hangs on which link, with a group more for each set of options."""
    data = np.ones(reach.nnz, dtype=np.int8)
    people = csr_array((data, reach.indices, reach.indptr), shape=reach.shape)
    if not every:
        return people
    wide = csr_array(hstack([people, csr_array((reach.shape[0], links - reach.shape[1]), dtype=np.int8)]))
    columns = np.concatenate([np.sort(own[each]) for each in every])
    starts = np.cumsum([0, *map(len, every)])
    sets = csr_array((np.ones(len(columns), dtype=np.int8), columns, starts), shape=(len(every), links))
    return csr_array(vstack([wide, sets]))


def _counted(limit: Limit, cover: Cover) -> Whole:
    """Return what each group counts in a limit of people."""
    people = cover.elders if limit.counts == "elders" else cover.worth
    return people if limit.units is None else np.where(np.isin(cover.unit, limit.units), people, 0)


def _on_groups(rows: list[Limit], cover: Cover, groups: int) -> csr_array:
    """Return what each group counts in each limit: a row a group, a column a limit."""
    people = len(cover.elders)
    at, column, weight = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    sets = people
    for r, limit in enumerate(rows):
        if limit.of_people:
            counts = _counted(limit, cover)
            where = np.flatnonzero(counts)
            weights = counts[where]
        else:
            where = np.arange(sets, sets + len(limit.either))
            weights = np.ones(len(where), dtype=np.int64)
            sets += len(where)
        at.append(where)
        column.append(np.full(len(where), r))
        weight.append(weights)
    placed = (np.concatenate(at), np.concatenate(column))
    return csr_array((np.concatenate(weight), placed), shape=(groups, len(rows)))


def _apart(on_options: csr_array, bundle: Whole) -> tuple[Whole, csc_array, csc_array]:
    """Return bundles that share weights (-1: no such bundle), what options weigh by themselves, and what they share."""
    entries = on_options.tocoo()
    row, column = (np.asarray(each, dtype=np.int64) for each in entries.coords)
    size = np.bincount(bundle, minlength=1)
    key = row * len(size) + bundle[column]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    sorted_weights = entries.data[order]
    count = np.diff(np.append(first, len(order)))
    same = (count > 1) & (count == size[bundle[column[order][first]]]) if len(first) else np.zeros(0, dtype=bool)
    if same.any():
        same &= np.minimum.reduceat(sorted_weights, first) == np.maximum.reduceat(sorted_weights, first)
    known, place = np.unique(bundle[column[order][first[same]]], return_inverse=True)
    apart = order[~np.repeat(same, count)]
    rows = on_options.shape[0]
    own = csc_array((entries.data[apart], (row[apart], column[apart])), shape=on_options.shape)
    shared = csc_array((sorted_weights[first[same]], (row[order][first[same]], place)), shape=(rows, len(known)))
    number = np.full(len(size), -1, dtype=np.int64)
    number[known] = np.arange(len(known))
    return number[bundle], own, shared


def _slots(rows: list[Limit], options: int) -> Whole:
    """Give options of which one at most is built the same number, as far as such limits do not overlap."""
    slot = np.full(options, -1, dtype=np.int64)
    taken = 0
    for limit in rows:
        one = limit.counts == "options" and limit.sense == "at most" and limit.limit == 1 and not limit.either
        if one and len(limit.columns) > 1 and (limit.weights == 1).all() and (slot[limit.columns] < 0).all():
            slot[limit.columns] = taken
            taken += 1
    alone = slot < 0
    slot[alone] = taken + np.arange(int(alone.sum()))
    _, numbers = np.unique(slot, return_inverse=True)
    return numbers.astype(np.int64)


def _fixed(rows: list[Limit], options: int) -> Whole:
    """Return which options a single limit already settles: 1 must be built, -1 cannot be, 0 is open."""
    fixed = np.zeros(options, dtype=np.int64)
    for limit in rows:
        if limit.of_people or limit.either or (limit.weights < 0).any():
            continue
        if limit.sense == "at most":
            fixed[limit.columns[limit.weights > limit.limit]] = -1
        else:
            spare = int(limit.weights.sum()) - limit.limit
            needed = limit.columns[limit.weights > spare]
            fixed[needed[fixed[needed] == 0]] = 1
    return fixed
