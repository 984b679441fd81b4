"""The registry of tasks; each other file of this folder is one task.

Example:
    >>> from tasks import library
    >>> library.names("c*")
    ['classification', 'copy_memory']
    >>> library.entry("classification").metric
    'accuracy'
"""

from typing import TYPE_CHECKING

from registry import Registry

if TYPE_CHECKING:
    from tasks.task import Task

tasks: "Registry[Task]" = Registry(
    "task", package="tasks.library", group="zoo.tasks", list_command="zoo list tasks"
)

get = tasks.get
names = tasks.names
entry = tasks.entry
records = tasks.records

__all__ = ["entry", "get", "names", "records", "tasks"]
