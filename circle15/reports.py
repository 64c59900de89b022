"""The report of a study on disk: by the template of the house, or by the bureau's own that the project file names."""

from collections.abc import Sequence
from pathlib import Path

from circle15.project import Project
from maps.atlas import Atlas
from maps.report.compose import Draw, compose, read_template
from maps.report.pdf_file import write_pdf
from maps.report.template import Node
from maps.report.word_file import write_word

REPORT_WORD, REPORT_PDF = "report.docx", "report.pdf"
REPORTS = (REPORT_WORD, REPORT_PDF)


def report_template(project: Project) -> Sequence[Node] | None:
    """Return the bureau's own template, None where the project file names none.

    Raises InputError with every fault of it, each with line and place.
    """
    name = project.output.report_template
    return None if name is None else read_template(project.path(name))


def write_reports(
    atlas: Atlas, folder: Path, *, template: Sequence[Node] | None = None, draw: Draw = lambda _: None
) -> None:
    """Write the report into a folder, for Word and as PDF. Raises OutputError where it cannot be written."""
    report = compose(atlas, template, draw=draw)
    write_word(report, folder / REPORT_WORD)
    write_pdf(report, folder / REPORT_PDF)
