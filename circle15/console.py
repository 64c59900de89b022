"""The console: how far the work has come, what went wrong in lines for people, in whatever encoding it speaks."""

import codecs
import os
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import NoReturn

import typer
from tqdm import tqdm

from circle15.blocked import why_denied
from circle15.siting_summary import heard
from gis.errors import Finding, InputError, OutputError, lines
from gis.secrets import redacted
from gis.words import say
from optimise.engines import Progress

INTERNAL, INPUT, PARTIAL, INFEASIBLE, LIMIT, INTERRUPTED = 1, 2, 3, 4, 5, 130
"""Exit statuses of the command line."""


@dataclass(frozen=True)
class Watched:
    """Tells how far the work has come: each stage as it begins, and how far a solver is."""

    bar: "tqdm[NoReturn]"

    def __call__(self, stage: str) -> None:
        """Show a stage that begins."""
        self.bar.set_description(say(stage, "zh"))
        self.bar.update()

    def hear(self, far: Progress) -> None:
        """Show the best value, the bound and the gap."""
        self.bar.set_postfix_str(heard(far))


@contextmanager
def progress_bar(stages: int) -> Iterator[Watched]:
    """Show how far the work has come where somebody watches."""
    form = "{l_bar}{bar}| {n}/{total} {elapsed}{postfix}"
    with tqdm(total=stages, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False, bar_format=form) as bar:
        yield Watched(bar)


def guarded(work: Callable[[], int], *, debug: bool) -> None:
    """Do the work and turn what goes wrong into lines for people and an exit status for scripts."""
    try:
        status = work()
    except InputError as error:
        both(error.findings)
        status = INPUT
    except OutputError as error:
        both(error.findings) if error.findings else typer.echo(str(error), err=True)
        status = INTERNAL
    except PermissionError as error:
        both((why_denied(error),))
        status = INTERNAL
    except MemoryError:
        both((Finding("MEMORY_OUT", "reject", "circle15"),))
        status = INTERNAL
    except KeyboardInterrupt:
        typer.echo(f"{say('doctor.interrupted', 'zh')}\n    {say('doctor.interrupted', 'en')}", err=True)
        status = INTERRUPTED
    except BrokenPipeError:  # who read along has gone (`| head`): nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said without passwords
        told = redacted("".join(traceback.format_exception_only(error)).strip())
        typer.echo(redacted(traceback.format_exc()) if debug else say("doctor.internal", "zh", what=told), err=True)
        status = INTERNAL
    raise typer.Exit(status)


def both(findings: Sequence[Finding]) -> None:
    """Say findings in Chinese and English."""
    for line, beside in zip(lines(findings, "zh"), lines(findings, "en"), strict=True):
        typer.echo(f"{line}\n    {beside}", err=True)


def remark(finding: Finding) -> None:
    """Say something that is no part of the results."""
    both((finding,))


def speak_plainly() -> None:
    """Say in plainer signs what the console's code page lacks (`m²` in GBK).

    Where the locale can name no Chinese file (LC_ALL=C) the program begins anew in UTF-8, and so do the solvers it
    starts.
    """
    if again := in_utf8(sys.getfilesystemencoding(), sys.orig_argv):
        os.execve(again[0], again, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves, no shell
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plainer")


def in_utf8(encoding: str, said: Sequence[str]) -> list[str]:
    """Return how to begin anew in UTF-8 where file names have an encoding without Chinese; nothing where they have one.

    >>> in_utf8("ascii", ["python", "-m", "circle15", "demo"])[1:], in_utf8("gb18030", ["python"])
    (['-X', 'utf8', '-m', 'circle15', 'demo'], [])
    """
    try:
        "成果".encode(encoding)
    except UnicodeEncodeError:
        return [sys.executable, "-X", "utf8", *said[1:]]
    return []


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Return the sign that stands for what an encoding lacks, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    plain = unicodedata.normalize("NFKC", lacking)
    return "".join(sign if sign.isascii() else "?" for sign in plain), error.end
