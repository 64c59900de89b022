"""What the figures rest on: the assumptions that stand on the map, in the annex and in the manifest."""

from collections.abc import Mapping
from datetime import date

from circle15.city import City
from circle15.project import Project
from gis.pace import tag_shares
from gis.profiles import paces
from gis.tables import SERVING_KINDS
from gis.walkable import walkable
from gis.words import say
from maps.labels import word


def as_of(project: Project) -> date:
    """Return the day a project is judged at: as the project file says, else today."""
    return project.policy.as_of or date.today()  # noqa: DTZ011 - the planner's own calendar day


def notes(city: City) -> Mapping[str, str]:
    """Return what the figures of a city rest on, in reading order, in the project's language."""
    project, language = city.project, city.project.output.language
    walking = project.walking
    said: dict[str, object] = {
        "speed": f"{walking.speed_m_s:g} m/s",
        "profile": f"{say(f'pace.{walking.profile}', language)} ({paces()['version']})",
        "elevation": walking.elevation or say("label.flat", language),
        "crossing_wait": f"{walking.crossing_wait_s:g} s",
        "minutes": " / ".join(
            say("note.walk_of", language, minutes=m, metres=f"{m * 60 * walking.speed_m_s:g}") for m in walking.minutes
        ),
        "connector": f"{walking.max_connector_m:g} m",
        "streets": f"{city.streets_date or say('label.undated', language)}; {city.network.length_km:,.1f} km",
        "tag_table": walkable()["version"],
        "gates": say("label.gates_given" if project.inputs.gates else "label.gates_none", language),
        "people": say(city.homes.source, language),
        "kinds": say("label.comma", language).join(
            word("facilities", "kind", kind)[language == "en"] for kind in SERVING_KINDS
        ),
        "crs": city.crs,
        "as_of": as_of(project).isoformat(),
        "packs": say("label.comma", language).join(project.policy.packs) or "-",
        "budget": f"{project.siting.budget_wan:,.0f} {say('label.wan', language)}",
    }
    if project.people.elder_share is not None:
        said["elder_share"] = f"{project.people.elder_share:.1%}"
    if project.people.household_size is not None:
        said["household_size"] = f"{project.people.household_size:g}"
    known = {tag: share for tag, share in tag_shares(city.network)["share"].items() if share > 0}
    said["tag_shares"] = ", ".join(f"{tag} {share:.1%}" for tag, share in known.items()) or "-"
    return {say(f"note.{key}", language): str(value) for key, value in said.items()}
