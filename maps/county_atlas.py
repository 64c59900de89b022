"""A county of an atlas as an atlas of its own, and the counties side by side for their index."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gis.words import say
from maps.atlas import Atlas
from maps.compact import placed
from maps.figures import shown_communities, units_of
from maps.index_page import verdict_column
from maps.labels import cell
from maps.shown_plan import shown_plan
from maps.situated import planned_sites, situated
from policy.verdict import Status, Verdict

AROUND_M = 500.0
"""So far beyond the communities of a county its page shows streets, ground and walks."""
LEVELS = ("county", "street", "community")


def county_codes(atlas: Atlas) -> list[str]:
    """Return the codes of the counties that communities belong to, in order; a county nobody states is none."""
    if "county_id" not in atlas.communities or "level" not in atlas.units:
        return []
    counties = atlas.units.loc[atlas.units["level"] == "county", "unit_id"].astype(str)
    return sorted(code for code in counties if code)


def county_atlas(atlas: Atlas, code: str) -> Atlas:
    """Return what there is to show of one county: its units, people, places and verdicts, its share of the plan.

    Figures are those of the county in the whole atlas, and what is withheld there is withheld here. Streets, ground and
    walks reach a little beyond its border; facilities are its own, `neighbours` those that serve across the border. The
    four synchronisations stand with the whole.
    """
    own = atlas.communities["county_id"].astype(str) == code
    communities = shown_communities(atlas)[own.to_numpy()]
    homes = atlas.homes[atlas.homes["community_id"].isin(communities.index)]
    shapes = pd.concat([communities.geometry, homes.geometry])
    west, south, east, north = gpd.GeoSeries(shapes[placed(shapes)], crs=atlas.crs).total_bounds
    box = shapely.box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    units = _units(atlas.units, code, communities)
    shown = {year: _units(table, code, communities) for year, table in atlas.shown_units.items()}
    known = {level: set(units.loc[units["level"] == level, "unit_id"].astype(str)) for level in LEVELS}
    known["county"] = {code}
    places = {
        name: _inside(getattr(atlas, name), atlas, communities) for name in ("facilities", "candidates", "housing")
    }
    known["facility"] = {str(key) for key in places["facilities"].index}
    known["facility"] |= {f"candidate/{key}" for key in places["candidates"].index}
    known["project"] = {str(key) for key in places["housing"].index}
    serving = places["facilities"].index
    others = atlas.facilities[atlas.facilities.index.isin(atlas.serving) & ~atlas.facilities.index.isin(serving)]

    def said(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
        return tuple(v for v in verdicts if v.unit_id and str(v.unit_id) in known.get(v.level, ()))

    catchments = atlas.catchments
    if len(catchments):
        catchments = catchments[catchments["facility_id"].isin(serving)]
    note = {say("index.part", atlas.language): say("index.part_said", atlas.language, name=cell(atlas.name))}
    name = cell(units.loc[units["level"] == "city", "name"].iloc[0]) or code
    return replace(
        atlas,
        name=f"{atlas.name} {name}",
        communities=communities,
        units=units,
        homes=homes,
        streets=_touching(atlas.streets, box),
        base=_touching(atlas.base, box),
        areas=_cut(atlas.areas, box),
        kind_areas=_cut(atlas.kind_areas, box),
        catchments=catchments,
        trust=atlas.trust[atlas.trust.index.isin(communities.index)] if len(atlas.trust) else atlas.trust,
        neighbours=_touching(others, box),
        years=tuple(
            replace(end, units=_units(end.units, code, communities), areas=_cut(end.areas, box)) for end in atlas.years
        ),
        plan=_plan(atlas, shown[0], communities),
        shown=shown,
        verdicts=said(atlas.verdicts),
        verdicts_after=said(atlas.verdicts_after),
        changes=tuple((title, tuple(one for one in found if said([one.verdict]))) for title, found in atlas.changes),
        checks=(),
        council=None,
        notes=note | dict(atlas.notes),
        **places,
    )


def county_table(atlas: Atlas, pages: dict[str, str]) -> gpd.GeoDataFrame:
    """Return the counties of an atlas as `maps.index_page.draw_index` takes them; `pages`: the way to each page.

    A row a county of the table of coverage, that of communities without a county (with an empty code) among them.
    """
    counties = units_of(atlas, "county")
    sites = _sites(atlas)
    rows = []
    for code, unit in counties.iterrows():
        mine = sites[sites["county_id"] == str(code)]
        rows.append(
            {
                "name": cell(unit.get("name")) or say("index.no_county", atlas.language),
                "page": pages.get(str(code), ""),
                **figures_of(unit, atlas),
                "sites": None if atlas.plan is None else len(mine),
                "cost_yuan": None if atlas.plan is None else int(mine["cost_yuan"].sum()),
                **_answers(v for v in atlas.verdicts if v.level == "county" and str(v.unit_id) == str(code)),
            }
        )
    own = atlas.communities["county_id"].astype(object).where(atlas.communities["county_id"].notna(), "").map(str)
    shapes = [_joined(atlas.communities.geometry[(own == str(code)).to_numpy()]) for code in counties.index]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=atlas.crs, index=counties.index.rename("county_id"))


def figures_of(unit: "pd.Series[Any]", atlas: Atlas) -> dict[str, object]:
    """Return the people of a unit within the longest walk, as the index takes them."""
    longest = f"elders_covered_{max(atlas.minutes)}"
    return {
        "elders": unit.get("elders"),
        "elders_covered": unit.get(longest),
        "elders_unknown": unit.get("elders_unknown"),
        "elders_covered_after": None if atlas.plan is None else unit.get(f"{longest}_after"),
    }


def total_row(atlas: Atlas) -> dict[str, object]:
    """Return the figures of the whole, as the last row of the index; its own verdicts are no sum of the counties'."""
    plan = atlas.plan
    return {
        **figures_of(units_of(atlas, "city").iloc[0], atlas),
        "sites": None if plan is None else len(plan.sites),
        "cost_yuan": None if plan is None else plan.cost_yuan,
    }


def _units(units: pd.DataFrame, code: str, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the units of a county, the county itself as the whole of its own."""
    of = {
        "county": {code},
        "street": set(communities["street_id"].dropna().astype(str)),
        "community": set(communities.index.astype(str)),
    }
    own = [
        units[(units["level"] == level) & units["unit_id"].astype(object).astype(str).isin(of[level])]
        for level in LEVELS
    ]
    own[0] = own[0].assign(level="city")
    return pd.concat(own, ignore_index=True)


def _plan(atlas: Atlas, units: pd.DataFrame, communities: gpd.GeoDataFrame) -> Any:
    """Return the plan's share in a county: its own sites and money, and who is newly covered there by all of them."""
    plan = atlas.plan
    if plan is None or not len(plan.sites):
        return plan
    there = _sites(atlas)["community_id"].isin(communities.index).to_numpy()
    sites = plan.sites.assign(elders_gained=shown_plan(plan).by_site)[there]
    figures = figures_of(units[units["level"] == "city"].iloc[0], atlas)
    # A count that is not told is not a number: what is computed from it is not told either.
    total, before, after = (
        pd.to_numeric(pd.Series([figures[key]], dtype=object), errors="coerce").iloc[0]
        for key in ("elders", "elders_covered", "elders_covered_after")
    )
    return replace(
        plan,
        sites=sites,
        elders_total=total,
        elders_covered_before=before,
        elders_covered=after,
        bound=None,
        gap=None,
        cost_yuan=int(sites["cost_yuan"].sum()),
        floor_area_m2=float(sites["floor_area_m2"].sum()),
        culprits=(),
        repairs=(),
        notes=(say("index.plan_part", atlas.language),),
        worst_served="",
    )


def _sites(atlas: Atlas) -> pd.DataFrame:
    """Return the sites of the plan with the community and the county each stands in."""
    if atlas.plan is None:
        return pd.DataFrame({"community_id": [], "county_id": [], "cost_yuan": []})
    spots = gpd.GeoDataFrame(geometry=planned_sites(atlas).geometry, index=atlas.plan.sites.index, crs=atlas.crs)
    said = atlas.plan.sites[["community_id"]] if "community_id" in atlas.plan.sites else pd.DataFrame(index=spots.index)
    found = situated(gpd.GeoDataFrame(said.join(spots), geometry="geometry", crs=atlas.crs), atlas)["community_id"]
    county = atlas.communities["county_id"].reindex(found).astype(object)
    return atlas.plan.sites.assign(
        community_id=found.to_numpy(), county_id=county.where(county.notna(), "").map(str).to_numpy()
    )


def _inside(frame: gpd.GeoDataFrame, atlas: Atlas, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if not len(frame):
        return frame
    return frame[situated(frame, atlas)["community_id"].isin(communities.index).to_numpy(dtype=bool)]


def _touching(frame: gpd.GeoDataFrame, box: shapely.Polygon) -> gpd.GeoDataFrame:
    return frame.iloc[frame.sindex.query(box, predicate="intersects", sort=True)] if len(frame) else frame


def _cut(frame: gpd.GeoDataFrame, box: shapely.Polygon) -> gpd.GeoDataFrame:
    if not len(frame):
        return frame
    return frame.set_geometry(
        shapely.clip_by_rect(shapely.make_valid(frame.geometry.to_numpy()), *box.bounds), crs=frame.crs
    )


def _answers(verdicts: Iterable[Verdict]) -> dict[str, object]:
    deciding = [v.status for v in verdicts if v.decides]
    return {verdict_column(status): deciding.count(status) for status in Status}


def _joined(shapes: gpd.GeoSeries) -> shapely.Geometry | None:
    there = shapes[placed(shapes).to_numpy()]
    return shapely.union_all(shapely.make_valid(there.to_numpy())) if len(there) else None
