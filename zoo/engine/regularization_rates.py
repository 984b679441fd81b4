"""The rates of dropout and zoneout, and their validation."""

import dataclasses
from collections.abc import Mapping

from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell


@dataclasses.dataclass(frozen=True)
class RegularizationRates:
    """The rates of dropout and zoneout, fractions in [0, 1), as JSON values.

    Args:
        zoneout: probability that a unit of a state keeps its old value; one rate for all states but
            the cell's `unregularized_states`, or a dict of rates by state name.
        variational_dropout: fraction dropped of the input and of the operands of the recurrent
            products.
        weight_drop: fraction dropped of the recurrent kernel.
        recurrent_dropout: fraction dropped of the candidate state.
        dropout: fraction dropped of the input.
    """

    zoneout: float | Mapping[str, float] = 0.0
    variational_dropout: float = 0.0
    weight_drop: float = 0.0
    recurrent_dropout: float = 0.0
    dropout: float = 0.0

    def check(self, cell: RecurrentCell) -> None:
        """Validate the rates for a cell.

        Raises:
            RequestError: a rate is outside [0, 1), zoneout names another state, or weight drop is
                set for a cell without a recurrent kernel.
        """
        if isinstance(self.zoneout, Mapping):
            states = [name for name in cell.state_names if name not in cell.unregularized_states]
            for state, rate in self.zoneout.items():
                if state not in states:
                    raise RequestError(
                        f"zoneout names {state!r}, and applies to the states {', '.join(states)} "
                        f"of {type(cell).__name__}. Name these, or give one rate for all."
                    )
                _check_rate("zoneout", rate)
        else:
            _check_rate("zoneout", self.zoneout)
        for name in ("variational_dropout", "weight_drop", "recurrent_dropout", "dropout"):
            _check_rate(name, getattr(self, name))
        if self.weight_drop and cell.recurrent_shape == "none":
            raise RequestError(
                f"weight_drop={self.weight_drop} applies to the recurrent kernel, and "
                f"{type(cell).__name__} has none. Leave it out, or try zoneout."
            )

    def zoneout_rate(self, state: str) -> float:
        """Return the zoneout rate of the state of that name."""
        return self.zoneout.get(state, 0.0) if isinstance(self.zoneout, Mapping) else self.zoneout

    @property
    def has_zoneout(self) -> bool:
        """Whether any state has a zoneout rate above 0."""
        if isinstance(self.zoneout, Mapping):
            return any(self.zoneout.values())
        return bool(self.zoneout)

    @property
    def changes_step(self) -> bool:
        """Whether masks are applied inside the loop: whether a rate but `dropout` is above 0."""
        dropout_rates = (self.variational_dropout, self.weight_drop, self.recurrent_dropout)
        return self.has_zoneout or any(dropout_rates)

    @property
    def is_random(self) -> bool:
        """Whether training draws random numbers."""
        return self.changes_step or bool(self.dropout)


def _check_rate(name: str, rate: object) -> None:
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate < 1:
        raise RequestError(f"{name}={rate!r} is not a fraction in [0, 1). Try 0.2.")
