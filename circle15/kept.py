"""The verdicts kept beside the results, one line each, so that a later run can say what changed."""

import hashlib
import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from gis.errors import Finding, InputError
from maps.atlas import Atlas
from policy.verdict import Shortfall, Status, Verdict

VERDICTS = "verdicts.json"
_TEXTS = ("rule_id", "pack", "document", "clause", "level", "unit_id", "unit_name", "reading", "form", "repeats")
_PAIRS = ("title", "measured", "demanded")


def write_verdicts(atlas: Atlas, path: Path) -> None:
    """Write the verdicts of today to `path` (.json), a line each; exact numbers as text (`5/6`)."""
    lines = ",\n".join(json.dumps(_written(v), ensure_ascii=False, sort_keys=True) for v in atlas.verdicts)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


def kept_verdicts(results: Path) -> tuple[date, tuple[Verdict, ...]]:
    """Return the day and the verdicts of earlier results: their folder, or the manifest in it.

    Raises InputError (FILE_MISSING, KEPT_BROKEN) where there are none, or they are not those of the manifest.
    """
    folder = results if results.is_dir() else results.parent
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        content = (folder / VERDICTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest["outputs"][VERDICTS]["sha256"]:
            raise InputError([Finding("KEPT_BROKEN", "reject", VERDICTS)])
        return date.fromisoformat(manifest["as_of"]), tuple(_read(row) for row in json.loads(content))
    except OSError as error:
        raise InputError([Finding("FILE_MISSING", "reject", Path(error.filename or VERDICTS).name)]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError([Finding("KEPT_BROKEN", "reject", VERDICTS, type(error).__name__)]) from error


def verdicts_hash(results: Path) -> str:
    """Return the hash of the verdicts of earlier results. Raises OSError where there are none."""
    folder = results if results.is_dir() else results.parent
    return hashlib.sha256((folder / VERDICTS).read_bytes()).hexdigest()


def _written(verdict: Verdict) -> dict[str, Any]:
    short = verdict.shortfall
    return {
        **{name: getattr(verdict, name) for name in _TEXTS},
        **{name: [getattr(verdict, name)[0], getattr(verdict, name)[1]] for name in _PAIRS},
        "status": verdict.status.value,
        "value": _text(verdict.value),
        "limit": _text(verdict.limit),
        "shortfall": short and [_text(short.number), short.unit, *short.names],
        "scores": list(verdict.scores),
        "missing": list(verdict.missing),
        "decides": verdict.decides,
    }


def _read(row: dict[str, Any]) -> Verdict:
    short = row["shortfall"]
    texts: dict[str, Any] = {name: str(row[name]) for name in _TEXTS}
    texts |= {name: (str(row[name][0]), str(row[name][1])) for name in _PAIRS}
    return Verdict(
        **texts,
        status=Status(row["status"]),
        value=_number(row["value"]),
        limit=_number(row["limit"]),
        shortfall=Shortfall(Fraction(short[0]), short[1], tuple(short[2:])) if short else None,
        scores=tuple(map(int, row["scores"])),
        missing=tuple(map(str, row["missing"])),
        decides=bool(row["decides"]),
    )


def _text(number: int | Fraction | None) -> str | None:
    return None if number is None else str(Fraction(number))


def _number(text: str | None) -> int | Fraction | None:
    if text is None:
        return None
    exact = Fraction(text)
    return exact.numerator if exact.denominator == 1 else exact
