"""What the project file says for the title block of the drawings, with what follows from the tables filled in."""

import pandas as pd

from circle15.project import Project
from gis.words import say
from maps.atlas import Imprint

AS_SAID = (
    *("bureau", "client", "plan_title", "period", "drawn_by", "checked_by", "reviewed_by", "approved_by"),
    *("day", "number_prefix", "review_number", "scale"),
)
COUNTY_DIGITS = 6
LEVELS = (6, 4, 2)
"""Digits of a division code that say county, city and province."""


def imprint(project: Project, communities: pd.DataFrame) -> Imprint:
    """Return the fields of the title block of a project's drawings."""
    said = project.sheet
    longest_m = max(project.walking.minutes) * 60 * project.walking.speed_m_s
    return Imprint(
        **{name: getattr(said, name) for name in AS_SAID},
        mark=say("page.internal", project.output.language) if said.mark is None else said.mark,
        place_code=said.place_code or common_code(communities),
        place_name=said.place_name or project.name,
        circle_m=longest_m if said.nominal_radius_m is None else said.nominal_radius_m,
        fonts=tuple(project.path(name) for name in said.fonts),
    )


def common_code(communities: pd.DataFrame) -> str:
    """Return the division code of six digits that all statistical codes share, empty where they share none.

    >>> common_code(pd.DataFrame(index=["410611001001", "410621001001"]))
    '410600'
    >>> common_code(pd.DataFrame(index=["C01", "410621001001"]))
    ''
    """
    codes = [str(code) for code in communities.index]
    if not codes or not all(code.isdecimal() and len(code) == 2 * COUNTY_DIGITS for code in codes):
        return ""
    for digits in LEVELS:
        starts = {code[:digits] for code in codes}
        if len(starts) == 1:
            return starts.pop().ljust(COUNTY_DIGITS, "0")
    return ""
