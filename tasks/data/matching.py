"""Match the roles of a task with the features of a dataset or the columns of a file."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.data.file_contents import features_flag
from tasks.data.roles import FieldNames, Role
from zoo.errors import RequestError


@dataclass(frozen=True)
class Field:
    """A feature of a dataset or a column of a file.

    Args:
        type: the name of the field's type, for messages.
        by_type: the kinds of role that the field can fill because of its type.
        by_name: the kinds of role that the field can fill only if the user requests it or the role
            prefers its name.
    """

    type: str
    by_type: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()

    def fits(self, kind: str) -> bool:
        """Return whether the field can fill a role of this kind."""
        return kind in self.by_type or kind in self.by_name


Fields = Mapping[str, Field]


def match(
    roles: Sequence[Role],
    fields: Fields,
    requested: Mapping[str, str] | None,
    source: str,
    noun: str,
) -> FieldNames:
    """Return the name of the field for each role.

    Precedence, highest to lowest: the requested field; a field whose name the role prefers; the
    only field of a fitting type; the order of the fields.

    Args:
        roles: the roles to fill.
        fields: the fields by name.
        requested: dict of role name to the field name that the user requests.
        source: the dataset or file, for messages.
        noun: the noun for a field, for messages: "feature", "column" or "file".

    Returns:
        Dict of role name to field name.

    Raises:
        RequestError: a requested role or field does not exist, a requested field does not fit its
            role or is requested for two roles, or no field fits a role.
    """
    found = _requested_fields(roles, fields, requested or {}, source, noun)
    for choose in (_preferred_field, _only_fitting_field):
        for role in roles:
            if role.name not in found and (name := choose(role, _unused(fields, found))):
                found[role.name] = name
    unfilled = [role for role in roles if role.name not in found]
    found |= _fields_in_order(unfilled, _unused(fields, found))
    for role in roles:
        if role.name not in found:
            raise RequestError(_no_match_message(role, roles, fields, source, noun))
    return {role.name: found[role.name] for role in roles}


def check_roles(roles: Sequence[Role], requested: Mapping[str, str]) -> None:
    """Raise RequestError if `requested`, a dict of role name to field, names an unknown role."""
    if unknown := set(requested) - {role.name for role in roles}:
        names = ", ".join(repr(role.name) for role in roles)
        raise RequestError(
            f"features names the role {min(unknown)!r}, which this task does not have. Its roles "
            f"are {names}."
        )


def describe_fields(fields: Fields) -> str:
    """Return the names and types of fields, for messages."""
    return ", ".join(f"{name}: {field.type}" for name, field in fields.items()) or "none"


def _unused(fields: Fields, found: FieldNames) -> Fields:
    return {name: field for name, field in fields.items() if name not in found.values()}


def _requested_fields(
    roles: Sequence[Role], fields: Fields, requested: Mapping[str, str], source: str, noun: str
) -> FieldNames:
    check_roles(roles, requested)
    found = {
        role.name: _requested_field(role, fields, requested[role.name], source, noun)
        for role in roles
        if role.name in requested
    }
    for first, second in itertools.combinations(found, 2):
        if found[first] == found[second]:
            raise RequestError(
                f"features names the {noun} {found[first]!r} for two roles, {first!r} and "
                f"{second!r}. Choose another one for one of them: {describe_fields(fields)}."
            )
    return found


def _requested_field(role: Role, fields: Fields, name: str, source: str, noun: str) -> str:
    if not isinstance(name, str) or name not in fields:
        raise RequestError(
            f"{source} has no {noun} {name!r}, which was requested for the role {role.name!r}. "
            f"It has {describe_fields(fields)}."
        )
    if not fields[name].fits(role.kind):
        raise RequestError(
            f"the {noun} {name!r} of {source} is {fields[name].type}, which cannot fill the role "
            f"{role.name!r} (kind {role.kind}). It has {describe_fields(fields)}."
        )
    return name


def _preferred_field(role: Role, fields: Fields) -> str | None:
    """Return the field with the most preferred name; case matters only between two fields."""
    exact = {name: name for name in fields}
    for names in (exact, {name.casefold(): name for name in fields}):
        for preferred in (*role.preferred, role.name):
            if (name := names.get(preferred)) and fields[name].fits(role.kind):
                return name
    return None


def _only_fitting_field(role: Role, fields: Fields) -> str | None:
    fitting = [name for name, field in fields.items() if role.kind in field.by_type]
    return fitting[0] if len(fitting) == 1 else None


def _fields_in_order(roles: Sequence[Role], fields: Fields) -> FieldNames:
    """Pair n > 1 roles of one kind with fields in order, if exactly n fields fit by type."""
    kinds = {role.kind for role in roles}
    fitting = [name for name, field in fields.items() if kinds <= set(field.by_type)]
    if len(kinds) != 1 or len(roles) < 2 or len(roles) != len(fitting):
        return {}
    return {role.name: name for role, name in zip(roles, fitting, strict=True)}


def _no_match_message(
    role: Role, roles: Sequence[Role], fields: Fields, source: str, noun: str
) -> str:
    wanted = ", ".join(f"{each.name!r} (kind {each.kind})" for each in roles)
    fitting = [name for name, field in fields.items() if role.kind in field.by_type]
    reason = f"several fit ({', '.join(fitting)})" if len(fitting) > 1 else "none fits"
    return (
        f"cannot choose a {noun} of {source} for the role {role.name!r}: {reason}. "
        f"Wanted: {wanted}. Found: {describe_fields(fields)}. "
        f"Choose one with {features_flag({role.name: 'NAME'})}."
    )
