"""What a run found, in a few lines for people, and as one record for machines."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gis.words import Language, say
from maps.figures import percent_down
from optimise.explain import explain
from optimise.plan import Place, Repair
from policy.table import verdict_counts

if TYPE_CHECKING:
    from circle15.study import Study


def summary(done: "Study") -> dict[str, Any]:
    """Return the figures of a study as plain values: coverage, verdict counts, plan."""
    city = done.units[done.units["level"] == "city"].iloc[0].to_dict()
    plan = done.plan
    return {
        "project": done.project.name,
        "elders": int(city["elders"]),
        "elders_unknown": int(city["elders_unknown"]),
        "elders_covered": {m: int(city[f"elders_covered_{m}"]) for m in done.project.walking.minutes},
        "elders_covered_after": {m: int(city[f"elders_covered_{m}_after"]) for m in done.project.walking.minutes},
        "verdicts": {status.value: n for status, n in verdict_counts(done.verdicts).items()},
        "plan": None
        if plan is None
        else {
            "status": plan.status.value,
            "sites": list(plan.sites.index),
            "cost_yuan": plan.cost_yuan,
            "floor_area_m2": plan.floor_area_m2,
            "bound": plan.bound,
            "gap": plan.gap,
            "culprits": [
                {"rule": c.rule, "names": list(c.names), "asked": c.asked, "available": c.available, "legal": c.legal}
                for c in plan.culprits
            ],
            "repairs": [_repair(repair) for repair in plan.repairs],
        },
    }


def _repair(repair: Repair) -> dict[str, Any]:
    """Return a way out as plain values; `keys` are lines for `[siting]` of the project file."""
    return {
        "changes": [
            {
                "rule": c.rule,
                "names": list(c.names),
                "was": c.was,
                "becomes": c.becomes,
                "legal": c.legal,
                **({"place": asdict(c.value)} if isinstance(c.value, Place) else {}),
            }
            for c in repair.changes
        ],
        "keys": list(repair.keys),
        "least": repair.least,
        "status": repair.status.value,
        "sites": repair.sites,
        "cost_yuan": repair.cost_yuan,
        "elders_covered": repair.elders_covered,
    }


def summary_lines(done: "Study", language: Language = "zh") -> list[str]:
    """Return what a run found, one line a matter: coverage, what is unknown, verdicts, plan."""
    figures = summary(done)
    elders = figures["elders"]
    lines = [
        say(
            "summary.coverage",
            language,
            minutes=m,
            covered=f"{n:,}",
            elders=f"{elders:,}",
            share=percent_down(n, elders),
        )
        for m, n in figures["elders_covered"].items()
    ]
    if figures["elders_unknown"]:
        lines.append(say("summary.unknown", language, elders=f"{figures['elders_unknown']:,}"))
    if any(figures["verdicts"].values()):
        counted = [f"{say(f'status.{status}', language)} {n}" for status, n in figures["verdicts"].items() if n]
        lines.append(
            say("summary.verdicts", language, counts="，".join(counted) if language == "zh" else ", ".join(counted))
        )
    if done.plan is None:
        lines.append(say("summary.no_plan", language))
    else:
        lines += explain(done.plan, language)
    return lines
