"""The registry of task heads; each other file of this folder is one head.

Example:
    >>> from tasks import heads
    >>> heads.names()
    ['decoder_logits', 'regression', 'sequence_logits', 'token_logits']
    >>> heads.entry("regression").arrangements
    ('many_to_one',)
"""

from typing import TYPE_CHECKING

from registry import Registry

if TYPE_CHECKING:
    from tasks.head import Head

heads: "Registry[Head]" = Registry(
    "head", package="tasks.heads", group="zoo.heads", list_command="zoo list heads"
)

get = heads.get
names = heads.names
entry = heads.entry
records = heads.records

__all__ = ["entry", "get", "heads", "names", "records"]
