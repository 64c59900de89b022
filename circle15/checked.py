"""What a run would say of its inputs before it counts: places off the streets, another datum, sites that are none."""

from dataclasses import dataclass

from circle15.asked import usable
from circle15.city import City
from circle15.walked import doubtful_places, walked
from gis.errors import Finding, refuse

GRAVEST_FIRST = ("reject", "warn", "repair", "note")


@dataclass(frozen=True)
class Checked:
    """What was found, the gravest first, and how many of the facilities count in the walk."""

    findings: tuple[Finding, ...]
    serving: int
    facilities: int


def checked(city: City) -> Checked:
    """Return what is wrong with the inputs of a city once its homes, facilities and sites are laid on the streets.

    Raises InputError where no street leads to any home or to any facility (NOT_ON_STREETS), and for what a run would
    refuse of `[siting]`.
    """
    now = walked(city)
    *_, of_sites = usable(city)
    refuse(of_sites)
    found = (*city.findings, *doubtful_places(city, now), *of_sites)
    ranked = sorted(found, key=lambda finding: GRAVEST_FIRST.index(finding.severity))
    return Checked(tuple(ranked), len(now.serving), len(city.facilities))
