"""JSON texts that are joined into an answer, neither parsed nor written."""
import functools
import json

# Project and host names repeat on every line of a page.
quote = functools.lru_cache(maxsize=1024)(json.dumps)


def extended(document: str, more: str) -> str:
    """A JSON object's text with more members at its end; `more`: theirs,
    without the braces around them, and not empty."""
    return f'{document[:-1]}{"," if len(document) > 2 else ""}{more}}}'
