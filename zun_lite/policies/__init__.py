"""Policy rules: one module a noun, each with ``RULES``."""
import importlib
import itertools
import pkgutil

from oslo_policy import policy


def list_rules() -> list[policy.RuleDefault]:
    """Every rule; the entry point for oslopolicy-sample-generator."""
    modules = [importlib.import_module(f'{__name__}.{found.name}')
               for found in pkgutil.iter_modules(__path__)]
    return list(itertools.chain.from_iterable(m.RULES for m in modules))
