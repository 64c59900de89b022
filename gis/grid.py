"""A uniform grid over the streets: the nearest point of the nearest street to each place, quickly and exactly.

Each straight piece of a street is listed in the cells it passes through; a place looks at its own cell and at ring
after ring around it until no piece farther out can be nearer. Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gis.cores import on_all_cores

SAME_M = 1e-9
"""Two streets whose distance differs by less are equally near; the first of the network counts."""
LEAST_CELL_M = 25.0
PLACES_A_RUN = 2000
"""Fewer places than this are not worth a second core."""


class Grid(NamedTuple):
    """Pieces by cell: those of the cell in `row`, `column` are `piece[start[row * columns + column]]` and on.

    A piece is the vertex of `course_xy` it begins at; `edge_of` and `along_m` (from the begin of the edge) go with it.
    """

    low: np.ndarray
    cell_m: float
    rows: int
    columns: int
    start: np.ndarray
    piece: np.ndarray
    edge_of: np.ndarray
    along_m: np.ndarray


def make_grid(course_xy: np.ndarray, course_start: np.ndarray) -> Grid:
    """Return the grid over the courses of all edges, about two cells a piece."""
    low, high = course_xy.min(axis=0), course_xy.max(axis=0)
    width, height = high - low
    cell_m = max(LEAST_CELL_M, float(np.sqrt(width * height / (2 * len(course_xy)))))
    columns, rows = int(width / cell_m) + 1, int(height / cell_m) + 1
    edge_of = np.repeat(np.arange(len(course_start) - 1, dtype=np.int32), np.diff(course_start))
    step_m = np.append(np.hypot(*np.diff(course_xy, axis=0).T), 0.0)
    begin_m = np.concatenate([[0.0], np.cumsum(step_m)[:-1]])
    along_m = begin_m - np.repeat(begin_m[course_start[:-1]], np.diff(course_start))
    inner = np.ones(len(course_xy), dtype=np.bool_)
    inner[course_start[1:] - 1] = False  # the last vertex of an edge begins no piece
    start, piece = _list_pieces(course_xy, inner, low, cell_m, rows, columns)
    return Grid(low, cell_m, rows, columns, start, piece, edge_of, along_m)


@njit(cache=True, nogil=True)
def _list_pieces(
    course_xy: np.ndarray, inner: np.ndarray, low: np.ndarray, cell_m: float, rows: int, columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """Count the pieces of each cell, then list them."""
    start = np.zeros(rows * columns + 1, dtype=np.int64)
    piece = np.empty(0, dtype=np.int32)
    for turn in range(2):
        for k in range(len(inner)):
            if not inner[k]:
                continue
            ax, ay = (course_xy[k, 0] - low[0]) / cell_m, (course_xy[k, 1] - low[1]) / cell_m
            bx, by = (course_xy[k + 1, 0] - low[0]) / cell_m, (course_xy[k + 1, 1] - low[1]) / cell_m
            for row in range(int(min(ay, by)), int(max(ay, by)) + 1):
                # The part of the piece within this row, a hair wider than it is.
                if ay == by:
                    west, east = min(ax, bx), max(ax, bx)
                else:
                    one = ax + (bx - ax) * min(1.0, max(0.0, (row - ay) / (by - ay)))
                    other = ax + (bx - ax) * min(1.0, max(0.0, (row + 1 - ay) / (by - ay)))
                    west, east = min(one, other), max(one, other)
                for column in range(max(0, int(west - 1e-6)), min(columns - 1, int(east + 1e-6)) + 1):
                    cell = row * columns + column
                    if turn == 0:
                        start[cell + 1] += 1
                    else:
                        piece[start[cell]] = k
                        start[cell] += 1
        if turn == 0:
            for cell in range(rows * columns):
                start[cell + 1] += start[cell]
            piece = np.empty(start[-1], dtype=np.int32)
    for cell in range(rows * columns, 0, -1):  # assigned as slices it would take the compiler a second longer
        start[cell] = start[cell - 1]
    start[0] = 0
    return start, piece


def nearest_pieces(
    grid: Grid, course_xy: np.ndarray, xy: np.ndarray, max_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each place the nearest edge within `max_m` (-1: none), the offset along it and the distance."""
    cell = np.clip(np.nan_to_num(np.floor((xy - grid.low) / grid.cell_m)), -1, (grid.columns, grid.rows))
    column, row = cell.T
    order = np.argsort(row * grid.columns + column)  # what one place looks at the next one finds in the cache
    found = on_all_cores(
        lambda *run: _nearest(grid, course_xy, xy[order[slice(*run)]], max_m), len(xy), least=PLACES_A_RUN
    )
    edge, offset, distance = (np.empty_like(column) for column in found)
    edge[order], offset[order], distance[order] = found
    return edge, offset, distance


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest(
    grid: Grid, course_xy: np.ndarray, xy: np.ndarray, max_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Do it for a run of places."""
    low, cell_m, rows, columns = grid.low, grid.cell_m, grid.rows, grid.columns
    start, piece, edge_of, along_m = grid.start, grid.piece, grid.edge_of, grid.along_m
    edge = np.full(len(xy), -1, dtype=np.int64)
    offset = np.full(len(xy), np.nan)
    distance = np.full(len(xy), np.nan)
    for place in range(len(xy)):
        px, py = xy[place, 0], xy[place, 1]
        if not (np.isfinite(px) and np.isfinite(py)):
            continue
        gx, gy = (px - low[0]) / cell_m, (py - low[1]) / cell_m
        column, row = int(np.floor(gx)), int(np.floor(gy))
        # A ring of r cells holds all that is within r cells and the way to the nearest wall of the place's own cell.
        inside = min(gx - column, column + 1 - gx, gy - row, row + 1 - gy) * cell_m
        best, best_edge, best_along = np.inf, np.int64(-1), 0.0
        worth = _squared(max_m)  # what is farther away than this, squared, is not looked at closely
        farthest = max(abs(column), abs(column - columns), abs(row), abs(row - rows)) + 1
        for ring in range(farthest + 1):
            if (ring - 1) * cell_m + inside > min(best, max_m) and ring > 0:
                break
            for r in range(max(0, row - ring), min(rows - 1, row + ring) + 1):
                whole_row = r in (row - ring, row + ring)
                step = 1 if whole_row or ring == 0 else 2 * ring
                up = max(0.0, r - gy, gy - r - 1) * cell_m
                for c in range(column - ring, column + ring + 1, step):
                    aside = max(0.0, c - gx, gx - c - 1) * cell_m
                    if c < 0 or c >= columns or up * up + aside * aside > worth:
                        continue
                    for i in range(start[r * columns + c], start[r * columns + c + 1]):
                        k = piece[i]
                        qx, qy = px - course_xy[k, 0], py - course_xy[k, 1]
                        dx, dy = course_xy[k + 1, 0] - course_xy[k, 0], course_xy[k + 1, 1] - course_xy[k, 1]
                        square = dx * dx + dy * dy
                        t = 0.0
                        if square > 0:
                            t = min(1.0, max(0.0, (qx * dx + qy * dy) / square))
                        ex, ey = qx - t * dx, qy - t * dy
                        if ex * ex + ey * ey > worth:
                            continue
                        away = np.hypot(ex, ey)
                        if away < best - SAME_M or (away <= best + SAME_M and edge_of[k] < best_edge):
                            best, best_edge = min(best, away), np.int64(edge_of[k])
                            best_along = along_m[k] + t * np.sqrt(square)
                            worth = _squared(min(best, max_m))
        if best <= max_m:
            edge[place], offset[place], distance[place] = best_edge, best_along, best
    return edge, offset, distance


@njit(cache=True, nogil=True)
def _squared(metres: float) -> float:
    """Return a square that is surely above that of all distances that count as the same."""
    return float((metres + 2 * SAME_M) ** 2 * (1 + SAME_M) + SAME_M)
