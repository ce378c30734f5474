"""The game's own value and the losses that took its place: squares, margins, a distance."""

from math import log

from torch import Tensor
from torch.nn.functional import logsigmoid, relu

from ganviz.losses.base import LOSSES, Objective, value_of


@LOSSES.register(
    "Non-saturating",
    critic="logit",
    equilibrium=log(4),
    equilibrium_g=log(2),
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    compared=True,
    reading=(
        "L_D is −V: ln 4 where D can only guess, 0 where it is always right. "
        "L_G is the mean of −ln D(G(z)): ln 2 where D guesses, more where D sees through the fakes."
    ),
)
def non_saturating(real: Tensor, fake: Tensor) -> Objective:
    r"""G raises D(G(z)) instead of lowering 1 - D(G(z)): strong gradients where D is sure.

    $$L_D = -V(D, G), \quad L_G = -E_z[\ln D(G(z))]$$

    With D at its best for the present G, the gradient of L_G is that of KL(q‖p) - 2 JSD(p‖q)
    (Arjovsky & Bottou 2017, [arXiv:1701.04862](https://arxiv.org/abs/1701.04862), Theorem 2.5).

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Goodfellow et al. 2014, section 3.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return Objective(d=-value_of(real, fake), g=-logsigmoid(fake).mean())


@LOSSES.register(
    "Minimax",
    critic="logit",
    equilibrium=log(4),
    equilibrium_g=-log(2),
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    compared=True,
    reading=(
        "L_D is −V: ln 4 where D can only guess, 0 where it is always right. "
        "L_G is V's G term: −ln 2 where D guesses; near 0 D is sure, and G learns almost nothing."
    ),
)
def minimax(real: Tensor, fake: Tensor) -> Objective:
    r"""The game itself: G minimises the very V that D maximises. Saturates where D is sure.

    $$L_D = -V(D, G), \quad L_G = E_z[\ln(1 - D(G(z)))]$$

    V's other term does not depend on G. With D at its best, the gradient of L_G is that of
    2 JSD(p‖q), which vanishes as p and q separate.

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Goodfellow et al. 2014, equation 1.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return Objective(d=-value_of(real, fake), g=logsigmoid(-fake).mean())


@LOSSES.register(
    "Least squares",
    critic="critic",
    equilibrium=0.25,
    equilibrium_g=0.125,
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    compared=True,
    reading=(
        "L_D is ¼ where D can only guess, and answers ½; 0 where it gives data 1 and fakes 0. "
        "L_G is ⅛ where D guesses, ½ where D is sure of the fakes."
    ),
)
def least_squares(real: Tensor, fake: Tensor) -> Objective:
    r"""D regresses on the labels 1 and 0, so that G also moves samples that D takes for real.

    $$L_D = \tfrac12 E_x[(D(x) - 1)^2] + \tfrac12 E_z[D(G(z))^2], \quad
      L_G = \tfrac12 E_z[(D(G(z)) - 1)^2]$$

    D is the raw output, without a sigmoid. At its best it is p / (p + q), and

    $$L_D = \tfrac14 - \tfrac18 \int \frac{(p - q)^2}{p + q}.$$

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`.

    References: Mao et al. 2017, equation 9 (the labels 0 and 1).
    [arXiv:1611.04076](https://arxiv.org/abs/1611.04076)
    """
    return Objective(
        d=((real - 1).square().mean() + fake.square().mean()) / 2,
        g=(fake - 1).square().mean() / 2,
    )


@LOSSES.register(
    "Hinge",
    critic="margin",
    equilibrium=2.0,
    equilibrium_g=None,
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    compared=True,
    reading=(
        "L_D is 2 where D can only guess, 0 where a margin separates data and fakes; 2 − 2·TV for "
        "the best D. L_G is minus D's mean on fakes: anything from −1 to 1 where D guesses."
    ),
)
def hinge(real: Tensor, fake: Tensor) -> Objective:
    r"""D ignores samples that it already separates by a margin of 1.

    $$L_D = E_x[\max(0, 1 - D(x))] + E_z[\max(0, 1 + D(G(z)))], \quad L_G = -E_z[D(G(z))]$$

    At its best D is the sign of p - q, and $L_D = 2 - 2\,\mathrm{TV}(p, q)$. With p = q any
    constant in [-1, 1] is best.

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`.

    References: Lim & Ye 2017, *Geometric GAN*.
    [arXiv:1705.02894](https://arxiv.org/abs/1705.02894)
    """
    return Objective(d=relu(1 - real).mean() + relu(1 + fake).mean(), g=-fake.mean())


@LOSSES.register(
    "Wasserstein",
    critic="critic",
    equilibrium=0.0,
    equilibrium_g=None,
    generator_sees_real=False,
    finite_to=1e4,
    penalty="wgan_gp",
    compared=True,
    reading=(
        "−L_D is the gap between the critic's means on data and on fakes: 0 where it sees none, W₁ "
        "for the best critic of slope 1, and in proportion to the slope. L_G has an arbitrary "
        "offset: its level says nothing."
    ),
)
def wasserstein(real: Tensor, fake: Tensor) -> Objective:
    r"""The difference of two means: the earth mover's distance, if D's slope is held to 1.

    $$L_D = E_z[D(G(z))] - E_x[D(x)], \quad L_G = -E_z[D(G(z))]$$

    Over all D of slope at most 1 the least L_D is $-W_1(p, q)$. Nothing here bounds the slope: that
    is the work of a penalty or of clipping.

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`.

    References: Arjovsky, Chintala & Bottou 2017, equation 2.
    [arXiv:1701.07875](https://arxiv.org/abs/1701.07875)
    """
    return Objective(d=fake.mean() - real.mean(), g=-fake.mean())
