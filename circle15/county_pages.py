"""The page on disk: one of the whole, or, where that is asked for or it grew too large, one a county with an index."""

from pathlib import Path

from circle15.project import Output
from maps.atlas import Atlas
from maps.county_atlas import county_atlas, county_codes, county_table, total_row
from maps.figures import credit
from maps.index_page import write_index
from maps.outfile import beside
from maps.page import draw_page, write_page

PAGE, COUNTIES = "index.html", "counties"
LARGEST_BYTES = 15_000_000
"""A page that takes longer than a blink to open from a stick."""


def write_pages(atlas: Atlas, folder: Path, *, output: Output, largest: int = LARGEST_BYTES) -> None:
    """Write the page into a folder: of the whole, or one a county in `counties` with their index before them.

    By county where the project asks for it, or where there is more than one and the page of the whole would be larger
    than `largest` bytes. Raises OutputError where a file cannot be written.
    """
    codes = county_codes(atlas)
    if not codes or not output.by_county:
        text = draw_page(atlas)
        if len(codes) <= 1 or len(text.encode()) <= largest:
            with beside(folder / PAGE) as draft:
                draft.write_text(text, encoding="utf-8", newline="\n")
            return
    (folder / COUNTIES).mkdir()
    pages = {code: f"{COUNTIES}/{_file(code, number)}" for number, code in enumerate(codes, 1)}
    for code, page in pages.items():
        write_page(county_atlas(atlas, code), folder / page, index=f"../{PAGE}")
    write_index(
        county_table(atlas, pages),
        folder / PAGE,
        title=atlas.name,
        minutes=max(atlas.minutes),
        language=atlas.language,
        total=total_row(atlas),
        notes=atlas.notes,
        credit=credit(atlas),
    )


def county_files(folder: Path) -> list[str]:
    """Return the pages of counties in a folder of results, as the manifest names them."""
    return sorted(f"{COUNTIES}/{path.name}" for path in (folder / COUNTIES).glob("*.html"))


def _file(code: str, number: int) -> str:
    """Return the name of a county's page: its code, or its number where the code is a name."""
    return f"{code}.html" if code.isascii() and code.isdigit() else f"n{number}.html"
