"""A new project: the folder, the project file with every parameter explained, templates to fill in and to change."""

from importlib.resources import files
from pathlib import Path

from circle15.project import PROJECT_FILE
from gis.errors import Finding, InputError
from gis.intake import write_template
from gis.tables import TABLES
from maps.report.compose import template_text

TEMPLATE_FILE = "报告模板.txt"


def start_project(folder: Path) -> list[Path]:
    """Make a project folder with `project.toml`, templates of the tables and of the report; return what was written.

    Raises InputError where the folder holds a project already: nothing is overwritten.
    """
    if (folder / PROJECT_FILE).exists():
        raise InputError([Finding("FOLDER_TAKEN", "reject", str(folder))])
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in TABLES.values():
        path = folder / f"{table.title}.xlsx"
        if not path.exists():
            write_template(table, path)
            written.append(path)
    own = folder / TEMPLATE_FILE
    if not own.exists():
        own.write_text(template_text("zh"), encoding="utf-8")
        written.append(own)
    text = files(__package__).joinpath("template.toml").read_text(encoding="utf-8")
    name = folder.resolve().name.replace("\\", "").replace('"', "")
    (folder / PROJECT_FILE).write_text(text.replace("NAME", name), encoding="utf-8")
    return [folder / PROJECT_FILE, *written]
