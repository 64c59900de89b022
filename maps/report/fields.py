"""The fields a template may use, each with its text: figures counted once, the same that the annex shows."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from gis.errors import one_line
from gis.tables import SERVING_KINDS, SERVING_STATUSES
from gis.words import say
from maps.atlas import Atlas
from maps.contents import plan_remarks, plan_rows
from maps.figures import (
    credit,
    key_figures,
    not_reached,
    people,
    people_share,
    shown_speeds,
    units_of,
    verdict_counts,
    wan,
    whole,
)
from maps.labels import cell, said
from maps.phases import phases, year_words
from maps.report.streets import Street, streets_of
from maps.shown_plan import shown_plan
from maps.situated import planned_sites
from policy.register import conclusion, status_counts

NOTED = {"day": "as_of", "crs": "crs", "streets_data": "streets", "population": "people", "kinds": "kinds",
         "speed": "speed", "budget": "budget", "estates": "gates"}  # fmt: skip
"""Fields that repeat an assumption."""
FIELDS = (
    *("name", "documents", "walks", "minutes", "distance_m", *NOTED),
    *("residents", "elders", "elders_unknown", "communities", "streets", "lowest_street", "lowest_street_percent"),
    *("covered", "covered_percent", "not_covered", "coverage", "share_at_speeds"),
    *("covered_after", "covered_percent_after", "not_covered_after", "elders_unknown_after", "coverage_after"),
    *("facilities", "facilities_serving", "facilities_by_kind", "facilities_area_m2", "facilities_beds"),
    *("plan_status", "plan_gap", "plan_sites", "plan_by_kind", "plan_by_mode", "plan_by_year", "plan_cost_wan"),
    *("plan_area_m2", "plan_gain", "plan_remarks"),
    *("verdict_counts", "verdicts_open", "goals", "goals_met", "housing_projects", "housing_counts", "findings"),
    *("credit", "internal", "preliminary", "share_rule", "masked"),
)
"""Every field of a report."""
STREET_FIELDS = (
    *("street", "street_code", "street_communities", "street_residents", "street_elders", "street_unknown"),
    *("street_covered", "street_covered_percent", "street_covered_after", "street_covered_percent_after"),
    *("street_facilities", "street_facilities_by_kind", "street_sites", "street_site_names", "street_cost_wan"),
    "street_open",
)
"""Every field that is said of one street, within `[each street]`."""
CONDITIONS = (
    *("plan", "facilities", "streets", "verdicts", "housing", "goals", "scores", "dues", "findings", "changes"),
    *("beds", "speeds", "street_plan", "street_facilities", "street_open"),
)
"""What a template may ask for with `[if ...]`."""


def fields(atlas: Atlas) -> dict[str, str]:
    """Return the text of every field; what there is not is `—`, never left empty."""
    nothing = say("page.nothing", atlas.language)
    texts = {**_project(atlas), **_coverage(atlas), **_facilities(atlas), **_plan(atlas), **_judged(atlas)}
    return {name: one_line(texts.get(name) or nothing) for name in FIELDS}


def street_fields(street: Street, atlas: Atlas) -> dict[str, str]:
    """Return the text of every field of one street."""
    unit, longest = street.unit, max(atlas.minutes)
    now, then = unit.get(f"elders_covered_{longest}"), unit.get(f"elders_covered_{longest}_after")
    texts = {
        "street": cell(unit.get("name")) or cell(street.code),
        "street_code": cell(street.code),
        "street_communities": whole(len(street.communities)),
        "street_residents": people(unit.get("residents")),
        "street_elders": people(unit.get("elders")),
        "street_unknown": people(unit.get("elders_unknown")),
        "street_covered": people(now),
        "street_covered_percent": people_share(now, unit.get("elders")),
        "street_covered_after": people(then),
        "street_covered_percent_after": people_share(then, unit.get("elders")),
        "street_facilities": whole(len(street.facilities)),
        "street_facilities_by_kind": by_word(street.facilities, "facilities", "kind", atlas),
        "street_sites": whole(len(street.sites)),
        "street_site_names": say("label.comma", atlas.language).join(
            cell(name) for name in street.sites.get("name", ())
        ),
        "street_cost_wan": wan(street.sites["cost_yuan"].sum()) if len(street.sites) else "0",
        "street_open": "；".join(street.open_rules),
    }
    nothing = say("page.nothing", atlas.language)
    return {name: one_line(texts[name] or nothing) for name in STREET_FIELDS}


def holds(condition: str, atlas: Atlas, street: Street | None = None) -> bool:
    """Return whether a condition holds."""
    answers: dict[str, Any] = {
        "plan": atlas.plan is not None and len(atlas.plan.sites),
        "facilities": len(atlas.facilities),
        "streets": len(streets_of(atlas)) if condition == "streets" else 0,
        "verdicts": atlas.verdicts,
        "housing": atlas.checks,
        "goals": atlas.progress,
        "scores": atlas.scores,
        "dues": atlas.dues,
        "findings": atlas.findings,
        "changes": atlas.changes,
        "beds": "beds" in atlas.facilities and _serving(atlas.facilities)["beds"].notna().any(),
        "speeds": len(atlas.speeds),
        "street_plan": street is not None and len(street.sites),
        "street_facilities": street is not None and len(street.facilities),
        "street_open": street is not None and street.open_rules,
    }
    return bool(answers[condition])


def by_word(frame: pd.DataFrame, table: str, name: str, atlas: Atlas) -> str:
    """Return how many rows there are of each value, in words, the most frequent first."""
    if name not in frame:
        return ""
    counts = Counter(one_line(said(table, name, value, atlas.language)) for value in frame[name])
    named = sorted(counts.items(), key=lambda one: (not one[0], -one[1], one[0]))
    nothing = say(f"report.no_{name}", atlas.language)
    return _listed((say("report.places", atlas.language, what=what or nothing, n=n) for what, n in named), atlas)


def _listed(parts: Iterable[str], atlas: Atlas) -> str:
    return say("label.comma", atlas.language).join(parts)


def _project(atlas: Atlas) -> dict[str, str]:
    language, longest = atlas.language, max(atlas.minutes)
    noted = {name: atlas.notes.get(say(f"note.{key}", language), "") for name, key in NOTED.items()}
    documents = [policy.document.cite for policy in atlas.policies] or list(
        dict.fromkeys(verdict.document for verdict in atlas.verdicts)
    )
    metres = atlas.notes.get(say("note.minutes", language), "").rpartition("=")[2].strip().removesuffix(" m")
    return {
        **noted,
        "name": cell(atlas.name),
        "documents": _listed(map(cell, documents), atlas) or say("report.no_documents", language),
        "walks": " / ".join(map(str, sorted(atlas.minutes))),
        "minutes": str(longest),
        "distance_m": metres,
        "credit": credit(atlas),
        "internal": say("page.internal", language),
        "preliminary": say("annex.preliminary", language),
        "share_rule": say("page.share_rule", language),
        "masked": say("annex.masked", language),
        "findings": whole(len(atlas.findings)),
    }


def _coverage(atlas: Atlas) -> dict[str, str]:
    found, longest = key_figures(atlas), max(atlas.minutes)
    units = units_of(atlas, "street")
    texts = {
        "communities": whole(len(atlas.communities)),
        "streets": whole(len(units)),
    }
    column = f"elders_covered_{longest}"
    if len(units) and column in units:
        true = units_of(atlas, "street", exact=True)  # which street is the lowest is no count of people
        share = (true[column] / true["elders"].where(true["elders"] > 0)).dropna().sort_values(kind="stable")
        if len(share):
            lowest = units.loc[share.index[0]]
            texts["lowest_street"] = cell(lowest["name"])
            texts["lowest_street_percent"] = people_share(lowest[column], lowest["elders"])
    if found is None:
        return texts
    city = units_of(atlas, "city").iloc[0]
    texts |= {
        "residents": people(city.get("residents")),
        "elders": people(found.elders),
    }
    for suffix, numbers in (
        ("", [row.today for row in found.reached]),
        ("_after", [row.after for row in found.reached]),
    ):
        if numbers[-1] is None:
            continue
        missed = not_reached(atlas, "city", when=suffix)
        texts[f"covered{suffix}"] = people(numbers[-1])
        texts[f"covered_percent{suffix}"] = people_share(numbers[-1], found.elders)
        texts[f"elders_unknown{suffix}"] = people(found.unknown_after if suffix else found.elders_unknown)
        texts[f"not_covered{suffix}"] = people(missed.iloc[0]) if len(missed) else ""
        texts[f"coverage{suffix}"] = _listed(
            (
                say(
                    "report.within",
                    atlas.language,
                    minutes=row.minutes,
                    people=people(number),
                    share=people_share(number, found.elders),
                )
                for row, number in zip(found.reached, numbers, strict=True)
            ),
            atlas,
        )
    texts["share_at_speeds"] = _listed(
        (
            f"{float(row['speed_m_s']):g} m/s {people_share(row['elders_covered'], found.elders)}"
            for _, row in shown_speeds(atlas).iterrows()
        ),
        atlas,
    )
    return texts


def _facilities(atlas: Atlas) -> dict[str, str]:
    frame = atlas.facilities
    serving = _serving(frame)
    texts = {
        "facilities": whole(len(frame)),
        "facilities_serving": whole(len(serving)),
        "facilities_by_kind": by_word(frame, "facilities", "kind", atlas),
    }
    for field, column in (("facilities_area_m2", "floor_area_m2"), ("facilities_beds", "beds")):
        if column in serving and serving[column].notna().any():
            texts[field] = whole(float(serving[column].sum()))
    return texts


def _serving(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities in use of the kinds that count."""
    if not {"kind", "status"} <= set(frame.columns):
        return frame
    return frame[frame["kind"].isin(SERVING_KINDS) & frame["status"].isin(SERVING_STATUSES)]


def _plan(atlas: Atlas) -> dict[str, str]:
    plan = atlas.plan
    if plan is None:
        return {"plan_status": say("page.plan_none", atlas.language), "plan_sites": "0"}
    sites = planned_sites(atlas)
    said_rows = {label[0]: text for label, text in plan_rows(plan, atlas)}
    years = (
        say(
            "report.in_year",
            atlas.language,
            year=year_words(year, atlas),
            n=len(own),
            wan=wan(own["cost_yuan"].sum()),
        )
        for year, own in phases(atlas)
    )
    return {
        "plan_status": said_rows[say("page.plan_status")],
        "plan_gap": said_rows.get(say("page.plan_gap"), ""),
        "plan_sites": whole(len(sites)),
        "plan_by_kind": by_word(sites, "facilities", "kind", atlas),
        "plan_by_mode": by_word(sites, "candidates", "mode", atlas),
        "plan_by_year": "；".join(years),
        "plan_cost_wan": wan(plan.cost_yuan),
        "plan_area_m2": whole(plan.floor_area_m2),
        "plan_gain": people(shown_plan(plan).gained),
        "plan_remarks": "；".join(plan_remarks(plan, atlas)),
    }


def _judged(atlas: Atlas) -> dict[str, str]:
    language = atlas.language
    at = 0 if language == "zh" else 1
    counts = verdict_counts(atlas)
    housing = {status: n for status, n in status_counts(atlas.checks).items() if n}
    goals = [goal for goal in atlas.progress if goal.decides]
    open_ones = [status for status in counts if status.value in ("FAIL", "EXCEPTION_NEEDED", "BOUNDARY")]
    return {
        "verdict_counts": _listed(
            (f"{say(f'status.{status}', language)} {whole(n)}" for status, n in counts.items()), atlas
        ),
        "verdicts_open": whole(sum(counts[status] for status in open_ones)),
        "goals": whole(len(goals)),
        "goals_met": whole(sum(goal.still == 0 for goal in goals)),
        "housing_projects": whole(len({check.record.key for check in atlas.checks})),
        "housing_counts": _listed((f"{conclusion(status)[at]} {n}" for status, n in housing.items()), atlas),
    }
