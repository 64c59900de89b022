"""Every word the tool says to a person, in Chinese and English, from one catalogue (`words.toml`).

>>> say("label.elders", "zh"), say("label.elders", "en")
('老年人', 'older people')
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "en"]


@cache
def catalogue() -> dict[str, dict[str, str | list[str]]]:
    """Return the whole catalogue, keyed by dotted name, each entry a text (or a list of texts) per language."""
    rooms = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return {f"{room}.{key}": entry for room, entries in rooms.items() for key, entry in entries.items()}


def say(key: str, language: str = "zh", **fields: object) -> str:
    """Return the text of `key` in `language` with its `{fields}` filled in; text given in a field is never parsed.

    Raises KeyError where the catalogue has no such key or language.
    """
    text = catalogue()[key][language]
    if not isinstance(text, str):
        raise TypeError(f"{key} is a list of texts")
    return text.format(**fields)
