"""Numbers as people read them: three digits, a true minus sign."""

import math


def signed(value: float) -> str:
    """Two decimals, as all of V's charts have room for.

    >>> signed(-1.3863), signed(-0.001)
    ('−1.39', '0.00')
    """
    return minus(f"{round(value, 2) + 0.0:.2f}")


def significant(value: float, beside: float | None = None) -> str:
    """Three significant digits, of the number that it stands beside if there is one.

    >>> significant(0.0031416), significant(0.99996), significant(1234.5), significant(-1e-7)
    ('0.00314', '1.00', '1,234', '−1.00e−07')
    >>> significant(0.0000723, beside=-0.00206), significant(0.0), significant(float("nan"))
    ('0.00007', '0', '–')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else minus(str(value)).replace("inf", "∞")
    scale = abs(value if beside is None else beside)
    if not 0 < scale < math.inf:
        return whole(value) if value == 0 else minus(f"{value:.3g}")
    size = math.floor(math.log10(float(f"{scale:.2e}")))
    if size < -5 or size > 6:
        return minus(f"{value:.2e}")
    return minus(f"{value:,.{max(0, 2 - size)}f}")


def compact(value: float, digits: int = 4) -> str:
    """So many significant digits at most, and no zeros at the end.

    >>> compact(1.38629436), compact(2.0), compact(-0.125), compact(1234.5, 3)
    ('1.386', '2', '−0.125', '1.23e+03')
    """
    return minus(f"{value:.{digits}g}")


def whole(value: float) -> str:
    """A count.

    >>> whole(1234.0)
    '1,234'
    """
    return minus(f"{value:,.0f}")


def percent(share: float) -> str:
    """A share in [0, 1], in whole percent.

    >>> percent(0.126)
    '13 %'
    """
    return f"{share:.0%}".replace("%", " %")


def minus(shown: str) -> str:
    """A number that is already written, with a true minus sign."""
    return shown.replace("-", "−")
