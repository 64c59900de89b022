"""The bureau's PostGIS as a second place of the results, where the project file names one."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from circle15.project import Project
from gis.errors import Finding, blocked
from maps.atlas import Atlas


def refuse_database(project: Project) -> None:
    """Raise OutputError where the schema that a project names could not take its results, before anything is computed.

    Does nothing, and asks nobody, where it names none.
    """
    if project.output.postgis is not None:
        address = project.address(project.output.postgis, of_table=False)
        _writer(project.output.postgis).refuse_schema(address, crs=project.crs)


def put_into_database(atlas: Atlas, project: Project, *, run: str) -> None:
    """Write the layers to the schema that a project names, where it names one; `run` is the hash of the manifest."""
    if project.output.postgis is not None:
        address = project.address(project.output.postgis, of_table=False)
        _writer(project.output.postgis).write_postgis(atlas, address, run=run)


def put_layers_into_database(layers: Mapping[str, Path], project: Project, *, run: str) -> None:
    """Write layers kept as GeoParquet, by name, to the schema that a project names, as `put_into_database` does."""
    if project.output.postgis is not None:
        address = project.address(project.output.postgis, of_table=False)
        _writer(project.output.postgis).write_kept_layers(layers, address, language=project.output.language, run=run)


def database_differences(project: Project, *, run: str) -> list[Finding]:
    """Return what differs between the schema that a project names and what that run wrote there; none without one."""
    if project.output.postgis is None:
        return []
    address = project.address(project.output.postgis, of_table=False)
    found: list[Finding] = _writer(project.output.postgis).stored_differences(address, run=run)
    return found


def _writer(place: str) -> ModuleType:
    """Return the part that writes to a database; who has none need not have its driver."""
    try:
        from maps import postgis  # noqa: PLC0415
    except ImportError as error:
        raise blocked(Finding("POSTGIS_NOT_INSTALLED", "reject", place, error.name or "")) from error
    return postgis
