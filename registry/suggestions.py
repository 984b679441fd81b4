"""Suggestions for a misspelt name."""

import difflib
from collections.abc import Iterable


def closest(name: object, known: Iterable[str], kind: str = "", limit: int = 3) -> list[str]:
    """Return the known names that are close to `name`, best first.

    The comparison ignores case, `-`, `_`, spaces, and `kind` at the end of `name` (as in the name
    of a class).

    Args:
        name: the unknown name.
        known: the names to choose from.
        kind: the noun for the named objects. With "cell", "MGUCell" is close to "mgu".
        limit: the maximum number of suggestions.

    Returns:
        At most `limit` names.

    Example:
        >>> from registry.suggestions import closest
        >>> closest("MGUCell", ["gru", "mgu", "lstm"], kind="cell")
        ['mgu']
    """
    by_normalized: dict[str, list[str]] = {}
    for each in known:
        by_normalized.setdefault(_normalize(each), []).append(each)
    wanted = _normalize(name)
    close = difflib.get_close_matches(wanted, by_normalized, n=limit)
    without_kind = wanted.removesuffix(_normalize(kind))
    exact = [form for form in (wanted, without_kind) if form in by_normalized]
    return [each for form in dict.fromkeys(exact + close) for each in by_normalized[form]][:limit]


def _normalize(name: object) -> str:
    return str(name).lower().replace("-", "").replace("_", "").replace(" ", "")
