"""Chinese text broken into lines: no line begins with a closing sign or ends with an opening one, no word is cut."""

import re
from collections.abc import Callable, Sequence

_OPENS, _CLOSES = "（〔【《〈「『“‘", "，。、；：？！）〕】》〉」』”’％—…·"
_TOKEN = re.compile(rf"[{_OPENS}]*(?:[!-~]+|.)[{_CLOSES}]*", re.DOTALL)


def broken(text: str, width_of: Callable[[str], float], widths: Sequence[float]) -> list[tuple[float, str]]:
    """Return the lines of a text, each with the room it leaves.

    `widths` holds the width of each line, the last for all that follow.

    >>> broken("步行可达，覆盖", lambda sign: 1.0, [4])
    [(1.0, '步行可'), (0.0, '达，覆盖')]
    """
    lines: list[tuple[float, str]] = []
    line, used = "", 0.0

    def room() -> float:
        return widths[min(len(lines), len(widths) - 1)]

    def close() -> None:
        nonlocal line, used
        kept = line.rstrip(" ")
        lines.append((room() - used + sum(map(width_of, line[len(kept) :])), kept))
        line, used = "", 0.0

    for piece in _TOKEN.findall(text):
        wide = sum(map(width_of, piece))
        if used + wide > room() and line:
            close()
        if not line and lines and piece.isspace():
            continue
        if wide <= room():
            line, used = line + piece, used + wide
            continue
        for sign in piece:  # longer than a line: cut anywhere
            if used + width_of(sign) > room() and line:
                close()
            line, used = line + sign, used + width_of(sign)
    if line or not lines:
        close()
    return lines
