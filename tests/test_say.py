"""Messages keep template and values, and become words in the language of whoever reads."""

import gettext
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from ganviz import say
from ganviz.say import Message, _, _n, joined, listed, said_by, speaking
from tests.pseudo import pseudo


class Loud(gettext.NullTranslations):
    """Every message in capitals, but for what stands in braces."""

    def gettext(self, message: str) -> str:
        parts = message.replace("{", "\0{").replace("}", "}\0").split("\0")
        return "".join(part if part.startswith("{") else part.upper() for part in parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """With a third form, for two."""
        if n == 2:
            return "A PAIR OF {what}"
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(say.CATALOGUES, "loud", Loud())


def test_a_message_becomes_words_only_where_it_is_shown() -> None:
    message = _("{who} lags by {lag:.2f}", who=_("the probe"), lag=0.5)
    assert str(message) == "the probe lags by 0.50"
    with speaking("loud"):
        assert str(message) == f"{message}" == "THE PROBE LAGS BY 0.50"
    assert str(message) == "the probe lags by 0.50"


def test_a_thread_of_its_own_speaks_the_language_of_the_code() -> None:
    with speaking("loud"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(str, _("one row")).result() == "one row"


def test_braces_mean_nothing_where_there_are_no_values() -> None:
    assert str(_("{x} is a set")) == "{x} is a set"


def test_text_in_a_value_is_not_read_as_a_template() -> None:
    assert str(_("no file {name}", name="{0} {who}")) == "no file {0} {who}"


def test_a_message_comes_back_from_json() -> None:
    message = _("{who} lags by {lag:.2f}", who=_("D"), lag=0.5)
    kept = json.loads(json.dumps(message.to_json()))
    assert Message.from_json(kept) == message
    assert str(Message.from_json(kept)) == "D lags by 0.50"


def test_words_may_depend_on_how_many_there_are() -> None:
    counts = [_n("{n:,} {what} is", "{n:,} {what}s are", n, what="row") for n in (0, 1, 2, 1200)]
    assert [*map(str, counts)] == ["0 rows are", "1 row is", "2 rows are", "1,200 rows are"]
    with speaking("loud"):
        assert [*map(str, counts)] == ["0 rowS ARE", "1 row IS", "A PAIR OF row", "1,200 rowS ARE"]
    with pseudo():
        assert str(counts[1]) == "1⟦ ⟧row⟦ is⟧"
        assert str(counts[3]) == "1,200⟦ ⟧row⟦s are⟧"
    for message in counts:
        assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message
    assert "many" not in _("a row").to_json()


def test_sentences_and_lists_are_put_together_by_the_catalogue() -> None:
    with speaking("loud"):
        assert str(joined([_("one."), None, "", _("two.")])) == "ONE. TWO."
        assert str(listed([_("a"), _("b"), "c"])) == "A, B, c"
    assert joined([]) == ""


def test_labels_and_docstrings_are_messages_without_values() -> None:
    with speaking("loud"):
        assert say.say("Least squares") == "LEAST SQUARES"
        assert say.say("") == ""


def test_an_error_keeps_its_message() -> None:
    error = ValueError(_("needs {n} rows", n=3))
    with speaking("loud"):
        assert str(error) == "NEEDS 3 ROWS"
    assert said_by(error) == _("needs {n} rows", n=3)
    assert said_by(ValueError("needs rows")) == "needs rows"
    assert said_by(KeyError("a", _("row"))) == str(KeyError("a", _("row")))


def test_a_language_without_a_catalogue_is_english() -> None:
    with speaking("xx"):
        assert str(_("one row")) == "one row"
