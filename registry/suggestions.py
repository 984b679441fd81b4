"""Which known names a mistyped one may have meant."""

import difflib


def closest(asked, names, kind="", most=3):
    """Return up to `most` of `names` that are close to `asked`, best first.

    Case, `-`, `_` and a class name's ending ("MGUCell" for the kind "cell") are forgiven.
    """
    plain = {}
    for name in names:
        plain.setdefault(_plain(name), []).append(name)
    wanted = _plain(asked)
    close = difflib.get_close_matches(wanted, plain, n=most)
    without_kind = wanted.removesuffix(_plain(kind))
    exact = [form for form in (wanted, without_kind) if form in plain]
    return [name for form in dict.fromkeys(exact + close) for name in plain[form]][:most]


def _plain(name):
    return str(name).lower().replace("-", "").replace("_", "").replace(" ", "")
