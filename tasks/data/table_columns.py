"""The columns of a table: a check of its header line, and a choice of columns without one."""

from collections.abc import Mapping, Sequence

from tasks.data.cells import is_number
from tasks.data.file_contents import features_flag
from tasks.data.file_source import FileSource
from tasks.data.header import names_all_roles
from tasks.data.matching import Field, describe_fields
from tasks.data.roles import FieldNames, Role
from zoo.errors import RequestError

_KINDS = ("label", "number", "text")
SAMPLE = 1000  # rows from which columns are guessed
_LONGEST_NAME = 4  # words in the name of a column
_Rows = Sequence[tuple[int, list[str]]]


def check_header(source: FileSource, number: int, names: Sequence[str], rows: _Rows) -> None:
    """Raise RequestError if the first line looks like data, unless the user says that it is not.

    Args:
        source: the file.
        number: the number of its first line.
        names: the cells of that line.
        rows: (line number, cells) of the other lines.
    """
    if source.header:
        return
    path, roles, features = source.path, source.roles, source.features
    reason = data_reason(names, rows)
    known = names_all_roles(names, roles, features)
    preferred = names_all_roles(names, roles, None)
    if known and (preferred or not reason):
        return
    if reason:
        raise RequestError(
            f"{path} line {number} looks like data: {reason}. If the file has no header line, add "
            f"--header=false, which names the columns 1 to {len(names)}; if the line is a header, "
            f"add --header=true{_example(roles, names)}."
        )
    if not set((features or {}).values()) <= set(names):
        return  # matching names the column that does not exist
    raise RequestError(f"{path} line {number}, {_unnamed_message(names, roles, features)}")


def _unnamed_message(
    names: Sequence[str], roles: Sequence[Role], features: Mapping[str, str] | None
) -> str:
    wanted = ", ".join(f"{role.name!r} (kind {role.kind})" for role in roles)
    fields = describe_fields({name: Field("column") for name in names})
    return (
        f"the header, does not name a column for each of the roles {wanted}. Found: {fields}. "
        f"Choose one with {features_flag(_example_columns(roles, names, features))}, or add "
        "--header=false if the line is an example."
    )


def data_reason(names: Sequence[str], rows: _Rows) -> str | None:
    """Return why a line looks like an example rather than a header, None if it does not."""
    for column, name in enumerate(names):
        if is_number(name):
            return f"{name!r} is a number"
        if len(name.split()) > _LONGEST_NAME:
            return f"{name[:40]!r} is a text"
        line = next((line for line, row in rows[:SAMPLE] if row[column].strip() == name), None)
        if name and line is not None:
            return f"{name[:40]!r} is also in column {column + 1} of line {line}"
    return None


def _example(roles: Sequence[Role], names: Sequence[str]) -> str:
    if len(names) < len(roles):
        return ""
    return f" and {features_flag({roles[-1].name: 'NAME'})}"


def _example_columns(
    roles: Sequence[Role], names: Sequence[str], features: Mapping[str, str] | None
) -> dict[str, str]:
    """Return {role: "NAME"} for the roles that no column fills."""
    return {
        role.name: "NAME" for role in roles if not names_all_roles(names, [role], features)
    } or {roles[-1].name: "NAME"}


def guessed_fields(
    rows: _Rows, roles: Sequence[Role], features: Mapping[str, str] | None, in_order: bool
) -> dict[str, Field]:
    """Return the columns of a table without a header; `by_type` holds the guessed kinds.

    The label is in the column with the fewest, but at least two, distinct values, the text in the
    one with the longest values, a number in the first column of numbers. With `in_order`, the roles
    take the columns in order.
    """
    sample = [row for _, row in rows[:SAMPLE]]
    free = [k for k in range(len(sample[0])) if str(k + 1) not in (features or {}).values()]
    kinds = [role.kind for role in roles if role.name not in (features or {})]
    chosen: dict[int, str] = {}
    if in_order:
        chosen = dict.fromkeys(free[: len(kinds)], "text")
    else:
        for kind in ("label", "number", "text"):
            candidates = [k for k in free if k not in chosen]
            if kind in kinds and candidates:
                best = _best_column(kind, sample, candidates)
                chosen |= {} if best is None else {best: kind}
    return {
        str(k + 1): Field("column", (chosen[k],) if k in chosen else (), _KINDS)
        for k in range(len(sample[0]))
    }


def _best_column(kind: str, rows: Sequence[list[str]], columns: Sequence[int]) -> int | None:
    if kind == "label":
        values = {k: len({row[k] for row in rows}) for k in columns}
        return min(columns, key=lambda k: (values[k] < 2, values[k]))
    if kind == "number":
        return next((k for k in columns if all(is_number(row[k]) for row in rows)), None)
    return max(columns, key=lambda k: sum(len(row[k]) for row in rows))


def notes(names: Sequence[str], found: FieldNames, features: Mapping[str, str] | None) -> list[str]:
    """State which columns of a table without a header are unused, and how to choose them."""
    unused = [name for name in names if name not in found.values()]
    guessed = [role for role in found if role not in (features or {})]
    if not unused or not guessed:
        return []
    plural = "s" if len(unused) > 1 else ""
    return [
        f"unused column{plural}: {', '.join(unused)}; choose with "
        f"{features_flag({guessed[-1]: unused[0]})}"
    ]
