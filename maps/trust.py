"""Where not to believe the result, on the page: how far to trust the streets of each community, and why."""

from collections.abc import Hashable

from gis.words import say
from maps.atlas import Atlas
from maps.contents import Json, ordered, pair
from maps.marks import Rows
from maps.style import TRUST

LEVELS = list(TRUST)


def trust_classes(atlas: Atlas) -> Json | None:
    """Return the legend of the levels of trust with the communities at each, None where trust was not computed."""
    if not len(atlas.trust):
        return None
    return {
        "words": ordered(pair("page.trust"), atlas),
        "classes": [
            {
                "words": ordered(pair(f"trust.{level}"), atlas),
                "fill": fill,
                "hatch": hatch,
                "count": int((atlas.trust["trust"] == level).sum()),
            }
            for level, (fill, hatch) in TRUST.items()
        ],
    }


def trust_of(code: Hashable, atlas: Atlas) -> tuple[int | None, Rows]:
    """Return the level of one community as its place in the legend, and what its popup says of it.

    A community that trust was not computed for has no level and says nothing.
    """
    if code not in atlas.trust.index:
        return None, []
    found = atlas.trust.loc[code]
    rows: Rows = [[ordered(pair("page.trust"), atlas), say(f"trust.{found['trust']}", atlas.language)]]
    if reasons := [say(f"trust.{reason}", atlas.language) for reason in found["reasons"]]:
        rows.append(
            [ordered(pair("page.trust_reasons"), atlas), say("page.reason_break", atlas.language).join(reasons)]
        )
    return LEVELS.index(found["trust"]), rows
