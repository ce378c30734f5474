"""Messages as the code writes them: whole templates that the catalogue can know, values by name."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import ganviz

PACKAGE = Path(ganviz.__file__).parent

FILES = sorted(PACKAGE.rglob("*.py"))

SAID = {"DataError": 0, "ConfigError": 1}
"""Errors that a person reads, and which argument is the sentence."""

WHOLE = ("target.py", "trainer/own.py", "trainer/build.py")
"""Files in which a person reads every error."""


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """The calls of functions with one of these names, however they are reached."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ending(node) in names:
            yield node


def placeholders(template: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def wrong(call: ast.Call) -> str | None:
    """What a call of `_` or `_n` has that no catalogue can know, or that would not be filled in."""
    plural = ending(call) == "_n"
    given = {keyword.arg for keyword in call.keywords}
    templates = literals(call.args[: 1 + plural])
    if len(call.args) > 1 + 2 * plural:
        return "takes its values by name"
    if len(templates) < 1 + plural:
        return "needs a template that is written there as it is"
    if None in given:
        return "needs its values one by one"
    given |= {"n"} if plural else set()
    wanted = {name for template in templates for name in placeholders(template)} if given else set()
    if not all(name.isidentifier() for name in wanted):
        return "needs names in its placeholders"
    if wanted | ({"n"} if plural else set()) != given:
        return f"has placeholders {sorted(wanted)} and values {sorted(map(str, given))}"
    return None


def literals(arguments: list[ast.expr]) -> list[str]:
    found = [a.value for a in arguments if isinstance(a, ast.Constant)]
    return [value for value in found if isinstance(value, str)]


def ending(call: ast.Call) -> str:
    """What is called, without what it is an attribute of."""
    called = call.func
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def raw(said: ast.expr, function: ast.AST | None = None) -> bool:
    """Whether an expression is a text that was put together, or a plain one, and no message.

    Args:
        said: the expression.
        function: where a name in it may have been assigned.
    """
    if isinstance(said, ast.Constant):
        return isinstance(said.value, str)
    if isinstance(said, ast.Call):
        joins = isinstance(said.func, ast.Attribute) and said.func.attr in ("format", "join")
        return joins or (isinstance(said.func, ast.Name) and said.func.id in ("str", "repr"))
    if isinstance(said, ast.Name) and function is not None:
        assigned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == said.id for t in node.targets)
        ]
        return any(raw(value) for value in assigned)
    if isinstance(said, ast.BoolOp):
        return any(raw(value, function) for value in said.values)
    if isinstance(said, ast.IfExp):
        return raw(said.body, function) or raw(said.orelse, function)
    return isinstance(said, ast.JoinedStr | ast.BinOp)


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_message_is_a_whole_template_and_its_values(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(call.lineno, what) for call in calls(tree, "_", "_n") if (what := wrong(call))]
    if path.name != "say.py":  # it hands on what it was given
        made = calls(tree, "Message")
        found += [(c.lineno, "puts a template together") for c in made if _built(c)]
    assert found == []


def _built(message: ast.Call) -> bool:
    return any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in message.args[:1])


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_a_person_reads_of_an_error_is_a_message(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for function in functions(tree):
        errors = [(call, SAID[ending(call)]) for call in calls(function, *SAID)]
        if name_of(path) in WHOLE:
            errors += [(call, 0) for call in calls(function, "ValueError")]
        for call, place in errors:
            if len(call.args) > place and raw(call.args[place], function):
                found.append(call.lineno)
    assert found == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ('_("one row")', None),
        ('_("one " "row of {n}", n=1)', None),
        ('_("{x} is a set")', None),
        ('_("{n:,} of {name!r}", n=1, name="x")', None),
        ('_n("{n} row of {name}", "{n} rows of {name}", 3, name="x")', None),
        ('_n("a row", "{n} rows", n=3)', None),
        ('_(f"{n} rows")', "needs a template that is written there as it is"),
        ('_("one " + "row")', "needs a template that is written there as it is"),
        ("_(ROWS)", "needs a template that is written there as it is"),
        ('_n("row", ROWS, 3)', "needs a template that is written there as it is"),
        ('_("{} rows", 3)', "takes its values by name"),
        ('_("{0} rows", n=3)', "needs names in its placeholders"),
        ('_("{x.y} rows", x=3)', "needs names in its placeholders"),
        ('_("{n} rows", **values)', "needs its values one by one"),
        ('_("{n} rows", m=3)', "has placeholders ['n'] and values ['m']"),
        ('_("{n} rows", n=3, m=3)', "has placeholders ['n'] and values ['m', 'n']"),
        ('_n("row", "{m} rows", 3)', "has placeholders ['m'] and values ['n']"),
        ('_n("a row", "rows", 3)', None),
    ],
)
def test_what_is_wrong_with_a_message_is_found(code: str, what: str | None) -> None:
    (call,) = calls(ast.parse(code), "_", "_n")
    assert wrong(call) == what


@pytest.mark.parametrize(
    ("code", "is_raw"),
    [
        ('"text"', True),
        ('f"{n} rows"', True),
        ('"a" + b', True),
        ('"{} rows".format(3)', True),
        ('", ".join(names)', True),
        ("str(error)", True),
        ('_("text") if n else "text"', True),
        ('error.strerror or "text"', True),
        ("why", True),
        ('_("text")', False),
        ("_n('row', '{n} rows', 3)", False),
        ("joined([_('One.')])", False),
        ("error.message", False),
        ("error.strerror or _('text')", False),
        ("complaint", False),
    ],
)
def test_plain_text_is_told_from_a_message(code: str, is_raw: bool) -> None:
    function = ast.parse("def f():\n why = f'{n} rows'\n complaint = _('{n} rows', n=n)")
    assert raw(ast.parse(code, mode="eval").body, function) == is_raw
