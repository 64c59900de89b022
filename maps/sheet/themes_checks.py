"""What the sheets of the checks show: the arrears of old estates, and the four synchronisations of new housing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from gis.errors import one_line
from gis.words import say
from maps.figures import people, whole
from maps.labels import cell, said
from maps.sheet.grid import Grid
from maps.sheet.leaf import Content, Leaf, Spot
from maps.sheet.legend import Entry
from maps.sheet.marks import (
    NAME_SIZE,
    community_names,
    facility_spots,
    plan_frame,
    plan_legend,
    plan_names,
    plan_spots,
    serving_frame,
)
from maps.sheet.placing import Label
from maps.sheet.symbols import radius_mm
from maps.sheet.themes_coverage import share_fills
from maps.shown_plan import shown_plan
from maps.status_style import SIGNS, housing_symbol
from maps.style import CANDIDATE, HOUSING, Symbol
from maps.verdict_words import measured
from policy.four_sync_text import STAGES
from policy.project_check import ProjectCheck, worst
from policy.register import conclusion
from policy.verdict import Status, Verdict

LARGER = 1.35
ARREARS = "old_estate_shortfall"
"""The indicator by which a document asks what old estates lack."""
PAST_USE = ("extend", "convert", "purchase", "swap", "lease")
"""Modes by which care comes into what is built already."""


def old_estates(leaf: Leaf) -> Content:
    """Return what old estates lack, what is not covered, and the premises that could mend it without new building."""
    atlas, pen = leaf.atlas, leaf.pen
    fills, classes = share_fills(leaf)
    estates = atlas.housing[~atlas.housing["new_estate"].fillna(value=True).astype(bool)] if len(atlas.housing) else (
        atlas.housing)  # fmt: skip
    houses = [Spot(HOUSING, *at) for point in estates.geometry if (at := leaf.at(point)) is not None]
    sites = plan_frame(leaf)
    sites = sites[sites["mode"].map(cell).isin(PAST_USE)]
    rest = atlas.candidates
    rest = rest[rest["mode"].map(cell).isin(PAST_USE) & ~rest.index.isin(sites.index)] if "mode" in rest else rest[:0]
    chosen = [Spot(CANDIDATE, *at) for point in rest.geometry if (at := leaf.at(point)) is not None]
    legend = [*classes, Entry(pen.say("legend_premises"))]
    if houses:
        legend.append(Entry(pen.say("old_estate"), symbol=HOUSING))
    if chosen:
        legend.append(Entry(pen.say("premises", n=len(chosen)), symbol=CANDIDATE))
    names = [
        Label((cell(row["name"]),), NAME_SIZE, *at, rank=15, radius_mm=radius_mm(HOUSING, pen.factor))
        for _, row in estates.iterrows() if (at := leaf.at(row.geometry)) is not None
    ]  # fmt: skip
    return Content(
        fills=fills,
        spots=(*facility_spots(leaf, serving_frame(leaf), faded=True), *chosen, *houses, *plan_spots(leaf, sites)),
        labels=(*names, *plan_names(leaf, sites), *community_names(leaf, rank=30)),
        legend=(*legend, *plan_legend(leaf, sites)),
        tables=(*_lacking(leaf, estates), *_arrears(leaf), *_premises(leaf, sites)),
        remarks=() if len(estates) else (pen.say("no_old_estates"),),
        buildings=False,
    )


def _lacking(leaf: Leaf, estates: object) -> Iterable[Grid]:
    """Yield the old estates with the area they should have and have, as their table says."""
    rows = []
    for _, row in estates.iterrows():  # type: ignore[attr-defined]
        name = one_line(f"{cell(row['name'])} {cell(row.get('phase'))}".strip())
        rows.append(
            (name, whole(row.get("households")), whole(row.get("care_required_m2")), whole(row.get("care_built_m2")))
        )
    if rows:
        headers = tuple(leaf.pen.say(key) for key in ("estate", "households", "required_m2", "built_m2"))
        yield Grid(leaf.pen.say("table_estates"), headers, (3.4, 1.6, 2, 2), tuple(rows), "lrrr")


def _arrears(leaf: Leaf) -> Iterable[Grid]:
    """Yield what the documents' own rules on old estates answer for the city."""
    at = 0 if leaf.pen.language == "zh" else 1
    asked = {
        (policy.name, rule.id)
        for policy in leaf.atlas.policies
        for rule in policy.rules
        if any(text is not None and text.model_dump().get("indicator") == ARREARS
               for text in (rule.measure, *rule.readings.values()))
    }  # fmt: skip
    rows = [
        (one_line(_source(verdict)), one_line(verdict.title[at]), measured(verdict, leaf.pen.language),
         say(f"status.{verdict.status}", leaf.pen.language))
        for verdict in leaf.atlas.verdicts
        if (verdict.pack, verdict.rule_id) in asked and verdict.decides and verdict.level == "city"
    ]  # fmt: skip
    if rows:
        headers = tuple(leaf.pen.say(key) for key in ("clause", "rule", "measured", "answer"))
        yield Grid(leaf.pen.say("table_arrears"), headers, (4, 2.6, 1.6, 1.5), tuple(rows))


def _source(verdict: Verdict) -> str:
    return f"{verdict.document} {verdict.clause}"


def _premises(leaf: Leaf, sites: object) -> Iterable[Grid]:
    gains = shown_plan(leaf.atlas.plan).by_site.to_dict() if leaf.atlas.plan is not None else {}
    rows = [
        (str(site["number"]), cell(site["name"]), said("candidates", "mode", site["mode"], leaf.pen.language),
         whole(site["floor_area_m2"]), people(gains[code]))
        for code, site in sites.iterrows()  # type: ignore[attr-defined]
    ]  # fmt: skip
    if rows:
        headers = tuple(leaf.pen.say(f"column_{key}") for key in ("number_short", "name", "mode", "area_m2", "gain"))
        aligns = "mllrr"
        yield Grid(leaf.pen.say("table_premises"), headers, (0.9, 4, 1.6, 2, 2), tuple(rows), aligns)


def four_sync(leaf: Leaf) -> Content:
    """Return the new housing, each project by the worst of its four synchronisations, and the register as a table."""
    atlas, pen = leaf.atlas, leaf.pen
    at = 0 if pen.language == "zh" else 1
    found: dict[str, list[ProjectCheck]] = defaultdict(list)
    for check in atlas.checks:
        found[check.record.key].append(check)
    spots, labels, rows, statuses = [], [], [], []
    for number, (code, row) in enumerate(atlas.housing.iterrows(), 1):
        own = found.get(str(code), [])
        status = worst(check.status for check in own)
        statuses.append(status)
        name = one_line(f"{cell(row['name'])} {cell(row.get('phase'))}".strip())
        place = leaf.at(row.geometry)
        symbol = _larger(housing_symbol(status) if own else HOUSING)
        if place is not None:
            spots.append(Spot(symbol, *place))
            labels.append(Label((f"{number} {name}",), NAME_SIZE + 0.4, *place, rank=10,
                                radius_mm=radius_mm(symbol, pen.factor)))  # fmt: skip
        stages = (worst(check.stages[stage] for check in own) for stage in STAGES)
        signs = [SIGNS[stage] if own else "" for stage in stages]
        rows.append(
            (str(number), name, *signs, conclusion(status)[at] if own else say("page.not_judged", pen.language))
        )
    legend = [Entry(pen.say("legend_sync"))] if rows else []
    for status in sorted(set(statuses), key=list(Status).index):
        words = f"{conclusion(status)[at]} {statuses.count(status)}"
        legend.append(Entry(words, symbol=_larger(housing_symbol(status))))
    headers = tuple(pen.say(key) for key in (
        "column_number_short", "estate", "sync_planned", "sync_built", "sync_accepted", "sync_delivered", "conclusion"
    ))  # fmt: skip
    signs_told = " ".join(f"{SIGNS[s]} {conclusion(s)[at]}" for s in dict.fromkeys(_told(atlas.checks)))
    grid = Grid(pen.say("table_sync"), headers, (0.8, 3, 1.25, 1.25, 1.25, 1.25, 2.8), tuple(rows),
                "mlmmmml")  # fmt: skip
    return Content(
        spots=tuple(spots),
        labels=(*labels, *community_names(leaf, rank=40)),
        legend=tuple(legend),
        tables=(grid,) if rows else (),
        remarks=(
            (pen.say("sync_signs", signs=signs_told), say("annex.preliminary", pen.language))
            if rows else (say("opinion.nothing", pen.language),)
        ),
    )  # fmt: skip


def _larger(symbol: Symbol) -> Symbol:
    """Return a symbol whose sign can be read on paper."""
    return replace(symbol, size=symbol.size * LARGER)


def _told(checks: Iterable[ProjectCheck]) -> list[Status]:
    """Return the answers that occur among the stages, in the order of the answers."""
    have = {status for check in checks for status in check.stages.values()}
    return [status for status in Status if status in have]
