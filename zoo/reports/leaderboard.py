"""The trials of a search side by side: in which fields they differ, and which is ahead."""


def flat(config):
    """A configuration, as JSON values, with each of the cell's own arguments as a field of its own."""
    own = {f"cell_args.{name}": value for name, value in config["cell_args"].items()}
    return {name: value for name, value in config.items() if name != "cell_args"} | own


def differing(trials):
    """The fields in which the trials differ, in the order of the configuration."""
    configs = [flat(trial["config"]) for trial in trials]
    names = dict.fromkeys(name for config in configs for name in config)
    return [name for name in names if len({shown(config.get(name)) for config in configs}) > 1]


def ranked(trials, higher_is_better):
    """The trials, best first; those without a score last."""
    sign = -1 if higher_is_better else 1
    return sorted(trials, key=lambda trial: (trial["score"] is None, sign * (trial["score"] or 0)))


def shown(value):
    """A field's value as text, "" where there is none."""
    if value in (None, "", (), [], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def words(name):
    """The name of a field or a metric for people."""
    return name.removeprefix("cell_args.").replace("_", " ")


def counted(number):
    """A whole number with its thousands apart, "" where there is none."""
    return "" if number is None else f"{number:,}"


def remark(trial, best):
    """What there is to say of a trial. best: the id of the best one."""
    if trial["reason"]:
        return trial["reason"]
    parts = (
        "best" if trial["id"] == best else "",
        "" if trial["status"] == "completed" else trial["status"],
    )
    return ", ".join(filter(None, parts))
