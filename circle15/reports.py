"""The report of a study on disk: by the template of the house, or by the bureau's own that the project file names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from circle15.figures import figures, maps_in, streets_left_out
from circle15.project import Project
from maps.atlas import Atlas
from maps.report.compose import Draw, compose, house_template, read_template
from maps.report.template import Node

REPORT_WORD, REPORT_PDF = "report.docx", "report.pdf"
REPORTS = (REPORT_WORD, REPORT_PDF)


def report_template(project: Project) -> Sequence[Node] | None:
    """Return the bureau's own template, None where the project file names none.

    Raises InputError with every fault of it, each with line and place.
    """
    name = project.output.report_template
    return None if name is None else read_template(project.path(name))


def write_reports(
    atlas: Atlas, folder: Path, *, template: Sequence[Node] | None = None, draw: Draw | None = None, workers: int = 1
) -> None:
    """Write the report into a folder, for Word and as PDF. Raises OutputError where it cannot be written.

    Its maps are the drawings in small, made in as many processes as `workers` says, unless `draw` gives others.
    """
    from maps.report.pdf_file import write_pdf  # noqa: PLC0415 - they load slowly, and a check writes no report
    from maps.report.word_file import write_word  # noqa: PLC0415 - as above

    nodes = house_template(atlas.language) if template is None else template
    if draw is None:
        draw = figures(atlas, names=maps_in(nodes), workers=workers)
        atlas = replace(atlas, notes={**atlas.notes, **streets_left_out(atlas)})
    report = compose(atlas, nodes, draw=draw)
    write_word(report, folder / REPORT_WORD)
    write_pdf(report, folder / REPORT_PDF)
