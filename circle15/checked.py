"""What a run would say of its inputs before it counts: places off the streets, another datum, nothing in use."""

from dataclasses import dataclass

from circle15.city import City
from circle15.walked import doubtful_places, walked
from gis.errors import Finding

GRAVEST_FIRST = ("reject", "warn", "repair", "note")


@dataclass(frozen=True)
class Checked:
    """What was found, the gravest first, and how many of the facilities count in the walk."""

    findings: tuple[Finding, ...]
    serving: int
    facilities: int


def checked(city: City) -> Checked:
    """Return what is wrong with the inputs of a city once its homes and facilities are laid on the streets.

    Raises InputError (NOT_ON_STREETS) where no street leads to any home or to any facility.
    """
    now = walked(city)
    found = (*city.findings, *doubtful_places(city, now))
    ranked = sorted(found, key=lambda finding: GRAVEST_FIRST.index(finding.severity))
    return Checked(tuple(ranked), len(now.serving), len(city.facilities))
