"""The header line of a file with columns: whether there is one, and its names."""

from collections.abc import Mapping, Sequence

from tasks.data.roles import Role


def names_all_roles(
    cells: Sequence[str], roles: Sequence[Role], features: Mapping[str, str] | None
) -> bool:
    """Return whether the cells of a line name a column for every role, whatever their case."""
    names = {cell.strip().casefold() for cell in cells}
    return all(names & _names_of(role, features) for role in roles)


def _names_of(role: Role, features: Mapping[str, str] | None) -> set[str]:
    requested = (features or {}).get(role.name)
    names = [requested] if isinstance(requested, str) else [role.name, *role.preferred]
    return {name.casefold() for name in names}


def twice_message(names: Sequence[str]) -> str | None:
    """Return the message for a name that heads two columns, None if there is none."""
    for name in names:
        numbers = [str(k + 1) for k, each in enumerate(names) if each == name]
        if name and len(numbers) > 1:
            return (
                f"{name!r} heads columns {', '.join(numbers[:-1])} and {numbers[-1]}. Give each "
                "column a name of its own."
            )
    return None
