"""The fixed values of the theory that the instruments are read against. Natural logarithms."""

import math

V_SUPREMUM = 0.0
"""The bound that V(D, G) never reaches: a discriminator that is always right (nats)."""

V_EQUILIBRIUM = -math.log(4)
"""V at D = 1/2, and so at p_g = p_data (Goodfellow et al. 2014, arXiv:1406.2661, Theorem 1)."""

TERM_EQUILIBRIUM = -math.log(2)
"""The D term and the G term at D = 1/2: each half of `V_EQUILIBRIUM`."""


def value_with_dropped_modes(covered: int, modes: int) -> float:
    r"""The largest V when G is perfect on `covered` of `modes` equal, separated modes.

    $$V^* = \frac{m}{K} \ln\frac{m}{m+K} + \ln\frac{K}{K+m}$$

    Args:
        covered: m, from 1 to `modes`.
        modes: K, at least 1.

    Raises:
        ValueError: if `covered` is not in 1..`modes`.

    >>> round(value_with_dropped_modes(1, 8), 4), round(value_with_dropped_modes(8, 8), 4)
    (-0.3924, -1.3863)
    """
    if not 1 <= covered <= modes:
        raise ValueError(f"covered must be from 1 to {modes}, got {covered}")
    share = covered / modes
    return share * math.log(covered / (covered + modes)) + math.log(modes / (covered + modes))
