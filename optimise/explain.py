"""A plan in sentences: what it serves, what it costs, how good it is, and which rules collide where there is none."""

from gis.errors import one_line
from gis.shown import shown_chain
from gis.tables import FACILITY_KINDS
from gis.words import Language, say
from optimise.layout_rules import Milestone
from optimise.plan import Change, Culprit, Place, Plan, PlanStatus, Repair

SHOWN_NAMES = 20
MONEY = ("budget", "budget_year", "county_share", "running_cost")
DATUMS = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
SHARES = ("community_served", "coverage_floor")


def explain(plan: Plan, language: Language = "zh") -> list[str]:
    """Return a plan in sentences: one line that sums it up, then each culprit by name, the ways out, the notes.

    >>> from optimise.rules import SitingRules
    >>> from optimise.site import site
    >>> import pandas as pd
    >>> demand = pd.DataFrame({"elders": [30], "covered": [False]}, index=["a"])
    >>> pairs = pd.DataFrame({"demand_id": ["a"], "candidate_id": ["X"], "minutes": [4.0]})
    >>> candidates = pd.DataFrame(
    ...     {"name": ["旧厂房"], "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": 900_000}, index=["X"]
    ... )
    >>> for line in explain(site(demand, pairs, candidates, rules=SitingRules(budget_yuan=900_000)), "en"):
    ...     print(line)
    Proven best: 1 site, 90 wan yuan, 400 m2; older people covered 0 -> 30 of 30.
    """
    key = f"plan.summary_{plan.status.value}"
    if plan.status in (PlanStatus.FEASIBLE, PlanStatus.GREEDY) and plan.gap is None:
        key += "_no_bound"
    before, covered, total = shown_chain(plan.elders_covered_before, plan.elders_covered, plan.elders_total)
    head = say(
        key,
        language,
        sites=len(plan.sites),
        cost=wan(plan.cost_yuan),
        area=number(plan.floor_area_m2),
        before=before,
        covered=covered,
        total=total,
        gap=f"{100 * (plan.gap or 0):.2g}",
    )
    culprits = [_sentence(culprit, language) for culprit in plan.culprits]
    return [head, *culprits, *ways_out(plan, language), *plan.notes_in.get(language, plan.notes)]


def ways_out(plan: Plan, language: Language = "zh") -> list[str]:
    """Return the ways out of a plan that cannot be: what gives way, what there is then, what to write down."""
    lines: list[str] = []
    for number, repair in enumerate(plan.repairs, 1):
        lines.append(
            say(
                "repair.head",
                language,
                n=number,
                changes=changes(repair, language),
                status=say(f"plan.{repair.status.value}", language),
                sites=repair.sites,
                cost=wan(repair.cost_yuan),
                covered=shown_chain(repair.elders_covered)[0],
                least=say("repair.least" if repair.least else "repair.enough", language),
            )
        )
        lines += [say("repair.keys", language, line=one_line(key)) for key in repair.keys]  # each can be pasted
    if plan.status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT) and not lines:
        lines.append(say("repair.none", language))
    return lines


def changes(repair: Repair, language: Language = "zh") -> str:
    """Return what a repair changes, rule by rule, from what to what, with the document that asks for it."""
    rules = [_changed(change, language) for change in repair.changes if not isinstance(change.value, Place)]
    return say("repair.and", language).join([*_new_places(repair, language), *rules])


def _changed(change: Change, language: Language) -> str:
    names = _of(change.names, language)
    key, was, becomes = f"repair.{change.rule}", change.was, change.becomes
    asks: dict[str, object] = {}
    if change.field == "soft" and change.rule != "cover_all":
        key, asks = "repair.may_be_missed", {"rule": say(f"rule_name.{change.rule}", language)}
    elif isinstance(asked := change.value, Milestone):
        key += "_count" if becomes == asked.count else "_share" if asked.share is not None and was <= 1 else "_year"
    form = wan if change.rule in MONEY else _percent if change.rule in SHARES or key.endswith("_share") else number
    form = number if change.field == "soft" else form
    line = say(key, language, was=form(was), becomes=form(becomes), by=form(becomes - was), names=names, **asks)
    return line + _by_law(change.legal, language)


def _new_places(repair: Repair, language: Language) -> list[str]:
    """Say where to look for more candidates, and that these are no parcels."""
    added = [(change.names, change.value) for change in repair.changes if isinstance(change.value, Place)]
    if not added:
        return []
    places = [
        say(
            "repair.one_place",
            language,
            community=name_list(names, language),
            lon=f"{place.lon:.5f}",
            lat=f"{place.lat:.5f}",
            kind=FACILITY_KINDS[place.kind][0] if language == "zh" else place.kind.replace("_", " "),
            area=number(place.floor_area_m2),
        )
        for names, place in added
    ]
    first = added[0][1]
    return [
        say(
            "repair.new_place",
            language,
            n=len(places),
            places=say("label.comma", language).join(places),
            datum=DATUMS.get(first.datum, first.datum),
            price=number(first.unit_cost_yuan_m2),
        )
    ]


def _percent(share: float) -> str:
    return number(100 * share)


def wan(yuan: float) -> str:
    """Return an amount in units of 10,000 yuan, exactly.

    >>> wan(900_000), wan(1_234_567)
    ('90', '123.4567')
    """
    return number(yuan / 10_000)


def number(value: float) -> str:
    """Return a figure with no more digits than it has, four after the point at most."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def name_list(names: tuple[str, ...], language: Language) -> str:
    """Return names as one text: the first twenty, and how many more there are."""
    comma = "、" if language == "zh" else ", "
    text = comma.join(one_line(name) for name in names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return text + (say("plan.and_more", language, n=more) if more > 0 else "")


def _sentence(culprit: Culprit, language: Language) -> str:
    if culprit.asked == culprit.available:  # there was no time to find out
        line = say("plan.culprit_unsure", language, rule=say(f"rule_name.{culprit.rule}", language))
        return line + _of(culprit.names, language) + _by_law(culprit.legal, language)
    if culprit.several:
        name = say(f"rule_name.{culprit.rule}", language)
        asked, available = number(culprit.asked), number(culprit.available)
        line = say("plan.culprit_several", language, rule=name, asked=asked, available=available)
        return line + _of(culprit.names, language) + _by_law(culprit.legal, language)
    in_wan = culprit.rule in MONEY
    asked, available = (wan(v) if in_wan else number(v) for v in (culprit.asked, culprit.available))
    line = say(f"rule.{culprit.rule}", language, asked=asked, available=available)
    return line + _of(culprit.names, language) + _by_law(culprit.legal, language)


def _by_law(legal: str, language: Language) -> str:
    return say("repair.legal", language, legal=one_line(legal)) if legal else ""


def _of(names: tuple[str, ...], language: Language) -> str:
    return say("plan.culprit_names", language, names=name_list(names, language)) if names else ""
