"""Lines that were drawn, not surveyed as a network: ends are brought together, crossings cut, doubles dropped.

Interior vertices never move; an end moves by the tolerance at most. A gap wider than the tolerance stays and is told.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.gaps import Steps, feet

EXACT_M = 1e-6
"""Places nearer than this are one place: no drawing means a micrometre."""


@dataclass(frozen=True)
class Noded:
    """Runs of nodes: run `i` belongs to line `line[i]` and has the nodes `refs[start[i]:start[i+1]]` at `node_xy`.

    `near_misses`: x, y, gap (m) of ends that stop short of another line. Counts: `ends_joined` (moved), `crossings`
    (joined without a shared vertex), `doubles` (lines drawn twice, wholly or in part), `levels_meet` (places where
    lines of two levels both pass through).
    """

    line: np.ndarray
    start: np.ndarray
    refs: np.ndarray
    node_xy: np.ndarray
    near_misses: np.ndarray
    ends_joined: int
    crossings: int
    doubles: int
    levels_meet: int


class _Drawing(NamedTuple):
    """Vertices in drawing order: `line` (k), `vertex` (k) into `xy`; every line's `level` above the ground."""

    line: np.ndarray
    vertex: np.ndarray
    xy: np.ndarray
    level: np.ndarray


def node_lines(
    lines: np.ndarray, level: np.ndarray, *, tolerance_m: float, near_miss_m: float, join_crossings: bool
) -> Noded:
    """Return lines (metres) as runs of nodes; of lines drawn twice the first counts.

    An end within `tolerance_m` of another line is joined to it. With `join_crossings` lines of one level that cross or
    touch are joined; lines of two levels are joined only where one of them ends at a vertex of the other, or where a
    bridge or tunnel (level not 0) comes to its end on the other.

    >>> cross = shapely.linestrings([[(0, 0), (2, 2)], [(0, 2), (2, 0)]])
    >>> rules = {"tolerance_m": 0.5, "near_miss_m": 5, "join_crossings": True}
    >>> node_lines(cross, np.array([0, 0]), **rules).crossings, node_lines(cross, np.array([0, 1]), **rules).crossings
    (1, 0)
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    drawn = _meeting(line, xy, level)
    drawn, ends_joined = _ends_joined(drawn, max(tolerance_m, EXACT_M))
    crossings = 0
    if join_crossings:
        drawn, crossings = _crossings_joined(drawn)
    node, node_xy, levels_meet = _nodes(drawn)
    moves = np.append(True, (node[1:] != node[:-1]) | (drawn.line[1:] != drawn.line[:-1]))
    line, node = drawn.line[moves], node[moves]
    step = np.flatnonzero(line[1:] == line[:-1])
    pair = np.sort(np.column_stack([node[step], node[step + 1]]), axis=1)
    again = pd.DataFrame(pair).duplicated().to_numpy()
    doubles = len(np.unique(line[step[again]]))
    step = step[~again]
    first = np.append(True, (step[1:] != step[:-1] + 1)) if len(step) else np.zeros(0, dtype=bool)
    size = np.diff(np.append(np.flatnonzero(first), len(step)))  # steps a run
    start = np.concatenate([[0], np.cumsum(size + 1)]).astype(np.int64)
    begin = step[first]
    inside = np.arange(start[-1]) - np.repeat(start[:-1], size + 1)
    steps = Steps(node[step], node[step + 1], line[step], level)
    return Noded(
        line=line[begin],
        start=start,
        refs=node[np.repeat(begin, size + 1) + inside],
        node_xy=node_xy,
        near_misses=_near_misses(steps, node_xy, near_miss_m),
        ends_joined=ends_joined,
        crossings=crossings,
        doubles=doubles,
        levels_meet=levels_meet,
    )


def _meeting(line: np.ndarray, xy: np.ndarray, level: np.ndarray) -> _Drawing:
    """Return the drawing with one vertex for each place; vertices are numbered by their place, not by their order."""
    place, vertex = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    places = np.column_stack([place.real, place.imag])
    return _Drawing(line, _first_of_group(places, EXACT_M)[vertex], places, level)


def _first_of_group(xy: np.ndarray, distance_m: float) -> np.ndarray:
    """Return for each place the first of those that hang together by steps of at most a distance."""
    pairs = cKDTree(xy).query_pairs(distance_m, output_type="ndarray") if len(xy) else np.zeros((0, 2), dtype=int)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy),) * 2)
    _, label = connected_components(links.tocsr(), directed=False)
    _, first = np.unique(label, return_index=True)
    of_group: np.ndarray = first[label]
    return of_group


def _steps(drawn: _Drawing) -> tuple[np.ndarray, Steps]:
    """Return the steps between vertices that differ, and where in the drawing each begins."""
    at = np.flatnonzero((drawn.line[1:] == drawn.line[:-1]) & (drawn.vertex[1:] != drawn.vertex[:-1]))
    return at, Steps(drawn.vertex[at], drawn.vertex[at + 1], drawn.line[at], drawn.level)


def _line_ends(line: np.ndarray) -> np.ndarray:
    """Return which vertices of a drawing begin or end their line."""
    new = line[1:] != line[:-1]
    ends: np.ndarray = np.append(True, new) | np.append(new, True)
    return ends


def _ends_joined(drawn: _Drawing, tolerance_m: float) -> tuple[_Drawing, int]:
    """Bring loose ends together: with the loose ends around them, and onto the nearest line within the tolerance."""
    at, steps = _steps(drawn)
    loose = np.flatnonzero(np.bincount(np.concatenate([steps.a, steps.b]), minlength=len(drawn.xy)) == 1)
    goes = np.arange(len(drawn.xy))
    goes[loose] = loose[_first_of_group(drawn.xy[loose], tolerance_m)]
    step, foot_xy, group = feet(steps, drawn.xy, goes[loose], loose, tolerance_m)
    place, t = _on_step(steps, drawn.xy, step, foot_xy, len(drawn.xy))
    xy = np.concatenate([drawn.xy, foot_xy])
    target = np.arange(len(xy))
    target[group] = place
    goes = target[np.append(goes, np.arange(len(drawn.xy), len(xy)))]
    between = t > 0
    joined = _inserted(drawn, at[step[between]], t[between], place[between])
    moved = int((goes[: len(drawn.xy)] != np.arange(len(drawn.xy))).sum())
    return joined._replace(vertex=goes[joined.vertex], xy=xy), moved


def _on_step(
    steps: Steps, xy: np.ndarray, step: np.ndarray, foot_xy: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertex of each foot (an end of its step, or a new one from `count` up) and how far along it lies.

    A foot that is an end of its step has 0: nothing is to be inserted.
    """
    a, b = xy[steps.a[step]], xy[steps.b[step]]
    place = count + _first_of_group(foot_xy, EXACT_M)
    length = np.hypot(*(b - a).T)
    from_a, from_b = np.hypot(*(foot_xy - a).T), np.hypot(*(foot_xy - b).T)
    place = np.where(from_a <= EXACT_M, steps.a[step], np.where(from_b <= EXACT_M, steps.b[step], place))
    return place, np.where(place >= count, from_a / length, 0.0)


def _inserted(drawn: _Drawing, at: np.ndarray, t: np.ndarray, vertex: np.ndarray) -> _Drawing:
    """Return the drawing with vertices inserted behind the vertices `at`, a share `t` of the step farther."""
    where = np.concatenate([np.arange(len(drawn.line)), at])
    order = np.lexsort((np.concatenate([drawn.vertex, vertex]), np.concatenate([np.zeros(len(drawn.line)), t]), where))
    line, vertices = np.append(drawn.line, drawn.line[at]), np.append(drawn.vertex, vertex)
    return drawn._replace(line=line[order], vertex=vertices[order])


def _crossings_joined(drawn: _Drawing) -> tuple[_Drawing, int]:
    """Put a common vertex wherever lines of one level cross, touch or lie on each other."""
    at, steps = _steps(drawn)
    a, b = drawn.xy[steps.a], drawn.xy[steps.b]
    drawn_steps = shapely.linestrings(np.stack([a, b], axis=1))
    one, two = shapely.STRtree(drawn_steps).query(drawn_steps)
    level, line = drawn.level[steps.line], steps.line
    climbs = (line[one] == line[two]) & (level[one] != 0)  # a spiral ramp passes over itself
    kept = (one < two) & (level[one] == level[two]) & ~climbs
    one, two = one[kept], two[kept]

    # A vertex of one on the course of the other; with it goes the overlap of lines on each other.
    step, share, vertex = [], [], []
    touches = np.zeros(len(one), dtype=bool)
    for on, other in ((one, two), (two, one)):
        for ends in (steps.a, steps.b):
            corner = ends[other]
            touches |= (corner == steps.a[on]) | (corner == steps.b[on])
            t, away = _along(a[on], b[on], drawn.xy[corner])
            length = np.hypot(*(b[on] - a[on]).T)
            hit = (away <= EXACT_M) & (t * length > EXACT_M) & ((1 - t) * length > EXACT_M)
            touches |= hit
            step.append(on[hit])
            share.append(t[hit])
            vertex.append(corner[hit])

    # A true crossing: a new vertex for both, one vertex where three lines cross.
    p, r, q, s = a[one], b[one] - a[one], a[two], b[two] - a[two]
    cross = _cross(r, s)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, u = _cross(q - p, s) / cross, _cross(q - p, r) / cross
    true = ~touches & (t > 0) & (t < 1) & (u > 0) & (u < 1)
    new_xy = p[true] + t[true, None] * r[true]
    order = np.lexsort(new_xy.T[::-1])
    same = np.empty(len(order), dtype=np.int64)
    same[order] = order[_first_of_group(new_xy[order], EXACT_M)]
    new = len(drawn.xy) + same
    joined = _inserted(
        drawn._replace(xy=np.concatenate([drawn.xy, new_xy])),
        at[np.concatenate([*step, one[true], two[true]])],
        np.concatenate([*share, t[true], u[true]]),
        np.concatenate([*vertex, new, new]),
    )
    return joined, len(np.unique(np.concatenate([*vertex, new])))


def _cross(r: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the cross product of plane vectors."""
    product: np.ndarray = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    return product


def _along(a: np.ndarray, b: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far along a - b (0 to 1) the point nearest to p lies, and how far p is away from it."""
    along = b - a
    t = np.clip(((p - a) * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
    return t, np.hypot(*(p - a - t[:, None] * along).T)


def _nodes(drawn: _Drawing) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the node of each vertex: a place where a line ends is one for all levels, else one for each level."""
    ends = _line_ends(drawn.line)
    is_end = np.zeros(len(drawn.xy), dtype=bool)
    is_end[drawn.vertex[ends]] = True
    level = drawn.level[drawn.line]
    levels, rank = np.unique(level, return_inverse=True)
    floors = len(levels) + 1  # the last one is common to all
    key = drawn.vertex * floors + np.where(is_end[drawn.vertex], floors - 1, rank)
    keys, node = np.unique(key, return_inverse=True)
    passing = pd.DataFrame({"vertex": drawn.vertex, "level": level, "arms": np.where(ends, 1, 2)})
    arms = passing[is_end[drawn.vertex]].groupby(["vertex", "level"])["arms"].sum()
    through = (arms > 1).groupby(level="vertex").sum()
    return node, drawn.xy[keys // floors], int((through > 1).sum())


def _near_misses(steps: Steps, xy: np.ndarray, near_miss_m: float) -> np.ndarray:
    """Return x, y and gap of each loose end that stops short of a line; a gap between two loose ends is one."""
    loose = np.flatnonzero(np.bincount(np.concatenate([steps.a, steps.b]), minlength=len(xy)) == 1)
    _, foot_xy, end = feet(steps, xy, loose, loose, near_miss_m)
    gap_m = np.hypot(*(foot_xy - xy[end]).T)
    both = np.sort(np.column_stack([xy[end] @ [1, 1j], foot_xy @ [1, 1j]]), axis=1)
    _, once = np.unique(np.round(both, 6), axis=0, return_index=True)
    found = np.column_stack([xy[end], gap_m])[once]
    return found[np.lexsort(found.T[::-1])]
