"""The engine's times, as seconds since the epoch, and the wire's."""
import datetime


def parse(text: str | None) -> float | None:
    """Seconds; None for an absent time, which Docker writes as year 1."""
    if not text or text.startswith('0001-'):
        return None
    return datetime.datetime.fromisoformat(text).timestamp()


def rfc3339(seconds: float) -> str:
    """UTC with whole seconds: 2026-01-31T12:00:00Z."""
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def maybe_rfc3339(seconds: float | None) -> str | None:
    return None if seconds is None else rfc3339(seconds)
