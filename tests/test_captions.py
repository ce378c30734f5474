"""How to read each chart: of what readings are, whose V it is, what the lines mean."""

from dataclasses import replace

import numpy as np

from ganviz import INSTRUMENTS
from ganviz.columns import Columns
from ganviz.readings import GAPS, Cost
from ganviz.ui import text
from tests.moments import measured, snapshot


def test_a_fresh_d_that_is_sure_says_what_that_means() -> None:
    captions = [text.captions(measured(fresh=v))["gaps"] for v in (-0.01, -0.3)]
    assert ["hardly overlap" in caption for caption in captions] == [True, False]


def test_where_the_two_agree_is_what_smoothed_labels_make_of_one_half() -> None:
    line = {"dataset": "gaussian", "latent_dim": 1}
    plain, smooth = (
        text.captions(snapshot(**line, **more))["samples"]
        for more in ({}, {"label_smoothing": 0.2})
    )
    assert "where D(x) = ½ the two agree" in plain
    assert "where D(x) = 0.4 the two agree" in smooth  # .8 p / (p + q) at p = q
    packed = text.captions(snapshot(**line, label_smoothing=0.2, packing=2))["samples"]
    assert "where the probe's D(x) = ½ the two agree" in packed


def test_the_caption_of_v_explains_its_three_lines() -> None:
    assert "From the first up to the second" not in text.captions(snapshot())["value"]
    playing = measured(shown=snapshot(which_g="playing"), value=-1.38, optimal=-0.25)
    assert "From the first up to the second" in text.captions(playing)["value"]
    # Of two Gs, the distance of the lines is no lag.
    caption = text.captions(measured(value=-1.38, optimal=-0.25))["value"]
    assert caption.startswith("V of the training D, V of the optimal D, and −ln 4.")
    assert "From the first up to the second" not in caption
    assert "V is on the G that plays, the other lines on the averaged G (EMA)." in caption
    assert "V of a fresh D" in text.captions(measured(value=-1.38, fresh=-0.25))["value"]


def test_captions_say_of_what_readings_are_and_what_they_cost() -> None:
    cost = Cost(
        limit=0.15, share=0.124, busy="fresh", doing=INSTRUMENTS["fresh"].doing, progress=0.4
    )
    shown = measured(value=-1.0, optimal=-0.25, held_out=-1.4, memorised_se=0.02)
    row = np.stack(list(shown.readings.gaps.values()), 1)
    earlier = np.where(np.array(GAPS) == "step", row - 1, row)
    assert "by heart" not in text.captions(shown)["gaps"]  # one measurement may be chance
    twice = Columns(np.concatenate([earlier, row]), GAPS)
    read = replace(shown.readings, cost=cost, gaps=twice)
    captions = text.captions(replace(shown, status="running", readings=read))
    for chart in ("gaps", "quality"):
        assert (
            "Instruments took 12 % of the time (limit 15 %) in the last ten seconds."
            in captions[chart]
        )
        assert "Fitting a fresh D, 40 %." in captions[chart]
    assert "Optimal D from 20,000 samples" in captions["gaps"]
    assert "On held-out data V is 0.40 lower: D knows some data by heart." in captions["gaps"]
    assert "EMA" in captions["quality"]
    fresh = text.captions(measured(value=-1.0, fresh=-0.25))
    assert "lower bound" in fresh["gaps"]


def test_instruments_that_are_off_are_said_to_be_off() -> None:
    captions = text.captions(snapshot())
    for chart in ("gaps", "zigzag", "saturation", "quality", "shares", "precision_recall"):
        assert "The instruments are off" in captions[chart]
    switched = measured(value=-1.38, optimal=-0.25)
    assert "these are their last readings" in text.captions(switched)["gaps"]
