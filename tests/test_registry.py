"""Names, documentation and options of what is registered."""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from ganviz.registry import Bounds, Entry, Option, Registry, UnknownName, did_you_mean, key_of

Greetings = Registry[Callable[..., str], Entry[Callable[..., str]]]


@pytest.fixture
def greetings() -> Greetings:
    registry: Greetings = Registry("greeting")

    @registry.register("Hello", polite=True)
    def hello(
        name: str,
        *,
        times: Annotated[int, Bounds(1, 3)] = 1,
        volume: Annotated[float, Bounds(0, 11, open_low=True, log=True)] = 2.0,
        tone: Literal["warm", "cold"] = "warm",
        free: float = 0.5,
    ) -> str:
        r"""Says hello, in
        two lines.

        A formula: $$x$$.

        Args:
            name: who.
            times: how often,
                and again.
            volume: how loud.

        Raises:
            ValueError: never.
        """
        return name

    @registry.register("Lambda")
    def lambda_() -> str:
        """A name that Python keeps for itself."""
        return ""

    return registry


def test_the_functions_name_is_the_key(greetings: Greetings) -> None:
    assert list(greetings) == ["hello", "lambda"]
    assert len(greetings) == 2
    assert "hello" in greetings
    assert "bye" not in greetings
    entry = greetings["hello"]
    assert (entry.name, entry.label) == ("hello", "Hello")
    assert entry.facts == {"polite": True}
    assert entry.fn("you") == "you"
    assert entry.summary == "Says hello, in two lines."


def test_what_is_registered_stays_as_it_is(greetings: Greetings) -> None:
    with pytest.raises(TypeError):
        greetings["hello"].facts["polite"] = False  # type: ignore[index]
    with pytest.raises(TypeError):
        greetings["hello"].options["new"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        greetings["hello"].label = "Bye"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["helo", "Hello", "hellow"])
def test_an_unknown_name_suggests_the_nearest(greetings: Greetings, name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        greetings[name]
    assert str(caught.value) == (
        f"no greeting is called {name!r}; did you mean 'hello'? Known: hello, lambda"
    )
    assert isinstance(caught.value, KeyError)


def test_nothing_near_gives_the_list_alone(greetings: Greetings) -> None:
    with pytest.raises(UnknownName) as caught:
        greetings["zzz"]
    assert str(caught.value) == "no greeting is called 'zzz'; Known: hello, lambda"
    assert str(did_you_mean("zzz", ["a", "b"])) == "Known: a, b"


@pytest.mark.parametrize("name", [[], {}, None, 3])
def test_a_name_that_is_no_text_is_unknown(greetings: Greetings, name: Any) -> None:
    with pytest.raises(UnknownName, match="no greeting is called"):
        greetings[name]


def test_registering_a_name_twice_is_an_error(greetings: Greetings) -> None:
    def hello() -> str:
        """Another one."""
        return ""

    with pytest.raises(ValueError, match="greeting 'hello' is registered twice"):
        greetings.register("Again")(hello)
    assert greetings["hello"].label == "Hello"


def test_a_docstring_is_required(greetings: Greetings) -> None:
    def bye() -> str:
        return ""

    with pytest.raises(ValueError, match="greeting 'bye' needs a docstring"):
        greetings.register("Bye")(bye)
    assert "bye" not in greetings


class Polite:
    """Says what a greeting says."""

    def __init__(self, **_: object) -> None: ...


class Curt(Polite): ...


class Warm_(Polite):
    """Says more."""


def test_a_docstring_is_ones_own_and_not_that_of_a_base() -> None:
    registry: Registry[Any, Entry[Any]] = Registry("greeting")
    with pytest.raises(ValueError, match="greeting 'curt' needs a docstring"):
        registry.register("Curt")(Curt)
    registry.register("Polite")(Polite)
    registry.register("Warm")(Warm_)
    assert list(registry) == ["polite", "warm"] == [key_of(Polite), key_of(Warm_)]


def test_a_fact_that_an_entry_needs_is_required() -> None:
    class Timed(Entry[Any]):
        @property
        def needs(self) -> tuple[str, ...]:
            return "every", "doing"

    registry: Registry[Any, Timed] = Registry("greeting", Timed)
    with pytest.raises(ValueError, match="greeting 'polite' needs its facts: every, doing"):
        registry.register("Polite")(Polite)
    with pytest.raises(ValueError, match=r"greeting 'polite' needs its facts: doing$"):
        registry.register("Polite", every=0.0)(Polite)
    registry.register("Polite", every=0.0, doing=None)(Polite)
    assert list(registry) == ["polite"]


def test_keyword_only_arguments_are_the_options(greetings: Greetings) -> None:
    options = greetings["hello"].options
    assert list(options) == ["times", "volume", "tone", "free"]
    assert options["times"] == Option("times", int, 1, Bounds(1, 3), (), "how often, and again.")
    assert options["volume"].bounds == Bounds(0, 11, open_low=True, log=True)
    assert options["volume"].type is float
    assert options["tone"] == Option("tone", str, "warm", None, ("warm", "cold"), "")
    assert options["free"] == Option("free", float, 0.5, None, (), "")
    assert greetings["lambda"].options == {}


def option(annotation: Any) -> Option:
    return Option.of("x", annotation, None, "")


COUNT = option(Annotated[int, Bounds(1, 8)])
RATE = option(Annotated[float, Bounds(0, 1, open_low=True)])
TONE = option(Literal["warm", "cold"])


@pytest.mark.parametrize(
    ("spec", "given", "kept"),
    [
        (COUNT, 1, 1),
        (COUNT, 8, 8),
        (RATE, 1, 1.0),
        (RATE, 1e-300, 1e-300),
        (option(float), -5, -5.0),
        (TONE, "cold", "cold"),
        (option(str), "anything", "anything"),
    ],
)
def test_check_gives_the_options_own_type(spec: Option, given: Any, kept: Any) -> None:
    assert spec.check(given) == kept
    assert type(spec.check(given)) is type(kept)


@pytest.mark.parametrize(
    ("spec", "value", "complaint"),
    [
        (COUNT, 0, "must be at least 1, got 0"),
        (COUNT, 9, "must be at most 8, got 9"),
        (COUNT, 2.0, "must be a whole number, got 2.0"),
        (COUNT, True, "must be a number, got True"),
        (COUNT, "3", "must be a number, got '3'"),
        (COUNT, None, "must be a number, got None"),
        (RATE, 0, "must be above 0, got 0"),
        (RATE, -0.0, "must be above 0, got -0"),
        (RATE, 1.5, "must be at most 1, got 1.5"),
        (RATE, False, "must be a number, got False"),
        (RATE, [0.5], r"must be a number, got \[0.5\]"),
        (RATE, math.nan, "must be finite, got nan"),
        (option(float), math.inf, "must be finite, got inf"),
        (option(float), -math.inf, "must be finite, got -inf"),
        (TONE, "worm", "is 'worm', which is not a choice; did you mean 'warm'"),
        (TONE, 1, "must be text, got 1"),
        (option(str), None, "must be text, got None"),
    ],
)
def test_check_says_what_is_wrong(spec: Option, value: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}"):
        spec.check(value)


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (COUNT, "3", 3),
        (RATE, "1e-3", 0.001),
        (RATE, "1", 1.0),
        (TONE, "cold", "cold"),
        (option(float), "-0.25", -0.25),
    ],
)
def test_parse_reads_text(spec: Option, text: str, value: Any) -> None:
    assert spec.parse(text) == value
    assert type(spec.parse(text)) is type(value)


@pytest.mark.parametrize(
    ("spec", "text", "complaint"),
    [
        (COUNT, "", "must be a whole number, got ''"),
        (COUNT, "2.5", "must be a whole number, got '2.5'"),
        (COUNT, "1e1", "must be a whole number, got '1e1'"),
        (COUNT, "0", "must be at least 1, got 0"),
        (COUNT, "must be", "must be a whole number, got 'must be'"),
        (RATE, "abc", "must be a number, got 'abc'"),
        (RATE, "True", "must be a number, got 'True'"),
        (RATE, "nan", "must be finite, got nan"),
        (RATE, "inf", "must be finite, got inf"),
        (TONE, "", "is '', which is not a choice"),
    ],
)
def test_parse_says_what_is_wrong(spec: Option, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}"):
        spec.parse(text)


def test_a_number_that_no_float_can_hold_is_a_complaint_too() -> None:
    with pytest.raises(ValueError, match="must be"):
        COUNT.parse("1" + 400 * "0")
    with pytest.raises(ValueError, match="must be"):
        RATE.check(10**400)


def test_a_complaint_tells_a_number_from_its_bound() -> None:
    # 10,000,001 in six digits reads as the bound itself: "at most 1e+07, got 1e+07".
    with pytest.raises(ValueError, match="at most") as caught:
        option(Annotated[int, Bounds(1, 10_000_000)]).check(10_000_001)
    bound, got = str(caught.value).removeprefix("must be at most ").split(", got ")
    assert bound.replace(",", "") == "10000000"
    assert got.replace(",", "") == "10000001"
