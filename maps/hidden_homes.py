"""Which homes' people are not told: few, and those that would tell what the table of units hides of their community."""

import numpy as np
from numpy.typing import NDArray

from gis.disclosure import withheld
from maps.atlas import Atlas
from maps.withheld import MARKS

NOBODY_KNOWS = "unknown"


def hidden_homes(atlas: Atlas, name: str = "elders") -> NDArray[np.bool_]:
    """Return for each home whether its people (`elders` or `residents`) are hidden.

    Homes add up to the count of their community, and those within a walk, not known or out of reach to the counts of
    these; where such a count is hidden two of its homes are, or the one there is.
    """
    homes = atlas.homes
    people = homes[name].fillna(0).to_numpy(dtype=float)
    units = atlas.shown_units[0]
    if not len(homes) or "community_id" not in homes or "level" not in units:
        return withheld(people, [[*range(len(homes)), -1]] if len(homes) else [])
    groups: dict[str, list[int]] = {}
    for place, code in enumerate(homes["community_id"].astype(object).where(homes["community_id"].notna(), "")):
        groups.setdefault(str(code), []).append(place)
    rows = units[units["level"] == "community"].set_index("unit_id")
    counted = counted_homes(atlas, name)
    counts, sums = [*people.tolist()], []
    for code, places in groups.items():
        for column, inside in counted.items():
            own = [place for place in places if inside[place]]
            if not own:
                continue
            total = float(people[own].sum())
            marked = code in rows.index and column in rows and rows.at[code, column] in MARKS
            if marked:
                sums.append([*own, len(counts)])
                counts.append(np.nan if total else 0.0)
            else:
                sums.append([*own, -1])
    return withheld(np.array(counts), sums)[: len(people)]


def counted_homes(atlas: Atlas, name: str) -> dict[str, NDArray[np.bool_]]:
    """Return by column of the table of units which homes are counted in it."""
    homes = atlas.homes
    every = {name: np.ones(len(homes), dtype=bool)}
    if name != "elders":
        return every
    minutes, state = homes["minutes"].to_numpy(dtype=float), homes["state"].to_numpy(dtype=object)
    for most in atlas.minutes:
        every[f"elders_covered_{most}"] = minutes <= most
    every["elders_unknown"] = state == NOBODY_KNOWS
    every["elders_missed"] = state == "not_covered"
    for when, told in (("_after", homes.get("state_after")), *((str(end.year), end.state) for end in atlas.years)):
        if told is not None:
            then = told.reindex(homes.index).to_numpy(dtype=object)
            every[f"elders_covered_{max(atlas.minutes)}{when}"] = then == "covered"
            every[f"elders_missed{when}"] = then == "not_covered"
            every[f"elders_unknown{when}"] = then == NOBODY_KNOWS
    return every
