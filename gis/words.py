"""Every word the tool says to a person, in Chinese and English, from one catalogue (`words.toml`).

>>> say("label.elders", "zh"), say("label.elders", "en")
('老年人', 'older people')
"""

import tomllib
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal

Language = Literal["zh", "en"]


@cache
def catalogue() -> dict[str, dict[str, str | list[str]]]:
    """Return the whole catalogue, keyed by dotted name, each entry a text (or a list of texts) per language."""
    rooms = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return {f"{room}.{key}": entry for room, entries in rooms.items() for key, entry in entries.items()}


def say(key: str, language: str = "zh", **fields: object) -> str:
    """Return the text of `key` in `language` with its `{fields}` filled in; text given in a field is never parsed.

    `{n:site|sites}` is the number with the word that goes with it: 1 site, 2 sites.
    Raises KeyError where the catalogue has no such key or language.

    >>> say("plan.n_sites", "en", n=1), say("plan.n_sites", "en", n=12)
    ('1 site', '12 sites')
    """
    text = catalogue()[key][language]
    if not isinstance(text, str):
        raise TypeError(f"{key} is a list of texts")
    return _Counting().vformat(text, (), fields) if "|" in text else text.format(**fields)


class _Counting(Formatter):
    """Knows one and many."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Put the word behind a number that goes with it."""
        one, bar, many = format_spec.partition("|")
        return f"{value} {one if str(value) == '1' else many}" if bar else str(format(value, format_spec))
