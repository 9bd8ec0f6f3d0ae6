"""Samples of use, turned into the contract's figures: pure.

Source: Docker Engine API, GET /containers/{id}/stats; docker/cli
(cli/command/container/stats_helpers.go) for what counts as used memory.
"""
import typing
from collections.abc import Iterable
from collections.abc import Mapping

Sample = Mapping[str, typing.Any]


def cpu_millis(before: Sample, after: Sample, seconds: float) -> int:
    """Average use between two samples, in thousandths of a core."""
    used_ns = (after['cpu_stats']['cpu_usage']['total_usage']
               - before['cpu_stats']['cpu_usage']['total_usage'])
    return max(0, round(used_ns / 1e6 / seconds)) if seconds > 0 else 0


def memory_bytes(sample: Sample) -> int:
    """Without the page cache that the kernel can take back at once."""
    memory = sample.get('memory_stats') or {}
    details = memory.get('stats') or {}
    cache = details.get('total_inactive_file',
                        details.get('inactive_file', 0))
    used = int(memory.get('usage', 0))
    return used - cache if cache < used else used


def memory_limit(sample: Sample) -> int | None:
    return (sample.get('memory_stats') or {}).get('limit')


def network(sample: Sample) -> tuple[int, int]:
    """(received, sent) bytes."""
    links: Iterable[Sample] = (sample.get('networks') or {}).values()
    pairs = [(link['rx_bytes'], link['tx_bytes']) for link in links]
    return sum(p[0] for p in pairs), sum(p[1] for p in pairs)


def blocks(sample: Sample) -> tuple[int, int]:
    """(read, written) bytes."""
    read = written = 0
    stats = sample.get('blkio_stats') or {}
    for entry in stats.get('io_service_bytes_recursive') or ():
        match entry['op'].lower():
            case 'read':
                read += entry['value']
            case 'write':
                written += entry['value']
    return read, written


def pids(sample: Sample) -> int:
    return int((sample.get('pids_stats') or {}).get('current', 0))
