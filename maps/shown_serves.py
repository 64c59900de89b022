"""Whom new sites serve, by community, as it is handed on: a site's communities add up to all in its walk."""

import numpy as np
import pandas as pd

from gis.disclosure import few, withheld
from maps.atlas import Atlas
from maps.withheld import BESIDE, FEW, group_sums

PEOPLE = ("elders", "elders_new", "elders_only")


def shown_serves(atlas: Atlas) -> pd.DataFrame:
    """Return `Council.serves` where anybody is served, with marks in place of what is not published.

    Of a community that has a hidden count nobody is told: who is newly covered is the plan's count less today's.
    Raises ValueError where nobody was asked.
    """
    if atlas.council is None:
        raise ValueError("no answers for a council")
    rows = atlas.council.serves[atlas.council.serves["elders"] > 0]
    away = np.array([("community", str(code)) in atlas.hidden_places for code in rows["community_id"]], dtype=bool)
    new = {}
    for name in PEOPLE:
        counts = rows[name].to_numpy(dtype=float)
        hidden = withheld(np.where(away & (counts > 0), np.nan, counts), group_sums(rows["site_id"]))
        hidden |= away & (counts > 0)
        marks = np.where(few(counts), FEW, BESIDE)
        values = rows[name].astype(object).to_numpy(copy=True)
        values[hidden] = marks[hidden]
        new[name] = pd.Series(values, index=rows.index, dtype=object)
    return rows.assign(**new)
