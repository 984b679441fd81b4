"""The registry of task heads; the other files of this folder are the heads, one each."""

from registry import Registry

heads = Registry("head", package="tasks.heads", group="zoo.heads")
