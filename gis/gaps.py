"""Loose ends of lines and the line each of them all but touches."""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely

DETOUR = 4.0
"""Who can walk from an end to the other side of a gap within so many times the gap is not cut off by it."""


class Steps(NamedTuple):
    """Straight steps between the vertices `a` and `b` (k), the line of each (k) and every line's level."""

    a: np.ndarray
    b: np.ndarray
    line: np.ndarray
    level: np.ndarray


def feet(
    steps: Steps, xy: np.ndarray, group: np.ndarray, loose: np.ndarray, within_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for each group of loose ends that has one, the nearest step within a distance and the place on it.

    `loose` (k) are vertices where one step ends, `group` (k) the vertex each goes to. Returned: step, place (x, y),
    group. Steps that the group is on or reaches by a short walk are not counted; of steps equally near the one whose
    place comes first. An end on the ground meets lines of the ground, the lone end of a bridge or tunnel any line.
    """
    places = np.unique(group)
    lines = shapely.linestrings(np.stack([xy[steps.a], xy[steps.b]], axis=1))
    who, step = shapely.STRtree(lines).query(shapely.points(xy[places]), "dwithin", within_m)
    members, level_of = _members(steps, group, loose)
    levels = steps.level[steps.line]
    meets = np.fromiter(
        (_may_meet(level_of[places[w]], int(levels[s])) for w, s in zip(who, step, strict=True)), bool, len(who)
    )
    own = np.fromiter(
        (steps.a[s] in members[places[w]] or steps.b[s] in members[places[w]] for w, s in zip(who, step, strict=True)),
        bool,
        len(who),
    )
    who, step = who[meets & ~own], step[meets & ~own]
    linked = _linked(steps, xy, [members[v] for v in places[np.unique(who)]], DETOUR * within_m)
    near = dict(zip(np.unique(who).tolist(), linked, strict=True))
    apart = np.fromiter(
        (steps.a[s] not in near[w] and steps.b[s] not in near[w] for w, s in zip(who.tolist(), step, strict=True)),
        bool,
        len(who),
    )
    who, step = who[apart], step[apart]
    points = shapely.points(xy[places[who]])
    foot = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[step], shapely.line_locate_point(lines[step], points))
    )
    away = np.hypot(*(foot - xy[places[who]]).T)
    order = np.lexsort((foot[:, 1], foot[:, 0], np.round(away, 9), who))
    _, first = np.unique(who[order], return_index=True)
    best = order[first]
    return step[best], foot[best], places[who[best]]


def _members(steps: Steps, group: np.ndarray, loose: np.ndarray) -> tuple[dict[int, set[int]], dict[int, list[int]]]:
    """Return the loose ends of each group, and the levels of the lines that end there."""
    members: dict[int, set[int]] = defaultdict(set)
    levels: dict[int, list[int]] = defaultdict(list)
    of_vertex = np.zeros(max(loose, default=0) + 1, dtype=np.int64)
    for ends in (steps.a, steps.b):
        mine = np.isin(ends, loose)
        of_vertex[ends[mine]] = steps.level[steps.line[mine]]
    for vertex, to in zip(loose.tolist(), group.tolist(), strict=True):
        members[to].add(vertex)
        levels[to].append(int(of_vertex[vertex]))
    return members, levels


def _may_meet(levels: list[int], level: int) -> bool:
    """Return whether ends of these levels join a line of a level."""
    return level in levels or (len(levels) == 1 and levels[0] != 0)


def _linked(steps: Steps, xy: np.ndarray, starts: Iterable[set[int]], within_m: float) -> list[set[int]]:
    """Return the vertices within a walk along the steps of each set of vertices."""
    length = np.hypot(*(xy[steps.a] - xy[steps.b]).T)
    ends = np.concatenate([steps.a, steps.b])
    order = np.argsort(ends, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=len(xy)))])
    to, metres = np.concatenate([steps.b, steps.a])[order], np.concatenate([length, length])[order]
    found = []
    for start in starts:
        walk: dict[int, float] = {}
        queue = [(0.0, vertex) for vertex in sorted(start)]
        while queue:
            here_m, here = heapq.heappop(queue)
            if here in walk:
                continue
            walk[here] = here_m
            for k in range(begin[here], begin[here + 1]):
                if here_m + metres[k] <= within_m:
                    heapq.heappush(queue, (here_m + float(metres[k]), int(to[k])))
        found.append(set(walk))
    return found
