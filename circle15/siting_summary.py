"""What planning the sites found, in a few lines for people and as one record for machines."""

from typing import Any

from circle15.edited import Evaluation
from circle15.study import Study
from circle15.summary import summary
from gis.errors import lines as finding_lines
from gis.words import Language, say
from maps.council_sheets import told
from optimise.engines import Progress
from optimise.explain import explain, number, wan
from optimise.prepared import READY


def siting_lines(done: Study, edited: Evaluation | None = None) -> list[str]:
    """Return the plan in sentences, which candidates are left out, near-best plans, more money, an edited plan."""
    language: Language = done.project.output.language
    if done.plan is None:
        return [say("summary.no_plan", language)]
    out = [finding for finding in done.findings if finding.code.startswith("CANDIDATE")]
    lines = [*explain(done.plan, language), *finding_lines(out, language), *told(done.atlas())]
    return lines if edited is None else [*lines, *edited.lines(language)]


def siting_summary(done: Study, edited: Evaluation | None = None) -> dict[str, Any]:
    """Return the figures of the plan, the near-best plans, the front, the scenarios and the edited plan."""
    found: dict[str, Any] = {"project": done.project.name, "plan": summary(done)["plan"]}
    council = done.council
    if council is not None:
        found["near_best"] = [
            {"sites": sorted(each.sites), "value": each.value, "status": each.status.value}
            for each in council.near_best
        ]
        found["near_best_count"] = {str(i): int(n) for i, n in council.why["near_best"].items()}
        if council.front is not None:
            shown = council.front.reset_index()[["budget_yuan", "status", "elders_covered", "bound", "cost_yuan"]]
            found["front"] = shown.astype(object).where(shown.notna(), None).to_dict("records")
        if council.scenarios is not None:
            table = council.scenarios.reset_index()
            found["scenarios"] = table.astype(object).where(table.notna(), None).to_dict("records")
    if edited is not None:
        found["edited"] = {
            "elders_covered": edited.recount.elders_covered,
            "cost_yuan": edited.recount.cost_yuan,
            "broken": [{"rule": c.rule, "names": list(c.names)} for c in edited.broken],
        }
    return found


def heard(far: Progress, language: Language = "zh") -> str:
    """Return how far a solver is in a few words: the best value, the bound and the gap, as far as they are known.

    >>> heard(Progress(1.0, 90.0, 100.0, "HiGHS", "elders"), "en")
    'most people covered: 90, bound 100, gap 10%'
    """
    if far.goal == READY:
        return say("council.ready", language)
    show = wan if far.goal.endswith("_yuan") else number
    value, bound = ("-" if figure is None else show(figure) for figure in (far.value, far.bound))
    gap = "-" if far.gap is None else f"{100 * far.gap:.2g}"
    goal = say(f"plan.goal_{far.goal}", language) if far.goal else ""
    return say("council.progress", language, goal=goal, value=value, bound=bound, gap=gap)
