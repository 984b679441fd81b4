"""Find the column of the input in a file whose labels may lack."""

from collections.abc import Mapping, Sequence

from tasks.data.roles import Role


def column_of(role: Role, names: Sequence[str], features: Mapping[str, str]) -> str | None:
    """Return the name of the column of a role, None if no name is known.

    Args:
        role: the role.
        names: the names of the columns.
        features: dict of role name to the column that the user requests.
    """
    if (requested := features.get(role.name)) is not None:
        return requested if requested in names else None
    exact = {name: name for name in names}
    for found in (exact, {name.casefold(): name for name in reversed(names)}):
        for known in (*role.preferred, role.name):  # the order of `tasks.data.matching`
            if known in found:
                return found[known]
    return None
