"""Today: what can be said of a city before anything is planned; kept, so that another budget needs no second walk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from circle15.city import City
from circle15.doubts import Doubts, at_most, doubts
from circle15.judged import Judged, judged, verdicts_of
from circle15.measures import Measures, measures
from circle15.walked import Walked, by_speed, doubtful_places, walked
from gis.errors import Finding
from policy.verdict import Verdict

Told = Callable[[str], None]
"""Told the catalogue key of each stage as it begins."""


@dataclass(frozen=True)
class Today:
    """The city as it is: the walk and the coverage, measures, doubts, and what the documents say.

    `other_days`: what they say of the days to compare with, in order.
    """

    city: City
    now: Walked
    speeds: pd.DataFrame
    measures: Measures
    doubts: Doubts
    judged: Judged
    other_days: Mapping[date, tuple[Verdict, ...]]
    findings: tuple[Finding, ...]


def today(city: City, *, progress: Told = lambda _: None) -> Today:
    """Return what can be said of a city as it is.

    Raises InputError where no street leads to any home or facility, or a choice is not the documents'.
    """
    progress("stage.reach")
    now = walked(city)
    progress("stage.measures")
    speeds, found = by_speed(city, now), measures(city, now)
    progress("stage.doubts")
    doubted = doubts(city, now)
    progress("stage.assess")
    fuller = at_most(now.units, doubted.links, minutes=max(city.project.walking.minutes))
    said = judged(city, now, at_most=fuller)
    findings = (*city.findings, *doubtful_places(city, now), *doubted.findings, *said.findings)
    days = sorted({*city.project.policy.compare_days} - {now.day})
    others = {day: verdicts_of(city, walked(city, day=day)) for day in days}
    return Today(city, now, speeds, found, doubted, said, others, findings)
