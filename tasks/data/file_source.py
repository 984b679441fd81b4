"""What a parser reads: the text of a file, the roles to fill, and what the user requests."""

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

from tasks.data.matching import Fields, match
from tasks.data.roles import FieldNames, Role
from zoo.errors import RequestError


@dataclasses.dataclass(frozen=True)
class FileSource:
    """The text of a file, and how it is read.

    Args:
        path: the file, for messages; its extension determines the format.
        text: its content.
        roles: the parts of an example.
        features: dict of role name to column, as the user requests: the name of a column, or its
            number in a file without a header line.
        header: whether the first line is a header; None: depends on the format.
    """

    path: pathlib.Path
    text: str
    roles: Sequence[Role]
    features: Mapping[str, str] | None = None
    header: bool | None = None

    def reject_header(self, form: str) -> None:
        """Raise RequestError if a header line is requested of a form that has none."""
        if self.header:
            raise RequestError(
                f"{self.path}: header=true, but {form} has no header line. Remove --header."
            )

    def only(self, roles: Sequence[Role]) -> "FileSource":
        """Return this source with some of its roles, which may have another kind."""
        names = {role.name for role in roles}
        features = {role: name for role, name in (self.features or {}).items() if role in names}
        return dataclasses.replace(self, roles=roles, features=features)

    def columns(self, fields: Fields, read: str = "") -> FieldNames:
        """Return dict of role name to the name of its column.

        Args:
            fields: the columns by name.
            read: how the file is read, after its path in messages.

        Raises:
            RequestError: no column fits a role, or a requested one does not.
        """
        return match(self.roles, fields, self.features, f"{self.path}{read}", "column")
