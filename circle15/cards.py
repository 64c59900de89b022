"""How a city, a study and what belongs to it show themselves in a notebook."""

from typing import TYPE_CHECKING

import pandas as pd

from circle15.summary import summary_lines
from gis.shown import card
from gis.words import say
from maps.figures import units_of
from maps.shown_plan import shown_plan
from maps.withheld import masked
from policy.table import verdict_counts

if TYPE_CHECKING:
    from circle15.city import City
    from circle15.doubts import Doubts
    from circle15.measures import Measures
    from circle15.study import Study


def city_card(city: "City") -> str:
    """Return what was read: streets, people, and how the rows of each table were used."""
    language = city.project.output.language
    line = say(
        "card.city",
        language,
        streets=f"{city.network.length_km:,.1f}",
        communities=len(city.communities),
        facilities=len(city.facilities),
        elders=f"{int(city.homes.frame['elders'].sum()):,}",
        crs=city.crs,
    )
    return card(city.project.name, [line], {say("card.ledgers", language): _ledgers(city)})


def study_card(done: "Study") -> str:
    """Return what a study found in lines, coverage by street, verdicts counted, and the sites of the plan."""
    language, minutes = done.project.output.language, max(done.project.walking.minutes)
    atlas = done.atlas()
    streets = units_of(atlas, "street").reset_index()
    names = ["name", "elders", f"elders_covered_{minutes}", "elders_unknown", f"elders_covered_{minutes}_after"]
    tables = {say("card.streets", language): streets[[n for n in names if n in streets]]}
    counts = {say(f"status.{status.value}", language): n for status, n in verdict_counts(done.verdicts).items() if n}
    if counts:
        tables[say("card.verdicts", language)] = pd.DataFrame([counts])
    if done.plan is not None:
        tables[say("card.plan", language)] = done.plan.sites.assign(elders_gained=shown_plan(done.plan).by_site)
    return card(done.project.name, summary_lines(done, language), tables)


def measures_card(found: "Measures") -> str:
    """Return the tables beyond coverage: the circle beside the walk, supply, access, evenness, who serves whom."""
    names = ("circle", "supply", "access", "spread", "worst", "catchment_table", "bracket")
    return card(*_pair("card.measures"), {name: _few_hidden(getattr(found, name)) for name in names})


def doubts_card(found: "Doubts") -> str:
    """Return where not to believe the result: what was noticed, the map of each community, streets lost, doors."""
    lines = [finding.line("zh") for finding in found.findings]
    title, beside = _pair("card.doubts")
    return card(
        title, [*beside, *lines], {name: _few_hidden(getattr(found, name)) for name in ("trust", "loss", "snapping")}
    )


def _few_hidden(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose counts of one to four people are not told apart; a notebook is handed on like a page."""
    names = [n for n in map(str, frame) if n.startswith(("elders", "residents", "people")) and "per_1000" not in n]
    return masked(frame, [name for name in names if pd.api.types.is_numeric_dtype(frame[name])], [])


def _pair(key: str) -> tuple[str, list[str]]:
    return say(key, "zh"), [say(key, "en")]


def _ledgers(city: "City") -> pd.DataFrame:
    rows = [
        {
            "table": ledger.table,
            "source": ledger.source,
            "rows_read": ledger.rows_read,
            "rows_used": ledger.rows_used,
            "left_out": ", ".join(f"{code} {n}" for code, n in ledger.left_out.items()),
        }
        for ledger in city.ledgers
    ]
    return pd.DataFrame(rows)
