"""The made sample town, wherever the package is installed."""

import shutil
from pathlib import Path

from gis.errors import Finding, InputError

PACKAGED = Path(__file__).parent / "sample_town"
IN_REPOSITORY = Path(__file__).parents[1] / "data" / "sample"


def sample_folder() -> Path:
    """Return the folder of the sample project, read-only: beside the package, or in the repository it is edited in."""
    return PACKAGED if PACKAGED.is_dir() else IN_REPOSITORY


def copy_sample(folder: Path) -> Path:
    """Copy the sample project into a folder of the planner's and return it; inputs already there are left alone.

    Raises InputError where the folder holds another project.
    """
    source = sample_folder()
    mine = folder / "project.toml"
    if mine.exists() and mine.read_bytes() != (source / "project.toml").read_bytes():
        raise InputError([Finding("FOLDER_TAKEN", "reject", str(folder))])
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if file.is_file() and file.suffix != ".py":
            shutil.copyfile(file, folder / file.name)
    return folder
