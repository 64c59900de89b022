"""What the side panel says: title, key figures, the plan, the verdicts, notes and findings, all as plain text."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from gis.errors import lines, one_line
from gis.tables import FACILITY_KINDS
from gis.words import Language, say
from maps.atlas import Atlas
from maps.figures import credit, key_figures, people, people_share, units_in, verdict_counts, wan, whole
from maps.labels import Pair
from maps.shown_plan import shown_plan
from maps.style import STATUS_COLOURS
from maps.verdict_words import measured
from optimise.explain import explain
from optimise.plan import Plan
from policy.changes import Change
from policy.register import conclusion, status_counts
from policy.verdict import Pair as Words
from policy.verdict import Status, Verdict

Json = dict[str, Any]
ITEMS_SHOWN = 40
WORDS = (
    *(
        "today",
        "after",
        "shading",
        "shade_share",
        "shade_areas",
        "shade_trust",
        "shade_verdict",
        "shade_none",
        "all",
        "nobody",
        "layers",
        "plan",
    ),
    *(
        "changes",
        "no_changes",
        "four_sync",
        "opinion_all",
        "key_figures",
        "verdicts",
        "not_passed",
        "notes",
        "findings",
        "search",
        "search_none",
        "pointer",
        "panel",
    ),
    *(
        "whole_view",
        *("chosen", "chosen_none", "measure", "measure_hint", "print", "all_kinds", "year_end"),
        *("search_more", "clauses", "layer_kind"),
        "facilities",
        "states",
        "more_layers",
        "elders",
        "elders_gap",
        "elders_unknown",
        "share_rule",
        "minutes_to_nearest",
        "unreachable",
    ),
)


def pair(key: str, **fields: object) -> Pair:
    """Return what the catalogue says under `key` in Chinese and English."""
    return say(key, "zh", **fields), say(key, "en", **fields)


def ordered(words: Pair, atlas: Atlas) -> list[str]:
    """Return the words to show first and those to show small beside them: English alone where that was asked for."""
    return (
        [words[0], words[1] if words[1] != words[0] else ""] if atlas.language == "zh" else [words[1] or words[0], ""]
    )


def panel(atlas: Atlas) -> Json:
    """Return everything the page says in words and numbers, ready for its script."""
    return {
        "language": "zh-CN" if atlas.language == "zh" else "en",
        "title": one_line(atlas.name),
        "subtitle": ordered(pair("page.subtitle"), atlas),
        "use": say("page.internal", atlas.language),
        "credit": one_line(credit(atlas)),
        "words": {key: ordered(pair(f"page.{key}"), atlas) for key in WORDS},
        "minutes": sorted(atlas.minutes),
        "years": [str(end.year) for end in atlas.years],
        "figures": _figures(atlas),
        "plan": _plan(atlas),
        "verdicts": [
            [ordered(pair(f"status.{status}"), atlas), count, STATUS_COLOURS[status]]
            for status, count in verdict_counts(atlas).items()
        ],
        "open": _open_items(atlas),
        "changes": [_changed(title, found, atlas) for title, found in atlas.changes],
        "housing": [
            [ordered(conclusion(status), atlas), count, STATUS_COLOURS[status]]
            for status, count in status_counts(atlas.checks).items()
            if count
        ],
        "notes": [[one_line(label), one_line(text)] for label, text in atlas.notes.items()],
        "findings": lines(atlas.findings, atlas.language) or [say("page.no_findings", atlas.language)],
    }


def _figures(atlas: Atlas) -> Json | None:
    found = key_figures(atlas)
    if found is None:
        return None
    return {
        "elders": people(found.elders),
        "unknown": [people(each) for each in (found.elders_unknown, found.unknown_after) if each is not None],
        "rows": [
            {
                "label": ordered(pair("page.within", minutes=row.minutes), atlas),
                "today": [people(row.today), people_share(row.today, found.elders)],
                "after": None if row.after is None else [people(row.after), people_share(row.after, found.elders)],
                **{str(end.year): _in_year(atlas, end.year, row.minutes, found.elders) for end in atlas.years},
            }
            for row in found.reached
        ],
    }


def _in_year(atlas: Atlas, year: int, minutes: int, elders: object) -> list[str]:
    covered = units_in(atlas, year, "city")[f"elders_covered_{minutes}"].iloc[0]
    return [people(covered), people_share(covered, elders)]


def _plan(atlas: Atlas) -> Json:
    if atlas.plan is None:
        return {"rows": [], "remarks": [say("page.plan_none", atlas.language)]}
    rows = [[ordered(label, atlas), text] for label, text in plan_rows(atlas.plan, atlas)]
    return {"rows": rows, "remarks": plan_remarks(atlas.plan, atlas)}


def plan_rows(plan: Plan, atlas: Atlas) -> list[tuple[Pair, str]]:
    """Return the plan's figures, label and text; a gap is rounded up, never down to nothing."""
    status = say(f"plan.{plan.status}", atlas.language)
    rows = [(pair("page.plan_status"), one_line(f"{status} ({plan.solver})" if plan.solver else status))]
    if plan.gap is not None:
        rows.append((pair("page.plan_gap"), f"{ceil(plan.gap * 10_000 - 1e-9) / 100:.2f}%"))
    told = shown_plan(plan)
    if told.bound is not None:
        rows.append((pair("page.plan_bound"), whole(told.bound)))
    return [
        *rows,
        (pair("page.plan_count"), whole(len(plan.sites))),
        (pair("page.plan_gain"), people(told.gained)),
        (pair("page.plan_cost"), wan(plan.cost_yuan)),
        (pair("page.plan_area"), whole(plan.floor_area_m2)),
    ]


def plan_remarks(plan: Plan, atlas: Atlas) -> list[str]:
    """Return the rules that cannot be kept, by name, and the plan's own notes."""
    return [one_line(text) for text in explain(plan, atlas.language)[1:]]


def _open_items(atlas: Atlas) -> list[list[str]]:
    quiet = (Status.PASS, Status.NOT_APPLICABLE, Status.NOT_DUE)
    waiting = [v for v in atlas.verdicts if v.decides and v.status not in quiet]
    items = [[STATUS_COLOURS[v.status], *map(one_line, _item(v, atlas.language))] for v in waiting[:ITEMS_SHOWN]]
    rest = len(waiting) - len(items)
    return items + ([["", say("page.more", atlas.language, n=rest), ""]] if rest else [])


def _changed(title: Words, found: Sequence[Change], atlas: Atlas) -> Json:
    """Return one comparison: its title and what changes, those that decide, the city before its units."""
    index = 0 if atlas.language == "zh" else 1
    moved = [change for change in found if change.move != "same" and change.verdict.decides]
    moved.sort(key=lambda change: change.verdict.level != "city")
    items = [
        [
            STATUS_COLOURS[change.verdict.status],
            one_line(f"{change.verdict.unit_name}  {change.verdict.title[index]}"),
            one_line(f"{_told(change.before, atlas)} → {_told(change.after, atlas)}"),
        ]
        for change in moved[:ITEMS_SHOWN]
    ]
    rest = len(moved) - len(items)
    more = [["", say("page.more", atlas.language, n=rest), ""]] if rest else []
    return {"title": ordered((title[0], title[1]), atlas), "items": items + more}


def _told(verdict: Verdict | None, atlas: Atlas) -> str:
    if verdict is None:
        return say("page.nothing", atlas.language)
    return f"{say(f'status.{verdict.status}', atlas.language)} {measured(verdict, atlas.language)}"


def _item(verdict: Verdict, language: Language) -> Iterable[str]:
    index = 0 if language == "zh" else 1
    yield f"{verdict.unit_name}  {verdict.title[index]}"
    yield " / ".join(text for text in (measured(verdict, language), verdict.demanded[index], verdict.clause) if text)


def kind_words(kind: str) -> Pair:
    """Return a kind of facility in words; one that is not known is shown by its own name.

    >>> kind_words("meal_point")
    ('助餐点', 'meal point')
    """
    return (FACILITY_KINDS[kind][0], kind.replace("_", " ")) if kind in FACILITY_KINDS else (one_line(kind), "")
