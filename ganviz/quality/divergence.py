"""Divergences of samples from a known density, read off the optimal discriminator."""

from ganviz.optimal import why_not
from ganviz.quality.base import METRICS, Evaluation
from ganviz.target import Target


def known_density(target: Target) -> bool:
    """Whether the optimal discriminator of the target is known."""
    return why_not(target) is None


@METRICS.register(
    "JSD", applies=known_density, best="low", short="JSD, nats", place=1, part_of_error=0.5
)
def jsd(evaluation: Evaluation) -> float:
    r"""Jensen-Shannon divergence of samples and data: half of what V can exceed -ln 4 by.

    $$\mathrm{JSD}(p \| q) = \tfrac12 \mathrm{KL}(p \| \tfrac{p + q}{2}) +
    \tfrac12 \mathrm{KL}(q \| \tfrac{p + q}{2}) = \tfrac12 (V(D^*, G) + \ln 4)$$

    From 0 (samples are like data) to ln 2 = 0.693 nats (no overlap), up to noise. It is a lower
    bound in the mean: V of an actual discriminator on samples that it has not seen.

    References: Goodfellow et al. 2014, Theorem 1.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return evaluation.divergences.jsd


@METRICS.register(
    "G's error (2·JSD)", applies=known_density, best="low", short="2·JSD, nats", part_of_error=1.0
)
def two_jsd(evaluation: Evaluation) -> float:
    r"""How far V of the best discriminator lies above -ln 4: what G has still to lower.

    $$2\,\mathrm{JSD}(p \| q) = \max_D V(D, G) + \ln 4$$

    From 0 (samples are like data) to ln 4 = 1.386 nats (no overlap), up to noise.

    References: Goodfellow et al. 2014, Theorem 1.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return 2 * evaluation.divergences.jsd


@METRICS.register("KL(p‖q)", applies=known_density, best="low", short="KL(p‖q), nats")
def kl_data(evaluation: Evaluation) -> float:
    r"""Kullback-Leibler divergence of the data from the samples: large where G leaves data out.

    $$\mathrm{KL}(p \| q) = E_{x \sim p}\left[\ln \frac{p(x)}{q(x)}\right]$$

    From 0 upwards, in nats. n samples show no ratio above n, so it ends at ln n where the truth may
    be infinite.

    References: Arjovsky & Bottou 2017. [arXiv:1701.04862](https://arxiv.org/abs/1701.04862)
    """
    return evaluation.divergences.kl_data


@METRICS.register("KL(q‖p)", applies=known_density, best="low", short="KL(q‖p), nats")
def kl_fakes(evaluation: Evaluation) -> float:
    r"""Kullback-Leibler divergence of the samples from the data: large where G makes what is none.

    $$\mathrm{KL}(q \| p) = E_{x \sim q}\left[\ln \frac{q(x)}{p(x)}\right]$$

    From 0 upwards, in nats, and at most ln n for n samples. A generator that covers only a share
    s of the data, faithfully, reads -ln s and no more.

    References: Arjovsky & Bottou 2017. [arXiv:1701.04862](https://arxiv.org/abs/1701.04862)
    """
    return evaluation.divergences.kl_fakes
