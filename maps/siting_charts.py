"""The curves of a siting study as drawings: what each budget buys, and what is built and covered year by year."""

from collections.abc import Sequence
from html import escape
from math import floor, log10
from pathlib import Path

import pandas as pd

from gis.words import Language, say
from maps.outfile import beside
from maps.style import INK, PLANNED

WIDTH, HEIGHT = 760.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 70.0, 52.0, 62.0
FONT = "'Microsoft YaHei','Noto Sans CJK SC','PingFang SC','SimHei',sans-serif"
COVERED, BOUND, MONEY, GRID = "#0d6a64", "#8a6d00", "#a9b8c4", "#d8dde1"
WAN = 10_000
TICKS = 5


def front_chart(front: pd.DataFrame, *, language: Language = "zh", budget_yuan: int | None = None) -> str:
    """Return the budget-coverage front as SVG: elders covered by budget, the bound above it, the budget asked about.

    `front` as from `optimise.front.front` or `maps.shown_reach.shown_front`; budgets for which there is no plan, or
    whose figure is hidden, are left out of the line.
    """
    known = front[pd.to_numeric(front["elders_covered"], errors="coerce").notna()]  # hidden figures are not drawn
    if not len(known):
        return _page([], say("council.front", language))
    covered = [float(n) for n in known["elders_covered"]]
    same = (known["value"] == known["elders_covered"]).all()  # another goal has another scale: its bound stays away
    most = [float(b) if same and not pd.isna(b) else c for b, c in zip(known["bound"], covered, strict=True)]
    x = _Scale(0, max(known.index.max() / WAN, 1), LEFT, WIDTH - RIGHT)
    low = min(covered)
    y = _Scale(low, max(*most, low + 1), HEIGHT - BOTTOM, TOP)
    places = [x.at(budget / WAN) for budget in known.index]
    parts = [*_grid(y), *_foot(x, say("council.budget_wan", language))]
    parts += [_line(list(zip(places, map(y.at, most), strict=True)), BOUND, dashes="6 4")]
    parts += [_line(list(zip(places, map(y.at, covered), strict=True)), COVERED, width=2.4)]
    parts += [
        f'<circle cx="{a:.1f}" cy="{y.at(c):.1f}" r="4" fill="{COVERED}"/>'
        for a, c in zip(places, covered, strict=True)
    ]
    if budget_yuan is not None and 0 <= budget_yuan <= known.index.max():
        at = x.at(budget_yuan / WAN)
        parts.append(_line([(at, TOP), (at, HEIGHT - BOTTOM)], PLANNED, dashes="2 3"))
        parts.append(_text(at, TOP - 6, say("council.own_budget", language), "middle", PLANNED))
    legend = [(COVERED, "", say("council.covered", language)), (BOUND, "6 4", say("council.bound", language))]
    return _page([*parts, *_legend(legend)], say("council.front", language))


def phases_chart(by_year: pd.DataFrame, *, language: Language = "zh") -> str:
    """Return the phases as SVG: money by year as bars, elders covered at the end of each year as a line."""
    table = by_year[by_year.index > 0]
    covered = pd.to_numeric(table["elders_covered"], errors="coerce")  # hidden figures are not drawn
    title = say("council.phases", language)
    if not len(table):
        return _page([], title)
    money = _Scale(0, max(table["cost_yuan"].max() / WAN, 1), HEIGHT - BOTTOM, TOP)
    low = float(covered.min()) * 0.95 if covered.notna().any() else 0.0
    people = _Scale(low, max(float(covered.max()) if low else 1.0, low + 1), HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / len(table)
    middles = [LEFT + step * (k + 0.5) for k in range(len(table))]
    parts = [*_grid(money), *_right(people)]
    for at, (year, row) in zip(middles, table.iterrows(), strict=True):
        cost = float(row["cost_yuan"]) / WAN
        top = money.at(cost)
        half = min(step * 0.3, 40)
        height = HEIGHT - BOTTOM - top
        parts.append(
            f'<rect x="{at - half:.1f}" y="{top:.1f}" width="{2 * half:.1f}" height="{height:.1f}" fill="{MONEY}"/>'
        )
        parts.append(_text(at, top - 5, f"{cost:,.0f}", "middle"))
        parts.append(_text(at, HEIGHT - BOTTOM + 18, f"{year}", "middle"))
        parts.append(_text(at, HEIGHT - BOTTOM + 34, say("council.n_sites", language, n=int(row["sites"])), "middle"))
    line = [(at, people.at(float(n))) for at, n in zip(middles, covered, strict=True) if not pd.isna(n)]
    parts += [_line(line, COVERED, width=2.4)]
    parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{COVERED}"/>' for a, b in line]
    legend = [(MONEY, "", say("council.cost_wan", language)), (COVERED, "", say("council.covered_right", language))]
    return _page([*parts, *_legend(legend)], title)


def write_chart(svg: str, path: Path) -> None:
    """Write a drawing to `path` (.svg). Raises OutputError where it cannot be written."""
    with beside(path) as draft:
        draft.write_text(svg, encoding="utf-8", newline="\n")


class _Scale:
    """Where a figure lies on the drawing, from round figures to round figures."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.step = _round_step((high - low) / TICKS)
        self.low = floor(low / self.step) * self.step
        self.high = -floor(-high / self.step) * self.step
        self.start, self.end = start, end

    def at(self, figure: float) -> float:
        return self.start + (figure - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [self.low + k * self.step for k in range(round((self.high - self.low) / self.step) + 1)]


def _round_step(raw: float) -> float:
    """Return the next step of 1, 2 or 5 times a power of ten, one at least.

    >>> _round_step(37), _round_step(0.2), _round_step(120)
    (50.0, 1.0, 200.0)
    """
    if raw <= 1:
        return 1.0
    ten = 10.0 ** floor(log10(raw))
    return next(m * ten for m in (1, 2, 5, 10) if m * ten >= raw)


def _grid(y: _Scale) -> list[str]:
    parts = []
    for tick in y.ticks():
        at = y.at(tick)
        parts.append(_line([(LEFT, at), (WIDTH - RIGHT, at)], GRID, width=1))
        parts.append(_text(LEFT - 8, at + 4, f"{tick:,.0f}", "end"))
    return parts


def _right(y: _Scale) -> list[str]:
    return [_text(WIDTH - RIGHT + 8, y.at(tick) + 4, f"{tick:,.0f}", "start", COVERED) for tick in y.ticks()]


def _foot(x: _Scale, label: str) -> list[str]:
    base = HEIGHT - BOTTOM
    parts = [_line([(LEFT, base), (WIDTH - RIGHT, base)], INK, width=1)]
    parts += [_text(x.at(tick), base + 18, f"{tick:,.0f}", "middle") for tick in x.ticks()]
    return [*parts, _text((LEFT + WIDTH - RIGHT) / 2, base + 38, label, "middle")]


def _legend(items: Sequence[tuple[str, str, str]]) -> list[str]:
    parts = []
    at = LEFT
    for colour, dashes, words in items:
        parts.append(_line([(at, HEIGHT - 12), (at + 26, HEIGHT - 12)], colour, width=4, dashes=dashes))
        parts.append(_text(at + 32, HEIGHT - 8, words, "start"))
        at += 60 + 13 * len(words)
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, *, width: float = 1.6, dashes: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{broken}/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="12">{escape(words)}</text>'


def _page(parts: Sequence[str], title: str) -> str:
    head = f'<text x="{LEFT}" y="24" font-size="16" font-weight="700" fill="{INK}">{escape(title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" width="{WIDTH:.0f}" '
        f'height="{HEIGHT:.0f}" role="img" font-family="{FONT}"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{head}{''.join(parts)}</svg>\n"
    )
