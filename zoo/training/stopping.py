"""The end of training: why it stopped, and the learning rate on the way there."""

import math
from typing import Any, NamedTuple

from zoo.config import Config
from zoo.reports.leaderboard import display_name


class Stop(NamedTuple):
    """Why training stopped.

    Attributes:
        epoch: the last epoch.
        reason: "epochs", "patience", "time" or "search" (epochs that a search gave to a trial).
        text: the reason as a sentence.
    """

    epoch: int
    reason: str
    text: str


def stop_of(
    config: Config,
    epoch: int,
    best: dict[str, Any] | None,
    metric: str,
    time_left: float,
    until: int,
) -> Stop | None:
    """Return why training stops after an epoch, or None if it continues.

    The answer depends only on values of the checkpoint, so that a resumed run stops at the same
    epoch as an uninterrupted one.

    Args:
        config: the resolved configuration.
        epoch: number of finished epochs.
        best: {"epoch", "scores"} of the best epoch, None before the first one.
        metric: name of the validation metric that chooses the best epoch.
        time_left: seconds of the time budget that are left.
        until: epoch to stop after.
    """
    assert config.epochs is not None
    waited, patience = epoch - best["epoch"] if best else 0, config.patience or 0
    if epoch >= config.epochs:
        return Stop(epoch, "epochs", f"finished {_epochs(config.epochs, every=True)}")
    if patience and waited >= patience:
        reason = f"{_epochs(waited)} without a better validation {display_name(metric)}"
        return Stop(epoch, "patience", f"stopped after epoch {epoch}: {reason}")
    if epoch > 0 and time_left <= 0:
        reason = "the time budget is exhausted"
        return Stop(epoch, "time", f"stopped after epoch {epoch}: {reason}")
    if epoch >= until:
        reason = "the search allocated no more epochs to this trial"
        return Stop(epoch, "search", f"stopped after epoch {epoch}: {reason}")
    return None


def learning_rate_factor(config: Config, epoch: int, share_of_time: float) -> float:
    """Return the factor of the learning rate in an epoch.

    The cosine schedule falls from 1 to 0.02 over all epochs of the configuration or, if shorter,
    the time budget. Early stopping cuts it off, and does not compress it.

    Args:
        config: the resolved configuration.
        epoch: number of finished epochs.
        share_of_time: the share of the time budget that is used.
    """
    if config.schedule == "constant":
        return 1.0
    assert config.epochs is not None
    done = max(epoch / config.epochs, min(1.0, share_of_time))
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _epochs(number: int, every: bool = False) -> str:
    return "1 epoch" if number == 1 else f"{'all ' if every else ''}{number} epochs"
