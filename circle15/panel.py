"""A panel for notebooks: pace, minutes, money and sites by hand, and at once what becomes of the coverage and the plan.

Needs ipywidgets (`pip install circle15[notebooks]`).
"""

from dataclasses import replace
from io import BytesIO
from typing import Any

from circle15.city import City
from circle15.siting import YUAN_PER_WAN
from circle15.study import Study, study, with_siting
from circle15.today import Today, today
from gis.errors import InputError, lines
from gis.shown import card
from gis.words import say
from maps.plot import SIZE_INCHES, plot_coverage
from optimise.explain import explain

SLOWEST, FASTEST = 0.4, 1.6
SECONDS = 10
"""Time a plan may take while somebody waits at the panel."""


def what_if(here: Today, *, speed_m_s: float, minutes: int, **siting: Any) -> Study:
    """Return the study with another pace, another longest walk (minutes) and other keys of `[siting]`.

    Streets, people and tables are not read again and the documents are not asked: it is for looking, not for signing.
    Raises InputError as `study` does.
    """
    project = here.city.project
    walking = project.walking.model_copy(
        update={"speed_m_s": speed_m_s, "minutes": (*(m for m in project.walking.minutes if m < minutes), minutes)}
    )
    other = replace(here.city, project=project.model_copy(update={"walking": walking}), policies=())
    city = with_siting(other, **siting)
    return study(replace(here, city=city) if walking == project.walking else today(city))


def panel(town: City | Today, *, seconds: float = SECONDS) -> Any:
    """Return a panel (`ipywidgets.VBox`) over a city; each change computes and draws anew.

    The first child holds the controls, `.study` is the last study computed. Sites are told by name and identifier.
    Raises ModuleNotFoundError where ipywidgets is not installed.
    """
    import ipywidgets as widgets  # noqa: PLC0415 - only notebooks have it

    here = today(town) if isinstance(town, City) else town
    project, sites = here.city.project, here.city.candidates
    language, walking = project.output.language, project.walking
    names = [(f"{name}（{code}）", code) for code, name in sites["name"].items()]
    most = float(sites["cost_wan"].fillna(0).astype(float).sum() or project.siting.budget_wan * 2 or 1)
    wide, late = widgets.Layout(width="36em"), {"continuous_update": False}

    def word(key: str) -> dict[str, Any]:
        return {"description": say(f"panel.{key}", language), "layout": wide, "style": {"description_width": "9em"}}

    speed = widgets.FloatSlider(walking.speed_m_s, min=SLOWEST, max=FASTEST, step=0.1, **word("speed"), **late)
    minutes = widgets.IntSlider(max(walking.minutes), min=5, max=30, **word("minutes"), **late)
    budget = widgets.FloatSlider(
        min(project.siting.budget_wan, most), min=0, max=most, step=10, **word("budget"), **late
    )
    required = widgets.SelectMultiple(options=names, value=_known(project.siting.required, names), **word("required"))
    forbidden = widgets.SelectMultiple(
        options=names, value=_known(project.siting.forbidden, names), **word("forbidden")
    )
    said, picture = widgets.HTML(), widgets.Image(format="png")
    controls = widgets.VBox([speed, minutes, budget, required, forbidden])
    box = widgets.VBox([controls, said, picture])

    def redraw(_: object = None) -> None:
        try:
            box.study = what_if(
                here,
                speed_m_s=speed.value,
                minutes=minutes.value,
                budget_wan=budget.value,
                required=tuple(required.value),
                forbidden=tuple(forbidden.value),
                time_limit_s=seconds,
            )
        except InputError as error:
            said.value = card(say("panel.cannot", language), lines(error.findings, language))
            return
        said.value = card(project.name, panel_lines(box.study))
        picture.value = _png(box.study)

    for control in controls.children:
        control.observe(redraw, names="value")
    redraw()
    return box


def panel_lines(done: Study) -> list[str]:
    """Return what the panel says: coverage in the longest walk today, and the plan in sentences."""
    language, longest = done.project.output.language, max(done.project.walking.minutes)
    city = done.units[done.units["level"] == "city"].iloc[0]
    covered = say(
        "panel.covered",
        language,
        minutes=longest,
        speed=f"{done.project.walking.speed_m_s:g}",
        covered=f"{int(city[f'elders_covered_{longest}']):,}",
        elders=f"{int(city['elders']):,}",
        budget=f"{done.project.siting.budget_yuan / YUAN_PER_WAN:g}",
    )
    return [covered, *(explain(done.plan, language) if done.plan else [say("summary.no_plan", language)])]


def _known(codes: tuple[str, ...], names: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the sites among some that stand in the list."""
    there = {code for _, code in names}
    return tuple(code for code in codes if code in there)


def _png(done: Study) -> bytes:
    from matplotlib.figure import Figure  # noqa: PLC0415 - it loads slowly

    figure, file = Figure(figsize=SIZE_INCHES, layout="tight"), BytesIO()
    plot_coverage(done.atlas(), figure.add_subplot())
    figure.savefig(file, format="png", dpi=110)
    return file.getvalue()
