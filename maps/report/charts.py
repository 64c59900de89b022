"""The charts of a report, from the same records as its tables; they read in grey as they do in colour."""

from collections.abc import Callable, Mapping
from io import BytesIO
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from gis.words import say
from maps.atlas import Atlas
from maps.columns import share_cell
from maps.figures import exact, key_figures, people, people_share, units_of, verdict_counts
from maps.labels import cell
from maps.phases import phases, year_words
from maps.report.fonts import drawable, sans_path
from maps.shown_plan import shown_plan
from maps.status_style import STATUS_FILLS
from maps.style import INK, PLANNED
from policy.table import verdict_counts as counts_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

DPI = 200
TODAY, AFTER = "#9fb4c4", "#0b5d8f"
MOST_BARS = 40
_WIDTH, _BAR, _LEAST = 6.3, 0.34, 2.4
"""Inches."""
_LABEL = 16


def chart(name: str, atlas: Atlas) -> bytes | None:
    """Return a chart by its name as PNG, None where there is nothing to show. The same atlas gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - it loads slowly

    drawn = CHARTS[name](atlas)
    if drawn is None:
        return None
    file = BytesIO()
    FigureCanvasAgg(drawn)
    drawn.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()


def _figure(height: float) -> "tuple[Figure, Any]":
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    figure = Figure(figsize=(_WIDTH, max(height, _LEAST)), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _font(size: float = 8.5) -> "FontProperties":
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - as above

    return FontProperties(fname=sans_path(), size=size)


def _said(text: str) -> str:
    """Return text that matplotlib draws as it stands: no sign without a shape, no formula between dollars."""
    return drawable(text, sans_path()).replace("$", r"\$")


def _dress(axes: Any, *, across: str = "", up: str = "") -> None:
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_font())
    axes.set_xlabel(across, fontproperties=_font(9))
    axes.set_ylabel(up, fontproperties=_font(9))


def _legend(axes: Any, **more: Any) -> None:
    axes.legend(prop=_font(), frameon=False, **more)


def _coverage(atlas: Atlas) -> "Figure | None":
    found = key_figures(atlas)
    if found is None or not exact(found.elders):
        return None
    elders = float(exact(found.elders) or 1)
    figure, axes = _figure(2.6)
    whens = [("today", TODAY)] + ([("after", AFTER)] if found.reached[-1].after is not None else [])
    wide = 0.8 / len(whens)
    for place, (when, colour) in enumerate(whens):
        numbers = [getattr(row, when) for row in found.reached]
        at = [x + (place - (len(whens) - 1) / 2) * wide for x in range(len(numbers))]
        heights = [100 * float(exact(number) or 0) / elders for number in numbers]
        label = say(f"page.{when}", atlas.language)
        bars = axes.bar(at, heights, wide * 0.92, color=colour, edgecolor=INK, linewidth=0.6, label=label)
        texts = [people_share(number, found.elders) for number in numbers]
        axes.bar_label(bars, texts, padding=2, fontproperties=_font())
    walks = [_said(say("page.within", atlas.language, minutes=row.minutes)) for row in found.reached]
    axes.set_xticks(range(len(found.reached)), walks)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 20))
    _legend(axes, loc="upper left", ncols=2)
    _dress(axes, up=say("report.axis_share", atlas.language))
    return figure


def _streets(atlas: Atlas) -> "Figure | None":
    units, longest = units_of(atlas, "street"), max(atlas.minutes)
    column = f"elders_covered_{longest}"
    if column not in units or not len(units):
        return None
    true = units_of(atlas, "street", exact=True)  # the order is no count of people
    shares = (true[column] / true["elders"].where(true["elders"] > 0)).fillna(0)
    units = units.loc[shares.sort_values(kind="stable").index[:MOST_BARS][::-1]]
    figure, axes = _figure(0.9 + _BAR * len(units))
    places = range(len(units))
    whens = [("", "today", TODAY)] + ([("_after", "after", AFTER)] if f"{column}_after" in units else [])
    wide = 0.8 / len(whens)
    for place, (suffix, when, colour) in enumerate(whens):
        at = [y + ((len(whens) - 1) / 2 - place) * wide for y in places]
        numbers = units[f"{column}{suffix}"]
        # A share that may not be told is not drawn either: a bar can be read to a thousandth.
        wides = [float(100 * (share_cell(*both) or 0)) for both in zip(numbers, units["elders"], strict=True)]
        label = say(f"page.{when}", atlas.language)
        bars = axes.barh(at, wides, wide * 0.92, color=colour, edgecolor=INK, linewidth=0.5, label=label)
        texts = [people_share(part, whole) for part, whole in zip(numbers, units["elders"], strict=True)]
        axes.bar_label(bars, texts, padding=2, fontproperties=_font(7))
    axes.set_yticks(places, [_broken(cell(name)) for name in units["name"]])
    axes.set_xlim(0, 112)
    axes.set_xticks(range(0, 101, 20))
    _dress(axes, across=say("report.axis_share_walk", atlas.language, minutes=longest))
    figure.legend(prop=_font(), frameon=False, loc="outside upper right", ncols=2)
    return figure


def _phases(atlas: Atlas) -> "Figure | None":
    found = list(phases(atlas))
    if len(found) < 2:  # noqa: PLR2004  one bar says no more than its figure
        return None
    figure, axes = _figure(2.4)
    told = {} if atlas.plan is None else shown_plan(atlas.plan).by_year
    gains = [told.get(year) for year, _ in found]
    costs = [float(exact(own["cost_yuan"].sum()) or 0) / 10_000 for _, own in found]
    bars = axes.bar(range(len(found)), costs, 0.5, color="#f3d3d6", edgecolor=PLANNED, linewidth=1.2, hatch="//")
    texts = [
        say(
            "report.bar_phase",
            atlas.language,
            wan=f"{cost:,.4f}".rstrip("0").rstrip("."),
            n=len(own),
            people=people(gained),
        )
        for cost, (_, own), gained in zip(costs, found, gains, strict=True)
    ]
    axes.bar_label(bars, texts, padding=3, fontproperties=_font(8))
    axes.set_xticks(range(len(found)), [_said(year_words(year, atlas)) for year, _ in found])
    axes.set_xlim(-0.8, len(found) - 0.2)
    axes.set_ylim(0, max([*costs, 1]) * 1.25)
    _dress(axes, up=say("annex.cost_wan", atlas.language))
    return figure


def _verdicts(atlas: Atlas) -> "Figure | None":
    there = list(verdict_counts(atlas))
    documents = list(dict.fromkeys(v.document for v in atlas.verdicts if v.decides))
    if not there:
        return None
    figure, axes = _figure(1.3 + _BAR * 1.3 * len(documents))
    left = [0] * len(documents)
    counted = [counts_of(v for v in atlas.verdicts if v.document == document) for document in documents]
    for status in there:
        numbers = [counts[status] for counts in counted]
        label = say(f"status.{status}", atlas.language)
        bars = axes.barh(
            range(len(documents)),
            numbers,
            0.7,
            left=left,
            color=STATUS_FILLS[status],
            edgecolor="white",
            linewidth=0.8,
            label=label,
        )
        total = max(sum(counts.values()) for counts in counted)
        axes.bar_label(
            bars,
            [str(n) if n * 30 > total else "" for n in numbers],
            label_type="center",
            fontproperties=_font(7),
            color=_ink(STATUS_FILLS[status]),
        )
        left = [a + b for a, b in zip(left, numbers, strict=True)]
    axes.set_yticks(range(len(documents)), [_broken(cell(document)) for document in documents])
    axes.invert_yaxis()
    _dress(axes, across=say("report.axis_answers", atlas.language))
    figure.legend(prop=_font(), frameon=False, loc="outside upper center", ncols=4)
    return figure


def _broken(text: str) -> str:
    """Return a long name in at most three lines short enough to stand beside the bars; more is cut and marked so."""
    lines = wrap(text, _LABEL, max_lines=3, placeholder="…")
    return "\n".join(map(_said, lines))


def _ink(fill: str) -> str:
    """Return the colour of a number on a fill."""
    red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 128 else INK  # noqa: PLR2004  half of the scale


CHARTS: Mapping[str, Callable[[Atlas], "Figure | None"]] = {
    "coverage": _coverage,
    "streets": _streets,
    "phases": _phases,
    "verdicts": _verdicts,
}
"""Every chart of a report by name."""
