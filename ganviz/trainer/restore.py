"""The state of a run, and a run that goes on from one, of its own or of another run."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from ganviz.config import CUSTOM, LIVE_FIELDS, ConfigError, RunConfig, settings
from ganviz.config.schema import OWNERS
from ganviz.say import Message, _
from ganviz.target import Target
from ganviz.trainer.build import build_networks
from ganviz.trainer.game import Game
from ganviz.trainer.player import Player
from ganviz.trainer.progress import Progress
from ganviz.trainer.state import State, flattened, under
from ganviz.trainer.streams import Streams
from ganviz.trainer.units import Units

DATA = ("dataset", "dataset_options")


def config_of(state: State) -> RunConfig:
    """The settings that the run of a state began with."""
    return RunConfig.from_json(json.dumps(state.rest["config"]))


def branched(state: State, changes: Mapping[str, Any]) -> tuple[RunConfig, dict[str, Any]]:
    """The settings that a branch with some of them changed begins with, and what is edited then.

    Raises:
        ConfigError: if a value is not valid.
    """
    live = {name: value for name, value in changes.items() if name in LIVE_FIELDS}
    fixed = {name: value for name, value in changes.items() if name not in live}
    config = config_of(state).replace(**fixed)
    in_force = {name: state.rest["next"][name] for name in LIVE_FIELDS}
    config.replace(**in_force).edited(**live)
    return config, live


def state_of(config: RunConfig, game: Game, streams: Streams, progress: Progress) -> State:
    """The state of a run that began with `config`, copied."""
    average = game.average
    tensors = game.tensors() | flattened("streams", streams.tensors())
    tensors |= flattened("half", progress.tensors())
    updates = 0 if average is None else average.updates
    kept = {"config": json.loads(config.to_json()), "average_updates": updates}
    return State(tensors, kept | progress.rest())


def restore(
    config: RunConfig, game: Game, streams: Streams, progress: Progress, state: State
) -> tuple[Message, ...]:
    """Give a run the state of another one whose networks have the same shapes.

    Args:
        config: the settings that the run began with.
        game, streams, progress: of the run.
        state: of the other one, which may have begun with other settings.

    Returns:
        What began anew, in sentences.
    """
    before = config_of(state)
    said = _restore_players(before, config, game, state)
    if before.seed == config.seed:
        streams.load(under(state.tensors, "streams"))
    else:
        said.append(_("The seed is another one: data and noise come from new streams."))
    progress.load(config, state.rest, under(state.tensors, "half"), game.d.flat)
    if progress.half is not None and progress.current.g_steps:
        game.make_samples_again(progress.half.last)
    return tuple(said)


def _restore_players(
    before: RunConfig, after: RunConfig, game: Game, state: State
) -> list[Message]:
    said = []
    players = {"generator": game.g, "discriminator": game.d}
    for role, player in players.items():
        player.network.load_state_dict(under(state.tensors, f"{role}.network"))
    if before.optimizer == after.optimizer and all(
        _fits(player, state, role) for role, player in players.items()
    ):
        for role, player in players.items():
            player.optimiser.load(under(state.tensors, f"{role}.optimiser"))
    else:
        said.append(_("The optimiser is another one and begins with empty moments."))
    if game.average is not None:
        game.average.copy_fixed()
        if "average" in state.tensors:
            game.average.restart(state.tensors["average"], state.rest["average_updates"])
        else:
            game.average.restart(game.g.flat)
            said.append(_("The moving average of G begins at its present weights."))
    if game.probe is not None:
        probe, mine = under(state.tensors, "probe"), game.probe.player
        if _shapes(under(probe, "network")) == _shapes(mine.network.state_dict()):
            mine.load(probe)
        else:
            said.append(_("The probe is a new one and has yet to learn."))
    if after.fourier and before.fourier_scale != after.fourier_scale:
        said.append(_("D's random frequencies stay those that the run began with."))
    return said


def check_shapes(
    config: RunConfig,
    game: Game,
    target: Target,
    units: Units,
    state: State,
    own: Mapping[str, nn.Module | None],
) -> None:
    """Check that the networks of a branch have the shapes of the state's.

    Args:
        config: the settings of the branch.
        game, target, units: of the branch.
        state: where it is to go on.
        own: networks of the caller's own, by role.

    Raises:
        ConfigError: if they have not, at the field to leave as it was.
        ValueError: if it is no field's fault, but that of a part of the caller's own.
    """
    found = {"generator": game.g.network, "discriminator": game.d.network}
    kept = {role: _shapes(under(state.tensors, f"{role}.network")) for role in found}
    wrong = [role for role, network in found.items() if _shapes(network.state_dict()) != kept[role]]
    for role in wrong:
        if own[role] is not None:
            raise ValueError(
                _("the state is of a {role} with other weights: pass one built alike", role=role)
            )

    def fits(settings: RunConfig) -> bool:
        networks = _networks(settings, target, units)
        return all(_shapes(networks[role].state_dict()) == kept[role] for role in wrong)

    if not wrong:
        return
    if field := _reshaping(config_of(state), config, fits):
        raise _reshapes(field, getattr(config, field))
    raise ValueError(
        _(
            "the state is of a {role} with other weights: its data had another shape, or it was "
            "your own; pass target and networks built alike",
            role=wrong[0],
        )
    )


def _reshaping(
    before: RunConfig, after: RunConfig, fits: Callable[[RunConfig], bool]
) -> str | None:
    """The field that other shapes follow from; None: they follow from data that no field names."""

    def verdict(**change: Any) -> bool | None:
        try:
            return fits(before.replace(**change))
        except ConfigError:  # it needs another change beside it, which is looked at by itself
            return None

    names = [name for name in (*settings(), *OWNERS) if name not in LIVE_FIELDS]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if not verdict():
        named = [name for name in DATA if name in changed]
        return named[0] if named and CUSTOM not in (before.dataset, after.dataset) else None
    order = (False, None, True)
    return min(changed, key=lambda name: order.index(verdict(**{name: getattr(after, name)})))


def _fits(player: Player, state: State, role: str) -> bool:
    """Whether the state holds as many moments as the player's optimiser has."""
    moments = under(state.tensors, f"{role}.optimiser.moments")
    return len(moments) == len(player.optimiser.state)


def _networks(config: RunConfig, target: Target, units: Units) -> dict[str, nn.Module]:
    built = build_networks(config, target, units, Streams.from_seed(0), None, None)
    return {"generator": built.generator, "discriminator": built.discriminator}


def _shapes(state: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    # A module may keep what is no tensor; a state has none of it.
    return {name: tuple(getattr(value, "shape", ())) for name, value in state.items()}


def _reshapes(field: str, value: Any) -> ConfigError:
    complaint = _(
        "cannot change in a branch, as the shapes of the networks follow from it; "
        "settings that leave the shapes as they are can"
    )
    return ConfigError(field, complaint, {field: value})
