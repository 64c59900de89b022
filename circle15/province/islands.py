"""Parts of the streets that hang together, known across borders: what is an island in a county may be none outside.

Each county says what hangs together in its own cut, how long it is, whether a facility stands there, and where it
touches ways that neighbours have too. Joined at these, the parts are those of the whole map.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle15.beyond import Beyond, with_neighbours
from circle15.notes import as_of
from circle15.project import Project
from circle15.project_streets import network_of
from circle15.province.parts import read_part
from circle15.walked import CENTRE_KINDS, serving
from gis.extract import read_extract
from gis.network import WalkNetwork
from gis.places import barriers
from gis.snap import snap
from gis.tables import FACILITIES, GATES

ISLANDS = "islands.npz"
BEYOND = "beyond.json"


def write_islands(folder: Path, project: Project) -> None:
    """Write what hangs together in a county's cut: by part its length and who stands there, and where it touches.

    Raises InputError where the county's streets cannot be read or none can be walked.
    """
    crs = project.crs or ""
    extract = read_extract(folder / "streets.osm.pbf")
    gates_file = folder / "gates.parquet"
    gates = read_part(gates_file, GATES, crs=crs, source="gates").frame if gates_file.is_file() else None
    network = network_of(project, extract, crs=crs, gates=gates)
    own, beyond = (
        read_part(folder / f"{name}.parquet", FACILITIES, crs=crs, source=name).frame
        for name in ("facilities", "facilities_beyond")
    )
    there = serving(with_neighbours(own, Beyond(facilities=beyond)), as_of(project))
    walls = barriers(extract, crs=crs)
    at = snap(network, there, max_connector_m=project.walking.max_connector_m, barriers=walls)
    with np.load(folder / "shared.npz") as shared:
        way_id, accounted = shared["way_id"], shared["accounted"]
    island, count = network.edge_component, int(network.component.max()) + 1
    others = np.isin(network.edge_way_id, way_id[~accounted])
    length_m = np.bincount(island[~others], network.edge_length_m[~others], minlength=count)
    edge = at["edge"].to_numpy()
    centre = there["kind"].isin(CENTRE_KINDS).to_numpy()
    np.savez(
        folder / ISLANDS,
        length_m=length_m,
        served=np.bincount(island[edge[edge >= 0]], minlength=count) > 0,
        served_by_centres=np.bincount(island[edge[(edge >= 0) & centre]], minlength=count) > 0,
        joints=_joints(network, way_id),
    )


def _joints(network: WalkNetwork, shared: np.ndarray) -> np.ndarray:
    """Return way, node and part of each place where a shared way can be told to belong to one part."""
    edges = np.flatnonzero(np.isin(network.edge_way_id, shared))
    way = np.repeat(network.edge_way_id[edges], 2)
    node = network.node_id[network.edge_nodes[edges].ravel()]
    table = pd.DataFrame({"way": way, "node": node, "island": network.component[network.edge_nodes[edges].ravel()]})
    table = table.drop_duplicates()
    return table[~table.duplicated(["way", "node"], keep=False)].to_numpy(dtype=np.int64)


def join_islands(folders: Mapping[str, Path]) -> None:
    """Write into the folder of each county what its parts are called in the whole map, and which are served elsewhere.

    0 is the longest part of the whole map; numbers of the others have a meaning within the county alone, so that they
    do not change with what happens far away.
    """
    read: dict[str, dict[str, Any]] = {}
    for code, folder in folders.items():
        with np.load(folder / ISLANDS) as arrays:
            read[code] = dict(arrays)
    sizes = [len(each["length_m"]) for each in read.values()]
    begin = np.cumsum([0, *sizes])
    joints = np.concatenate([
        np.empty((0, 3), np.int64),
        *(each["joints"] + np.array([0, 0, first]) for each, first in zip(read.values(), begin[:-1], strict=True)),
    ])  # fmt: skip
    joints = joints[np.lexsort((joints[:, 1], joints[:, 0]))]
    same = np.flatnonzero((joints[1:, :2] == joints[:-1, :2]).all(axis=1))
    one, other = joints[same, 2], joints[same + 1, 2]
    links = coo_array((np.ones(len(one)), (one, other)), shape=(begin[-1], begin[-1]))
    count, part = connected_components(links.tocsr(), directed=False)
    whole = {
        name: np.bincount(part, np.concatenate([each[name].astype(float) for each in read.values()]), minlength=count)
        for name in ("length_m", "served", "served_by_centres")
    }
    longest = int(np.argmax(whole["length_m"])) if count else -1
    for folder, first, last in zip(folders.values(), begin[:-1], begin[1:], strict=True):
        own = part[first:last]
        name = {longest: 0}
        called = [name.setdefault(int(each), len(name)) for each in own]
        told: dict[str, list[int]] = {"islands": called}
        for kind in ("served", "served_by_centres"):
            told[kind] = sorted({name[int(each)] for each in own if whole[kind][each] > 0})
        (folder / BEYOND).write_text(json.dumps(told), encoding="utf-8")
