"""Passwords and keys are said nowhere: not in a message, a result, a log or a trace of an error."""

import os
import re
from collections.abc import Mapping

STARS = "***"
_IN_ADDRESS = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*:/{1,2}[^\s/:@]*:)[^\s@/]+(?=@)", re.IGNORECASE)
_OF_DATABASE = re.compile(r"(?P<before>postg(?:is|res|resql)://[^\s/:@]*:)\S+(?=@)", re.IGNORECASE)
"""There the password ends at the last @: one typed as it is may hold any sign."""
_NAMED = re.compile(
    r"(?P<before>\b(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|密码|口令|密钥)['\"]?\s*[=:：]\s*['\"]?)"
    r"[^\s'\"&,;}\])]+",
    re.IGNORECASE,
)
_IN_QUERY = re.compile(r"(?P<before>[?&](?:tk|ak|sk|key|sign|sig)=)[^\s&'\"]+", re.IGNORECASE)
_OF_ENVIRONMENT = re.compile("PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|TILE_?KEY", re.IGNORECASE)
_SHORTEST = 6
"""A shorter value of the environment is a word that may stand anywhere."""


def names_secret(variable: str) -> bool:
    """Return whether the value of a variable of the environment counts as a secret, by its name."""
    return _OF_ENVIRONMENT.search(variable) is not None


def redacted(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a text without passwords: in addresses, named ones, keys of map services, those of the environment.

    >>> redacted("postgis://office:geheim@10.0.0.1/plan, https://t0.tianditu.gov.cn/vec?tk=abc&x=1", {})
    'postgis://office:***@10.0.0.1/plan, https://t0.tianditu.gov.cn/vec?tk=***&x=1'
    """
    for name, value in environment.items():
        if len(value) >= _SHORTEST and names_secret(name):
            text = text.replace(value, STARS)
    for pattern in (_OF_DATABASE, _IN_ADDRESS, _NAMED, _IN_QUERY):
        text = pattern.sub(rf"\g<before>{STARS}", text)
    return text


def redacted_all(said: object) -> object:
    """Return plain data with every text in it redacted, keys of mappings as they are."""
    match said:
        case str():
            return redacted(said)
        case dict():
            return {key: redacted_all(value) for key, value in said.items()}
        case list() | tuple():
            return [redacted_all(value) for value in said]
        case _:
            return said
