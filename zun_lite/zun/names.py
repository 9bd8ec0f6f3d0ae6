"""Names for what owners gave none."""
import random

_LETTERS = (
    'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta',
    'iota', 'kappa', 'lambda', 'mu', 'nu', 'xi', 'omicron', 'pi', 'rho',
    'sigma', 'tau', 'upsilon', 'phi', 'chi', 'psi', 'omega')


def letter() -> str:
    """omega-24: one of a few hundred."""
    return f'{random.choice(_LETTERS)}-{random.randint(1, 24)}'  # noqa: S311


def container() -> str:
    return f'{letter()}-container'


def capsule() -> str:
    return f'{letter()}-capsule'
