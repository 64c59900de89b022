"""The facility list (设施一览表) of the annex: what stands and what is planned, in the twenty columns of a plan."""

from collections.abc import Iterator

import pandas as pd

from gis.errors import one_line
from gis.tables import SERVING_KINDS, SERVING_STATUSES
from gis.words import say
from maps.atlas import Atlas
from maps.columns import column, count_cell, sheet
from maps.contents import ordered
from maps.figures import exact
from maps.labels import cell, header, said
from maps.lists import wan_cell
from maps.phases import site_year, year_words
from maps.situated import planned_sites, situated
from maps.workbook import DECIMAL, WHOLE, Column, Sheet, Value

SITE = "candidate/"
"""What stands before the code of a planned site in `Atlas.served`: a candidate may bear the number of a facility."""
_LEVELS = {"day_care": "community", "rural_station": "community", "street_centre": "street", "county_complex": "county"}
_STATES = {"in_use": "kept", "built": "built", "under_construction": "building", "planned": "approved", "closed": "out"}


def facility_sheet(atlas: Atlas) -> Sheet:
    """Return the facilities, then the sites of the plan in its order; positions belong in the restricted copy.

    Elders and households are those within the longest walk of each; who lives within the walk of two counts at both.
    """
    rows = [[number, *row] for number, row in enumerate([*_existing(atlas), *_planned(atlas)], 1)]
    return sheet("facilities", atlas, _columns(atlas), rows, total=True)


def _columns(atlas: Atlas) -> list[Column]:
    def of_table(name: str, shown: str = "@", table: str = "facilities") -> Column:
        return Column(ordered(header(table, name), atlas), shown)

    return [
        column("annex.number", atlas, WHOLE),
        *(of_table(name) for name in ("facility_id", "name", "kind")),
        column("annex.tier", atlas),
        column("annex.street", atlas),
        column("annex.community", atlas),
        of_table("address"),
        of_table("status"),
        of_table("mode", table="candidates"),
        of_table("land_m2", DECIMAL),
        of_table("floor_area_m2", DECIMAL),
        of_table("beds", WHOLE),
        column("annex.walk_minutes", atlas, WHOLE),
        column("annex.households_served", atlas, WHOLE),
        column("annex.elders_served", atlas, WHOLE),
        column("annex.cost_wan", atlas, DECIMAL, summed=True),
        column("annex.timing", atlas),
        column("annex.body", atlas),
        column("annex.remark", atlas),
    ]


def _existing(atlas: Atlas) -> Iterator[list[Value]]:
    where = situated(atlas.facilities, atlas)
    for code, row in atlas.facilities.iterrows():
        status = cell(row.get("status"))
        serving = cell(row["kind"]) in SERVING_KINDS and status in SERVING_STATUSES
        yield [
            cell(code),
            cell(row["name"]),
            _said("facilities", "kind", row["kind"], atlas),
            _said("facilities", "facility_level", row.get("facility_level"), atlas),
            *(cell(where.loc[code, name]) for name in ("street", "community")),
            cell(row.get("address")),
            say(f"annex.state_{_STATES[status]}", atlas.language) if status in _STATES else status,
            None,
            *(exact(row.get(name)) for name in ("land_m2", "floor_area_m2", "beds")),
            max(atlas.minutes) if serving else None,
            *_served(code, atlas),
            None,
            say("annex.timing_now", atlas.language) if status in SERVING_STATUSES else None,
            cell(row.get("operator")),
            None if serving else say("annex.not_counted", atlas.language),
        ]


def _planned(atlas: Atlas) -> Iterator[list[Value]]:
    sites = planned_sites(atlas)
    where = situated(sites, atlas)
    for number, (code, site) in enumerate(sites.iterrows(), 1):
        mode = site.get("mode")
        level = _LEVELS.get(str(site["kind"]))
        yield [
            cell(code),
            cell(site["name"]),
            _said("facilities", "kind", site["kind"], atlas),
            _said("facilities", "facility_level", level, atlas),
            *(cell(where.loc[code, name]) for name in ("street", "community")),
            cell(site.get("address")),
            say(f"annex.state_{'extended' if mode == 'extend' else 'new'}", atlas.language),
            _said("candidates", "mode", mode, atlas),
            None,
            exact(site["floor_area_m2"]),
            None,
            max(atlas.minutes) if site["kind"] in SERVING_KINDS else None,
            *_served(f"{SITE}{code}", atlas),
            wan_cell(site["cost_yuan"]),
            year_words(site_year(site), atlas),
            None,
            say("annex.plan_site", atlas.language, n=number),
        ]


def _said(table: str, name: str, value: object, atlas: Atlas) -> str:
    return one_line(said(table, name, value, atlas.language))


def _served(code: object, atlas: Atlas) -> tuple[Value, Value]:
    """Return households and elders within the longest walk; empty where nobody counted them."""
    found = atlas.served[atlas.served.index == code]
    row = found.iloc[0] if len(found) else pd.Series(dtype=object)
    return count_cell(row.get("households")), count_cell(row.get("elders"))
