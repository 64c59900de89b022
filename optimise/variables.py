"""The variables of a siting model and what ties them: options, bundles of options, links that options open."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pulp

from optimise.cover import Cover
from optimise.limit import Whole

Expression: TypeAlias = pulp.LpAffineExpression


@dataclass(frozen=True, eq=False)
class Bundles:
    """Options that most rules do not tell apart, such as all sizes and years of one kind at one site.

    `of` is the bundle of each option; `size` counts the options of each; `whole` is the sum of the decisions of a
    bundle of several, b = sum x_j, so that a rule names the bundle and not each of them.
    """

    of: Whole
    size: Whole
    whole: dict[int, pulp.LpVariable]


def options_of(problem: pulp.LpProblem, cover: Cover, open_: Sequence[bool] | None) -> list[pulp.LpVariable]:
    """Name the decisions by their place: names of candidates may collide once a solver has cleaned them."""
    allowed = [True] * cover.options if open_ is None else open_
    return [problem.add_variable(f"x{j:07d}", 0, int(may), pulp.LpInteger) for j, may in enumerate(allowed)]


def bundles_of(problem: pulp.LpProblem, build: list[pulp.LpVariable], bundle: Whole | None) -> Bundles:
    """Name the sum of each bundle of several options."""
    of = np.arange(len(build), dtype=np.int64) if bundle is None else bundle
    size = np.bincount(of, minlength=1).astype(np.int64)
    members: dict[int, list[pulp.LpVariable]] = {}
    for x, place in zip(build, of.tolist(), strict=True):
        if size[place] > 1 and x.upBound:
            members.setdefault(place, []).append(x)
    whole = {}
    for place, own in members.items():
        # whole, though it is so of itself: left continuous, HiGHS 1.15.1 "proves" -7.89 where -9 can be had
        whole[place] = problem.add_variable(f"b{place:07d}", 0, 1, pulp.LpInteger)
        problem += Expression([(whole[place], -1), *((x, 1) for x in own)]) == 0
    return Bundles(of, size, whole)


def weighed(
    build: list[pulp.LpVariable], bundles: Bundles, columns: Whole, weights: Whole
) -> list[tuple[pulp.LpVariable, int]]:
    """Return options with their weights; a bundle stands for its options where all of them weigh the same."""
    if not bundles.whole or not len(columns):
        return [(build[j], w) for j, w in zip(columns.tolist(), weights.tolist(), strict=True)]
    of = bundles.of[columns]
    first = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
    length = np.diff(np.append(first, len(columns)))
    same = np.minimum.reduceat(weights, first) == np.maximum.reduceat(weights, first)
    together = same & (length > 1) & (length == bundles.size[of[first]])
    gathered = zip(of[first[together]].tolist(), weights[first[together]].tolist(), strict=True)
    terms = [(bundles.whole[place], w) for place, w in gathered if place in bundles.whole]
    apart = ~np.repeat(together, length)
    return terms + [(build[j], w) for j, w in zip(columns[apart].tolist(), weights[apart].tolist(), strict=True)]


def links_of(
    problem: pulp.LpProblem, cover: Cover, build: list[pulp.LpVariable], bundles: Bundles
) -> list[pulp.LpVariable | None]:
    """Return for each link the option that opens it, or a variable where several may, or None where none can."""
    opens = np.where([bool(x.upBound) for x in build], cover.opens, -1) if build else cover.opens
    order = np.argsort(opens, kind="stable")
    ends = np.searchsorted(opens[order], np.arange(len(cover.links) + 1))
    links: list[pulp.LpVariable | None] = []
    for k in range(len(cover.links)):
        openers = order[ends[k] : ends[k + 1]]
        if len(openers) > 1:
            z = problem.add_variable(f"z{k:07d}", 0, 1)
            problem += Expression([(z, 1), *((x, -1) for x, _ in _openers(build, bundles, openers))]) <= 0
            links.append(z)
        else:
            links.append(build[int(openers[0])] if len(openers) else None)
    return links


def followers(
    cover: Cover, links: list[pulp.LpVariable | None], bundles: Bundles
) -> list[tuple[pulp.LpVariable, Whole]]:
    """Return each link and bundle that is a variable of its own with the options it follows from."""
    found = [(b, np.flatnonzero(bundles.of == place).astype(np.int64)) for place, b in bundles.whole.items()]
    by_link = np.argsort(cover.opens, kind="stable").astype(np.int64)
    ends = np.searchsorted(cover.opens[by_link], np.arange(len(links) + 1))
    return found + [
        (z, by_link[ends[k] : ends[k + 1]]) for k, z in enumerate(links) if z is not None and ends[k + 1] - ends[k] > 1
    ]


def _openers(build: list[pulp.LpVariable], bundles: Bundles, openers: Whole) -> list[tuple[pulp.LpVariable, int]]:
    """Return what opens a link, by bundles where a whole one does."""
    closed = [] if not bundles.whole else [k for k in set(bundles.of[openers].tolist()) if k in bundles.whole]
    alone = openers[~np.isin(bundles.of[openers], closed)] if closed else openers
    return [*((bundles.whole[k], 1) for k in sorted(closed)), *((build[j], 1) for j in alone.tolist())]


def groups_near(cover: Cover) -> list[list[int]]:
    """Return the links within reach of each group."""
    indices, starts = cover.reach.indices.tolist(), cover.reach.indptr.tolist()
    return [indices[a:b] for a, b in pairwise(starts)]
