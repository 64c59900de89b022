"""A project file read: every fault of its keys at once, and no file from where none may come."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from circle15.key_faults import key_faults, syntax_fault, wrong_kinds
from circle15.project import PROJECT_FILE, SHOWN, Project, can_be, steps_of
from gis.address import is_address, read_address, without_passwords
from gis.errors import Finding, InputError, refuse
from maps.geopackage import GEOMETRIES

SHOWN_OF_NAME = 80
"""So much of a name that is none stands in a message."""
Kind = TypeVar("Kind", bound=Project)


def load_project(path: str | Path) -> Project:
    """Return the project of a `project.toml` or of the folder that holds one.

    Raises InputError with every fault found: missing file, broken TOML, unknown keys, values out of range.
    """
    return load_kind(path, Project)


def load_kind(path: str | Path, model: type[Kind]) -> Kind:
    """Return a project of a certain kind; otherwise as `load_project`."""
    file = Path(path) / PROJECT_FILE if Path(path).is_dir() else Path(path)
    if not file.is_file():
        if model is Project and (file.parent / "province.toml").is_file():
            raise InputError([Finding("PROJECT_IS_PROVINCE", "reject", "province.toml")])
        near = sorted(f"{found.parent.name}/{PROJECT_FILE}" for found in file.parent.glob(f"*/{PROJECT_FILE}"))
        raise InputError([Finding("PROJECT_MISSING", "reject", str(file.absolute()), ", ".join(near[:SHOWN]))])
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Finding("PROJECT_SYNTAX", "reject", file.name, str(error))]) from error
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([syntax_fault(file.name, text, error)]) from error
    except RecursionError as error:
        raise InputError([Finding("PROJECT_SYNTAX", "reject", file.name, "[[[[…")]) from error
    for key, meant in (("folder", "output.folder"), ("passwords", "postgis.password_env")):
        if key in said:
            raise InputError([Finding("PARAM_UNKNOWN", "reject", f"{file.name}:{key}", key, allowed=meant)])
    if model is Project and "province" in said:
        raise InputError([Finding("PROJECT_IS_PROVINCE", "reject", file.name)])
    shown, passwords = without_passwords(said)
    assert isinstance(shown, dict)  # noqa: S101 - as `said` is
    odd = wrong_kinds(file.name, shown, model)
    try:
        project = model.model_validate({**shown, "folder": file.resolve().parent, "passwords": passwords})
    except ValidationError as error:
        faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors()]
        found = key_faults(file.name, faults, model)
        raise InputError([*found, *(fault for fault in odd if fault.place not in {f.place for f in found})]) from error
    refuse(odd)
    _spare_the_inputs(project, file.name)
    _stay_inside(project, file.name)
    return project


def _stay_inside(project: Project, file: str) -> None:
    """Refuse a file that lies, links followed, neither in the project's folder nor in one of its `roots`."""
    roots = [folder.resolve() for folder in (project.folder, *map(project.path, project.roots))]
    faults = []
    for name in dict.fromkeys(project.files()):
        if not can_be(project.path(name)):
            faults.append(Finding("FILE_MISSING", "reject", file, name[:SHOWN_OF_NAME]))
        elif "://" in name or name.replace("\\", "/").startswith("/vsi"):
            faults.append(Finding("FILE_NOT_LOCAL", "reject", file, name))
        elif not any(project.path(name).resolve().is_relative_to(root) for root in roots):
            faults.append(Finding("PATH_OUTSIDE", "reject", file, name))
    refuse(faults)


def _spare_the_inputs(project: Project, file: str) -> None:
    """Refuse an output folder that is or holds an input: the results take its place."""
    said = project.inputs.model_dump().values()
    there = steps_of(project.output.folder)
    paths = [source if isinstance(source, str) else source["path"] for source in said if source]
    own = [project.output.report_template] if project.output.report_template else []
    held = [path for path in (*paths, *own, PROJECT_FILE) if steps_of(path)[: len(there)] == there]
    if held:
        raise InputError([Finding("OUTPUT_INPUT", "reject", f"{file}:output.folder", held[0])])
    if project.output.postgis is not None:
        into = str(read_address(project.output.postgis, of_table=False))
        taken = {f"{into}.{name}" for name in GEOMETRIES}
        held = [path for path in paths if is_address(path) and str(read_address(path)) in taken]
        refuse(Finding("OUTPUT_INPUT", "reject", f"{file}:output.postgis", path) for path in held)
