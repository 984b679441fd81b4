"""The registry of tasks; the other files of this folder are the tasks, one each."""

from registry import Registry

tasks = Registry("task", package="tasks.library", group="zoo.tasks")
