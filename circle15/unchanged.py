"""Inputs stay what they were while they are computed with: a table saved in between would be neither old nor new."""

from collections.abc import Mapping

from circle15.outputs import file_stamps
from circle15.project import Project
from gis.address import is_address
from gis.errors import Finding, refuse


def hashes_of(project: Project) -> dict[str, str]:
    """Return the hash of each file that a project names and that is there."""
    there = [name for name in project.files() if project.path(name).is_file()]
    return {name: str(told["sha256"]) for name, told in file_stamps(project, there).items()}


def refuse_changed(project: Project, before: Mapping[str, str]) -> None:
    """Raise InputError (INPUT_CHANGED) where a file is gone or holds something else than the hash that it had."""
    names = [name for name in before if not is_address(name)]
    there = [name for name in names if project.path(name).is_file()]
    now = {name: str(told["sha256"]) for name, told in file_stamps(project, there).items()}
    refuse(
        Finding("INPUT_CHANGED", "reject", name, now.get(name, "")[:12], allowed=before.get(name, "")[:12])
        for name in sorted({*names, *now})
        if now.get(name) != before.get(name)
    )
