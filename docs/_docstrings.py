"""Griffe extension: examples and equations in docstrings are rendered as code."""

import re
from typing import Any

import griffe


class Docstrings(griffe.Extension):
    """Prepares docstrings for the Markdown of the site."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring is None:
            return
        # Griffe knows the section as "Examples:".
        text = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
        if obj.is_class and "Deviations:" in text:
            text = _as_code(text)
        obj.docstring.value = text


def _as_code(text: str) -> str:
    """Fence the equations of a cell, which precede `Output:`, and give each section a paragraph."""
    head, output, rest = text.partition("\n\nOutput:")
    if output:
        summary, equations = head.split("\n\n", 1)
        text = f"{summary}\n\n```text\n{equations}\n```\n\nOutput:{rest}"
    text = re.sub(r"^(Output|Source|Deviations):", r"\n**\1:**", text, flags=re.MULTILINE)
    return text.replace(" State:", "\n\n**State:**")
