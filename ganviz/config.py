"""RunConfig: everything that one run is made of, as plain values. An invalid one cannot exist."""

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, get_type_hints
from urllib.parse import parse_qsl, urlencode

from ganviz.datasets import DATASETS
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.penalties import PENALTIES
from ganviz.registry import Bounds, Entry, Option, Registry, UnknownName, did_you_mean

CUSTOM = "custom"
"""The dataset's name where the caller passed the target or a network: no registry rebuilds it."""

Options = Mapping[str, Any] | tuple[tuple[str, Any], ...]
"""A mapping where it is given, sorted pairs inside."""

_REGISTRIES: Mapping[str, Registry[Any, Entry[Any]]] = MappingProxyType(
    {"dataset": DATASETS, "network": NETWORKS, "loss": LOSSES, "penalty": PENALTIES}
)
_OPTIONS_OF: Mapping[str, str] = MappingProxyType(
    {f"{name}_options": name for name in ("dataset", "network", "loss")}
)


class ConfigError(ValueError):
    """A value that no run can have. `field` says where it was given."""

    def __init__(self, field: str, complaint: str) -> None:
        super().__init__(f"{field} {complaint}")
        self.field = field


def _setting(default: Any, group: str, *, live: bool = False) -> Any:
    return field(default=default, metadata={"group": group, "live": live})


LearningRate = Annotated[float, Bounds(0, 1, open_low=True, log=True)]
Beta = Annotated[float, Bounds(0, 0.9999)]
Steps = Annotated[int, Bounds(0, 100)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """Everything needed to reproduce one run, together with the edits made while it ran.

    Options are mappings where they are given and sorted pairs inside, with every default filled in,
    so that two ways to write the same run are equal and share one `id`.

    Raises:
        ConfigError: on any value that is unknown, of the wrong type or out of range.

    >>> RunConfig(steps=0)
    Traceback (most recent call last):
    ...
    ganviz.config.ConfigError: steps must be at least 1, got 0
    """

    dataset: str = _setting("ring", "data")
    """The distribution that G learns."""
    dataset_options: Options = _setting((), "data")
    """Keyword arguments of the dataset."""

    network: str = _setting("mlp", "networks")
    """The architecture of both players."""
    network_options: Options = _setting((), "networks")
    """Keyword arguments of the network."""
    width: Annotated[int, Bounds(1, 1024, log=True)] = _setting(128, "networks")
    """Units in each hidden layer, or channels of D's first convolution."""
    depth: Annotated[int, Bounds(1, 8)] = _setting(2, "networks")
    """Hidden layers of each player."""
    latent_dim: Annotated[int, Bounds(1, 512, log=True)] = _setting(8, "networks")
    """Length of the noise vector z that G turns into a sample."""
    latent: Literal["normal", "uniform"] = _setting("normal", "networks")
    """Distribution of each entry of z: standard normal, or uniform on (-1, 1)."""

    loss: str = _setting("non_saturating", "loss")
    """What each player minimises."""
    loss_options: Options = _setting((), "loss")
    """Keyword arguments of the loss."""
    penalty: str = _setting("none", "loss")
    """A term added to D's loss that bounds its gradient."""
    penalty_weight: Annotated[float, Bounds(0, 1000, log=True)] = _setting(0.1, "loss")
    """Factor of the penalty (gamma of R1 and R2); without a penalty it does nothing."""

    lr_d: LearningRate = _setting(1e-3, "optimiser", live=True)
    """Learning rate of the discriminator, above 0 and at most 1."""
    lr_g: LearningRate = _setting(1e-3, "optimiser", live=True)
    """Learning rate of the generator, above 0 and at most 1."""
    d_steps: Steps = _setting(1, "optimiser", live=True)
    """Discriminator updates in each iteration (k_D); 0 freezes D."""
    g_steps: Steps = _setting(1, "optimiser", live=True)
    """Generator updates in each iteration (k_G); 0 freezes G."""
    beta1: Beta = _setting(0.5, "optimiser")
    """Adam's decay of the first moment."""
    beta2: Beta = _setting(0.99, "optimiser")
    """Adam's decay of the second moment."""
    lr_schedule: Literal["constant", "cosine"] = _setting("cosine", "optimiser")
    """Learning rates over the run: constant, or falling to 0 by half a cosine."""
    batch_size: Annotated[int, Bounds(2, 8192, log=True)] = _setting(256, "optimiser")
    """Real samples, and as many fakes, in each update."""
    ema: Annotated[float, Bounds(0, 0.99999)] = _setting(0.999, "optimiser")
    """Decay of the moving average of G that shown samples come from; 0 switches it off."""

    steps: Annotated[int, Bounds(1, 10_000_000, log=True)] = _setting(8000, "run")
    """Iterations of the whole run."""
    seed: Annotated[int, Bounds(0, 2**31 - 1)] = _setting(0, "run")
    """The same seed and settings give the same run, bit for bit, on the same machine."""
    device: Literal["cpu", "cuda"] = _setting("cpu", "run")
    """Where the networks live. Networks of this size are fastest on the CPU."""
    dtype: Literal["float32", "float64"] = _setting("float32", "run")
    """Precision of weights and activations."""

    def __post_init__(self) -> None:
        for name, spec in settings().items():
            if name in _REGISTRIES:
                self._check_name(name)
            else:
                self._set(name, _checked(name, spec, getattr(self, name)))
        for name, owner in _OPTIONS_OF.items():
            self._set(name, self._filled_options(name, owner))
        self._check_together()

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes`; a new dataset, network or loss starts from its own options."""
        unknown(changes, (*settings(), *_OPTIONS_OF))
        for name, owner in _OPTIONS_OF.items():
            if changes.get(owner, getattr(self, owner)) != getattr(self, owner):
                changes.setdefault(name, ())
        return replace(self, **changes)

    def edited(self, **changes: Any) -> Self:
        """`replace`, for what may change while a run goes on.

        Raises:
            ConfigError: if a field is not live, or its value is not valid.
        """
        unknown(changes, (*settings(), *_OPTIONS_OF))
        for name in changes:
            if name not in LIVE_FIELDS:
                live = ", ".join(LIVE_FIELDS)
                raise ConfigError(name, f"needs a restart; live are only {live}")
        return self.replace(**changes)

    def options(self, owner: Literal["dataset", "network", "loss"]) -> dict[str, Any]:
        """The keyword arguments for the registered function that the field `owner` names."""
        return dict(getattr(self, f"{owner}_options"))

    @property
    def id(self) -> str:
        """Ten hexadecimal digits that name these settings; equal settings have equal ids."""
        return hashlib.blake2s(self.to_json().encode(), digest_size=5).hexdigest()

    def to_json(self) -> str:
        """All fields as one JSON object, options as objects, keys sorted."""
        values = asdict(self) | {name: dict(getattr(self, name)) for name in _OPTIONS_OF}
        return json.dumps(values, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`; fields that are not named have their defaults.

        Raises:
            ConfigError: if the text is no JSON object, or a field is unknown or not valid.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError("config", f"is not JSON: {error}") from None
        if not isinstance(values, dict):
            raise ConfigError("config", f"must be a JSON object, got {text[:40]!r}")
        unknown(values, (*settings(), *_OPTIONS_OF))
        return cls(**values)

    def to_query(self) -> str:
        """The fields that differ from their defaults, as the query of an address.

        >>> RunConfig(width=64, dataset_options={"modes": 12}).to_query()
        'width=64&dataset_options.modes=12'
        """
        plain = type(self)()
        base = plain.replace(**{owner: getattr(self, owner) for owner in _OPTIONS_OF.values()})
        pairs = [
            (name, getattr(self, name))
            for name in settings()
            if getattr(self, name) != getattr(plain, name)
        ]
        for name in _OPTIONS_OF:
            defaults = dict(getattr(base, name))
            pairs += [
                (f"{name}.{option}", value)
                for option, value in getattr(self, name)
                if value != defaults[option]
            ]
        return urlencode(pairs)

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The inverse of `to_query`.

        Raises:
            ConfigError: if a key is unknown or given twice, or a value cannot be read.
        """
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        if query.removeprefix("?") and not pairs:
            raise ConfigError("query", f"must be name=value pairs, got {query!r}")
        return cls.from_settings(pairs)

    @classmethod
    def from_settings(cls, pairs: list[tuple[str, str]], base: Self | None = None) -> Self:
        """`base` (the defaults, if None) with `(name, text)` pairs; an option is `field.option`.

        Raises:
            ConfigError: if a name is unknown or given twice, or a value cannot be read.
        """
        texts: dict[str, str] = {}
        for name, text in pairs:
            if name in texts:
                raise ConfigError(name, "is given twice")
            texts[name] = text
        plain = {name: text for name, text in texts.items() if "." not in name}
        unknown(plain, settings())
        config = (base or cls()).replace(
            **{name: _parsed(name, settings()[name], text) for name, text in plain.items()}
        )
        options: dict[str, dict[str, Any]] = {}
        for name, text in texts.items():
            if "." in name:
                group, option = name.split(".", 1)
                if group in settings():
                    raise ConfigError(name, f"is no known setting; {group} has no options")
                unknown([group], _OPTIONS_OF)
                known = config.options_spec(_OPTIONS_OF[group])
                unknown([option], known, prefix=f"{group}.")
                given = options.setdefault(group, dict(getattr(config, group)))
                given[option] = _parsed(name, known[option], text)
        return config.replace(**options)

    def options_spec(self, owner: str) -> Mapping[str, Option]:
        """What the registered function that the field `owner` names may be given."""
        name = getattr(self, owner)
        return {} if name == CUSTOM else _REGISTRIES[owner][name].options

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_name(self, name: str) -> None:
        if name == "dataset" and self.dataset == CUSTOM:
            return
        try:
            _REGISTRIES[name][getattr(self, name)]
        except UnknownName as error:
            raise ConfigError(name, f"is unknown: {error}") from None

    def _filled_options(self, name: str, owner: str) -> tuple[tuple[str, Any], ...]:
        given = getattr(self, name)
        pairs = given.items() if isinstance(given, Mapping) else given
        if not isinstance(pairs, Collection) or not all(
            isinstance(pair, tuple) and len(pair) == 2 for pair in pairs
        ):
            raise ConfigError(name, f"must be a mapping, got {given!r}")
        given = dict(pairs)
        known = self.options_spec(owner)
        unknown(given, known, prefix=f"{name}.")
        values = {option: spec.default for option, spec in known.items()} | given
        return tuple(
            (option, _checked(f"{name}.{option}", known[option], values[option]))
            for option in sorted(values)
        )

    def _check_together(self) -> None:
        if self.d_steps == self.g_steps == 0:
            raise ConfigError("d_steps", "and g_steps are both 0, so neither player would learn")
        if self.dataset == CUSTOM:
            return
        facts = DATASETS[self.dataset].facts
        if facts["size"] and self.batch_size > facts["size"]:
            raise ConfigError(
                "batch_size",
                f"is {self.batch_size:,}, but {self.dataset} has only {facts['size']:,} samples "
                "to train on",
            )
        complaint = NETWORKS[self.network].facts["complaint"](facts["shape"], self.depth)
        if complaint:
            place = "depth" if "depth" in complaint else "network"
            raise ConfigError(place, f"cannot serve {self.dataset}: {self.network} {complaint}")


def unknown(names: Iterable[str], known: Collection[str], prefix: str = "") -> None:
    """Check names against the known ones.

    Raises:
        ConfigError: at the first name that is not known; it suggests the nearest.
    """
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), list(known)) if known else "there are none"
            raise ConfigError(f"{prefix}{name}", f"is no known setting; {hint}")


def _checked(name: str, spec: Option, value: Any) -> Any:
    try:
        return spec.check(value)
    except ValueError as error:
        raise ConfigError(name, str(error)) from None


def _parsed(name: str, spec: Option, text: str) -> Any:
    try:
        return spec.parse(text)
    except ValueError as error:
        raise ConfigError(name, str(error)) from None


@cache
def settings() -> dict[str, Option]:
    """Every field of `RunConfig` but the options: what it may be, for checks, forms and docs."""
    hints = get_type_hints(RunConfig, include_extras=True)
    return {
        f.name: Option.of(f.name, hints[f.name], f.default, field_doc(f.name))
        for f in fields(RunConfig)
        if f.name not in _OPTIONS_OF
    }


@cache
def _field_docs() -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(RunConfig))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for statement, after in zip(body.body, body.body[1:], strict=False):
        match statement, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                docs[name] = inspect.cleandoc(str(text))
    return docs


def field_doc(name: str) -> str:
    """The docstring under a field of `RunConfig`: its help wherever it is shown."""
    return _field_docs()[name]


def field_metadata(name: str) -> Mapping[str, Any]:
    """`group` (of the form) and `live` (may change while a run goes on) of a field."""
    found: dict[str, Field[Any]] = {f.name: f for f in fields(RunConfig)}
    return found[name].metadata


LIVE_FIELDS = tuple(f.name for f in fields(RunConfig) if f.metadata["live"])
"""The fields that `Trainer.edit` takes."""
