"""A province dealt out to its counties in the store: the project, tables, cut of the map, and what lies beyond."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from circle15.outputs import stamp
from circle15.province.county import COUNTY
from circle15.province.parts import write_part
from circle15.province.project import Province
from circle15.province.ready import cut_bytes, refuse_short_disk
from circle15.province.split import dealt_out, halo_m, read_tables
from circle15.province.store import (
    SHARED,
    county_key,
    dealt,
    fingerprints,
    inputs_key,
    refilled,
    remember_dealt,
    told_of,
    write_text,
)
from circle15.today import Told
from circle15.unchanged import refuse_changed
from gis.address import is_address, read_address
from gis.cut import cut_extract
from gis.datum import metre_crs
from gis.errors import Finding, refuse

BORDERS = "counties.parquet"


def dealt_in_store(province: Province, store: Path, progress: Told) -> tuple[list[str], dict[str, Any]]:
    """Return the counties, dealt out in the store, and what is known of them; done again only for other inputs."""
    progress("stage.read")
    prints = fingerprints(province)
    key = inputs_key(province, prints)
    counties = dealt(store, key)
    if counties is None:
        refuse_short_disk(cut_bytes(province), store)
        counties = _deal(province, store, key, prints, progress)
    told = told_of(store)
    for code in counties:
        text = json.dumps(_county(province, store, code, told), ensure_ascii=False, indent=1, sort_keys=True)
        write_text(store / code / COUNTY, text)
    return counties, told


def _deal(province: Province, store: Path, key: str, prints: Mapping[str, str], progress: Told) -> list[str]:
    """Read the province and deal it out to its counties."""
    tables = read_tables(province)
    before = {str(read_address(name)): sha for name, sha in prints.items() if is_address(name)}
    refuse(Finding("INPUT_CHANGED", "reject", name, str(told["sha256"])[:12], allowed=before[name][:12])
           for name, told in tables.stamps.items() if told["sha256"] != before[name])  # fmt: skip
    sizes: dict[str, dict[str, int]] = {}
    with refilled(store) as fresh:
        for code, parts in dealt_out(province, tables):
            (fresh / code).mkdir()
            for name, frame in parts.items():
                write_part(frame, fresh / code / f"{name}.parquet")
            sizes[code] = {"homes": len(parts["residents"]) if "residents" in parts else 0}
        progress("stage.cut")
        streets = province.path(province.inputs.streets.path)
        for code, cut in cut_extract(streets, tables.ground, halo_m=halo_m(province), folder=fresh).items():
            cut.file.replace(fresh / code / "streets.osm.pbf")
            np.savez(fresh / code / SHARED, way_id=cut.shared, accounted=cut.accounted)
            sizes[code]["streets"] = cut.corners
            sizes[code]["homes"] = sizes[code]["homes"] or cut.ways
    refuse_changed(province, prints)
    tables.counties.to_parquet(store / BORDERS)
    codes = sorted(sizes)
    centres = tables.counties.representative_point().to_crs("EPSG:4326")
    own = {code: province.crs or metre_crs(centres[code].x, centres[code].y) for code in codes}
    names = {code: str(name) for code, name in tables.counties["name"].fillna("").items()}
    remember_dealt(
        store,
        key,
        codes,
        {
            "sizes": sizes,
            "crs": own,
            "names": {code: names[code] or code for code in codes},
            "tables": sorted(tables.frames),
            "stamps": tables.stamps,
            "findings": [asdict(finding) for finding in tables.findings],
        },
    )
    return codes


def told_anew(province: Province, store: Path, code: str, told: Mapping[str, Any], siting: Mapping[str, Any]) -> str:
    """Write what a county builds of the province's plan into its file, and return the key of its results then."""
    county = _county(province, store, code, told, siting=siting)
    write_text(store / code / COUNTY, json.dumps(county, ensure_ascii=False, indent=1, sort_keys=True))
    return county_key(store / code)


def _county(
    province: Province, store: Path, code: str, told: Mapping[str, Any], siting: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the file of a county: its own project, whose files lie in its folder or are named from there.

    `siting`: its part of the province's plan; while there is to be one and it is not known, nothing is built or drawn.
    """
    waits = bool(province.province.budget_wan) and siting is None
    folder = store / code
    project = province.model_dump(mode="json", exclude={"province", "engine", "roots"})
    sources = {name: source["path"] for name, source in project["inputs"].items() if source}

    def from_here(name: str) -> str:
        return Path(os.path.relpath(province.path(name), folder)).as_posix()

    for name, source in project["inputs"].items():
        if name == "streets":
            source["path"] = "streets.osm.pbf"
        elif source and name in told["tables"]:
            source["path"] = f"{name}.parquet"
        elif source:
            source["path"] = from_here(source["path"])
    packs = province.policy.packs
    project["policy"]["packs"] = [
        from_here(name) if name.endswith(".toml") and province.path(name).is_file() else name for name in packs
    ]
    project["sheet"]["fonts"] = [from_here(name) for name in project["sheet"]["fonts"]]
    for part, name in (("walking", "elevation"), ("output", "report_template")):
        if project[part][name]:
            project[part][name] = from_here(project[part][name])
    money = province.province.budgets_wan.get(code)
    if money is not None:
        project["siting"]["budget_wan"] = money
    project["siting"] |= {"budget_wan": 0.0} if waits else siting or {}
    project |= {"name": told["names"][code], "crs": told["crs"][code]}
    project["output"] |= {"folder": "results", "postgis": None}  # the schema takes the layers of all, once
    others = [
        name for name in province.files() if name not in sources.values() and name != province.province.counties.path
    ]
    hashes = {name: stamp(province.path(name))["sha256"] for name in sorted(set(others))}
    return {
        "code": code,
        "name": told["names"][code],
        "pages": province.province.pages and not waits,
        "project": project,
        "sources": {name: sources[name] for name in told["tables"]},
        "others": hashes,
    }
