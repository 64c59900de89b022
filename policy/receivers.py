"""Who received a care room and what it is used for, read off what a bureau wrote."""

import re
from typing import Literal

from policy.housing import Housing

Use = Literal["care", "idle", "other", ""]
_RECEIVERS = (
    ("property_company", r"物业"),
    ("civil_affairs", r"民政(局|部门|厅)"),
    ("town_government", r"街道办|街道$|(镇|乡|街道)(人民)?政府|(镇|乡)$"),
    ("county_government", r"(县|区|旗|市)(人民)?政府|管(理)?委(员)?会"),
    ("developer", r"开发(商|公司|企业)|置业|地产|建设单位"),
    ("other", r"公司|企业|个人|集团"),
)
_DIVERTED = re.compile(r"改作|改为|改成|挪作|挪用|出租|转租|变更为|拆除|售楼")
_CARE = re.compile(r"养老|老年|日间照料|照料|托老|助餐|长者|康养|护理|助浴|敬老|elder|care", re.IGNORECASE)
_IDLE = re.compile(r"闲置|空置|空闲|未启用|未使用|待用|装修|毛坯|idle|vacant|empty", re.IGNORECASE)


def receiver_type(record: Housing) -> str:
    """Return the type of the receiver: as the table has it, else as its name says, empty where neither tells.

    >>> receiver_type(Housing("a", "a", "甲", receiver="云溪县人民政府"))
    'county_government'
    >>> receiver_type(Housing("a", "a", "甲", receiver="云溪县宏达物业服务有限公司"))
    'property_company'
    """
    return record.receiver_type or read_receiver(record.receiver)


def read_receiver(name: str) -> str:
    """Return the type that the name of a receiver says, empty where it does not tell."""
    return next((kind for kind, words in _RECEIVERS if re.search(words, name)), "")


def use_of(record: Housing) -> Use:
    """Return whether a room is used for care, stands idle, or serves something else; empty where the table is silent.

    >>> [use_of(Housing("a", "a", "甲", current_use=use)) for use in ("日间照料", "闲置", "超市", "养老用房改作超市")]
    ['care', 'idle', 'other', 'other']
    """
    use = record.current_use
    if not use or _DIVERTED.search(use):
        return "other" if use else ""
    return "care" if _CARE.search(use) else "idle" if _IDLE.search(use) else "other"
