"""Which feature of a dataset, or column of a file, plays which role of a task."""

from dataclasses import dataclass

from zoo.errors import RequestError


@dataclass(frozen=True)
class Field:
    """A feature of a dataset or a column of a file.

    `type` is its type, to print; `natural` the kinds of role it is taken for by its type alone; `named` the further
    kinds it is taken for when its name is asked for or preferred.
    """

    type: str
    natural: tuple = ()
    named: tuple = ()

    def fits(self, kind):
        return kind in self.natural or kind in self.named


def match(roles, fields, features, where, noun):
    """Returns a dict role name -> field name; `fields` maps names to `Field`s, `features` holds the user's wishes.

    Wishes come first, then the names that a role prefers, then the only field of fitting type, then the order of
    fields. Raises RequestError.
    """
    features = dict(features or {})
    if unknown := set(features) - {role.name for role in roles}:
        names = ", ".join(repr(role.name) for role in roles)
        raise RequestError(
            f"features names the role {min(unknown)!r}, which this task has not. Its roles are {names}."
        )
    found = {role.name: _asked(role, fields, features[role.name], where, noun)
             for role in roles if role.name in features}  # fmt: skip
    for choose in (_preferred, _only):
        for role in roles:
            free = {name: field for name, field in fields.items() if name not in found.values()}
            if role.name not in found and (name := choose(role, free)):
                found[role.name] = name
    found |= _in_order(
        [role for role in roles if role.name not in found],
        {name: field for name, field in fields.items() if name not in found.values()},
    )
    for role in roles:
        if role.name not in found:
            raise RequestError(_no_match(role, roles, fields, where, noun))
    return {role.name: found[role.name] for role in roles}


def _asked(role, fields, name, where, noun):
    if name not in fields:
        raise RequestError(
            f"{where} has no {noun} {name!r}, asked for as the role {role.name!r}. It has {listing(fields)}."
        )
    if not fields[name].fits(role.kind):
        raise RequestError(
            f"the {noun} {name!r} of {where} is {fields[name].type}, which cannot be the role {role.name!r} "
            f"(kind {role.kind}). It has {listing(fields)}."
        )
    return name


def _preferred(role, fields):
    return next(
        (name for name in role.preferred if name in fields and fields[name].fits(role.kind)), None
    )


def _only(role, fields):
    fitting = [name for name, field in fields.items() if role.kind in field.natural]
    return fitting[0] if len(fitting) == 1 else None


def _in_order(roles, fields):
    """Two or more open roles of one kind, and as many fields of fitting type: the first is the first, and so on."""
    kinds = {role.kind for role in roles}
    fitting = [name for name, field in fields.items() if kinds <= set(field.natural)]
    alike = len(kinds) == 1 and len(roles) == len(fitting) > 1
    return {role.name: name for role, name in zip(roles, fitting, strict=True)} if alike else {}


def _no_match(role, roles, fields, where, noun):
    wanted = ", ".join(f"{each.name!r} (kind {each.kind})" for each in roles)
    fitting = [name for name, field in fields.items() if role.kind in field.natural]
    reason = f"several could be it ({', '.join(fitting)})" if len(fitting) > 1 else "none fits"
    return (
        f"the {noun}s of {where} leave the role {role.name!r} open: {reason}. Wanted: {wanted}. "
        f"Found: {listing(fields)}. Choose one with features={{{role.name!r}: NAME}}."
    )


def listing(fields):
    return ", ".join(f"{name}: {field.type}" for name, field in fields.items()) or "none at all"
