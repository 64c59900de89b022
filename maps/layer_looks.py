"""How each layer of the GeoPackage looks in a GIS: the colours and shapes of the page, with names for people."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import geopandas as gpd

from gis.tables import FACILITY_KINDS, TABLES
from gis.words import catalogue, say
from maps.atlas import Atlas
from maps.contents import kind_words
from maps.labels import header
from maps.qml import Fill, Rule, Stroke, quoted
from maps.shown_units import AFTER, TODAY, unknown_at
from maps.status_style import housing_symbol
from maps.style import (
    BASE,
    CANDIDATE,
    CATCHMENT,
    GAP,
    HOUSING,
    KINDS,
    OTHER_KIND,
    SHARES,
    STATES,
    STREETS,
    TRUST,
    UNKNOWN_SHARE,
    Symbol,
    area_colours,
    facility_symbol,
    plan_symbol,
    street_class,
)  # fmt: skip
from policy.register import conclusion
from policy.verdict import Status

_TABLES = {"communities": "communities", "facilities": "facilities", "candidates": "candidates", "housing": "housing",
           "plan": "candidates", "homes": "residents"}  # fmt: skip
_EDGE = "#54616b"
_HOME_COLOURS = {"covered": "#0d6a64", "not_covered": GAP, "unknown": "#7d8790"}


def rules(layer: str, frame: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    """Return how a layer is drawn; none for a table without shapes."""
    drawn = _DRAWN.get(layer)
    return [] if drawn is None else list(drawn(frame, atlas))


def aliases(layer: str, frame: gpd.GeoDataFrame, atlas: Atlas) -> Mapping[str, str]:
    """Return the name of each column for people, in the project's language."""
    at = 0 if atlas.language == "zh" else 1
    named = {}
    for name in frame.columns.drop(frame.geometry.name):
        known = {column.name for column in TABLES[_TABLES[layer]].columns} if layer in _TABLES else set()
        if name in known:
            named[name] = header(_TABLES[layer], name)[at]
        else:
            named[name] = _column(str(name), atlas)
    return named


def _column(name: str, atlas: Atlas) -> str:
    """Return a computed column in words; one the catalogue does not know goes by its own name."""
    walk, _, minutes = name.removesuffix("_after").rpartition("_")
    after = "_after" if name.endswith("_after") else ""
    if walk == "elders_covered" and minutes.isdecimal():
        return say(f"annex.covered{after}", atlas.language, minutes=minutes)
    for prefix, key in (("verdict_", "column_worst"), ("open_rules_", "column_open")):
        if name.startswith(prefix):
            return say(f"layer.{key}", atlas.language, pack=name.removeprefix(prefix))
    stem = f"layer.column_{name.removesuffix('_after')}" if after else f"layer.column_{name}"
    for key in (
        f"layer.column_{name}",
        stem,
        f"annex.{name}",
        f"policy.column_{name}",
        f"doubt.{name}",
        f"four_sync.{name.removeprefix('four_sync_')}",
    ):
        if key in catalogue() and isinstance(catalogue()[key]["zh"], str) and "{" not in str(catalogue()[key]["zh"]):
            words = say(key, atlas.language)
            return f"{words}（{say('page.after', atlas.language)}）" if after and key == stem else words
    return name


def _said(key: str, atlas: Atlas) -> str:
    return say(key, atlas.language)


def _shares(frame: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    """Return the communities by the share of their elders covered, after the plan where there is one."""
    column = f"elders_covered_{max(atlas.minutes)}"
    when = AFTER if f"{column}{AFTER}" in frame else TODAY
    column = f"{column}{when}"

    def fill(colour: str) -> Fill:
        return Fill(colour, _EDGE, 1.1, 0.7, dashed=True)

    if column not in frame:
        return [Rule(_said("layer.communities", atlas), fill(UNKNOWN_SHARE))]
    unknown = f'coalesce("elders", 0) <= 0 OR coalesce("{unknown_at(frame, when)}", 0) * 2 > "elders"'
    limits = [*(floor for floor, _ in SHARES), None]
    found = []
    for (low, colour), (_, high) in zip(SHARES, pairwise(limits), strict=True):
        inside = f'"{column}" * 100 >= {low} * "elders"' + (
            f' AND "{column}" * 100 < {high} * "elders"' if high else ""
        )
        label = f"{low}%" if high is None else f"{low}–{high}%"
        found.append(Rule(label, fill(colour), f"NOT ({unknown}) AND {inside}"))
    return [*found, Rule(_said("status.UNKNOWN", atlas), fill(UNKNOWN_SHARE), unknown)]


def _streets(frame: gpd.GeoDataFrame) -> list[Rule]:
    """Return the streets by class, the small ones below."""
    classes: dict[str, list[str]] = {name: [] for name in ("small", "middle", "main")}
    for tag in sorted({str(tag) for tag in frame["highway"].dropna()} if "highway" in frame else ()):
        classes[street_class(tag)].append(tag)
    found = []
    for name, tags in classes.items():
        colour, width = STREETS[name]
        listed = ", ".join(map(quoted, tags))
        rest = ' OR "highway" IS NULL' if name == "small" and "highway" in frame else ""
        if tags or name == "small":
            picks = (f'"highway" IN ({listed})' if tags else "FALSE") + rest if "highway" in frame else ""
            found.append(Rule(name, Stroke(colour, width), picks))
    return found


def _base(frame: gpd.GeoDataFrame, atlas: Atlas, features: Iterable[str]) -> list[Rule]:
    lines = bool(len(frame)) and frame.geom_type.isin(["LineString", "MultiLineString"]).any()
    drawn = []
    for feature in features:
        colour, width = BASE[feature]
        look = Stroke(colour, max(width, 1.0)) if lines else Fill(colour)
        drawn.append(Rule(_said(f"layer.feature_{feature}", atlas), look, f'"feature" = {quoted(feature)}'))
    return drawn


def _areas(atlas: Atlas) -> list[Rule]:
    """Return the walking areas, the longest walk below, as after the plan where there is one."""
    there = set(atlas.areas["when"]) if "when" in atlas.areas else set()
    when = "after" if "after" in there else "today"
    colours = area_colours(atlas.minutes)
    return [
        Rule(
            say("page.within", atlas.language, minutes=minutes),
            Fill(colours[minutes], "#7d72b5", 0.6, 0.85),
            f'"when" = {quoted(when)} AND "minutes" = {minutes}',
        )
        for minutes in sorted(atlas.minutes, reverse=True)
    ]


def _homes(frame: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    state = "state_after" if "state_after" in frame else "state"
    return [
        Rule(
            _said(f"layer.{name}", atlas), Symbol("circle", colour, "#ffffff", 3.0, 0.5), f'"{state}" = {quoted(name)}'
        )
        for name, colour in _HOME_COLOURS.items()
    ]


def _facilities(frame: gpd.GeoDataFrame, atlas: Atlas) -> Iterable[Rule]:
    """Yield a rule for each kind and state there is; what is neither is drawn as the page draws it."""
    at = 0 if atlas.language == "zh" else 1
    states: dict[str, list[str]] = {}
    for status, drawn in STATES.items():
        states.setdefault(drawn, []).append(status)
    kinds = frame["kind"].fillna("") if "kind" in frame else []
    there = [kind for kind in FACILITY_KINDS if kind in set(kinds)]
    known = ", ".join(quoted(kind) for kind in KINDS)
    others = [] if all(kind in KINDS for kind in kinds) else [""]
    for kind in (*there, *others):
        of_kind = f'"kind" = {quoted(kind)}' if kind else f"coalesce(\"kind\", '') NOT IN ({known})"
        name = kind_words(kind)[at] if kind else _said("page.other_kind", atlas)
        for state, statuses in states.items():
            listed = ", ".join(map(quoted, statuses))
            every = ", ".join(map(quoted, STATES))
            of_state = f'"status" IN ({listed})'
            if state == "existing":
                of_state = f"({of_state} OR coalesce(\"status\", '') NOT IN ({every}))"
            label = f"{name}（{_said(f'page.state_{state}', atlas)}）"
            yield Rule(label, facility_symbol(kind, statuses[0]), f"{of_kind} AND {of_state}")


def _plan(frame: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    at = 0 if atlas.language == "zh" else 1
    kinds = sorted(set(frame["kind"])) if "kind" in frame else []
    if not kinds:
        return [Rule(_said("layer.plan", atlas), plan_symbol(OTHER_KIND[0]))]
    return [
        Rule(kind_words(kind)[at] or kind, plan_symbol(kind), f'"kind" = {quoted(kind)}') for kind in map(str, kinds)
    ]


def _housing(frame: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    at = 0 if atlas.language == "zh" else 1
    if "four_sync" not in frame:
        return [Rule(_said("layer.housing", atlas), HOUSING)]
    there = [status for status in Status if status.value in set(frame["four_sync"].dropna())]
    return [
        *(
            Rule(conclusion(status)[at], housing_symbol(status), f'"four_sync" = {quoted(status.value)}')
            for status in there
        ),
        Rule(_said("layer.housing", atlas), HOUSING, '"four_sync" IS NULL'),
    ]


def _trust(_: gpd.GeoDataFrame, atlas: Atlas) -> list[Rule]:
    return [
        Rule(_said(f"trust.{level}", atlas), Fill(fill, hatch or _EDGE, 0.8, 0.75), f'"trust" = {quoted(level)}')
        for level, (fill, hatch) in TRUST.items()
    ]


_DRAWN: Mapping[str, Callable[[gpd.GeoDataFrame, Atlas], Iterable[Rule]]] = {
    "communities": _shares,
    "streets": lambda frame, _: _streets(frame),
    "base": lambda frame, atlas: _base(frame, atlas, ("green", "water", "building")),
    "base_lines": lambda frame, atlas: _base(frame, atlas, ("water", "railway")),
    "areas": lambda _, atlas: _areas(atlas),
    "homes": _homes,
    "facilities": _facilities,
    "candidates": lambda _, atlas: [Rule(_said("layer.candidates", atlas), CANDIDATE)],
    "plan": _plan,
    "housing": _housing,
    "catchments": lambda _, atlas: [Rule(_said("layer.catchments", atlas), Fill(line=CATCHMENT, width=1.6))],
    "trust": _trust,
}
"""How each layer with shapes is drawn."""
