"""A container engine in memory, for tests, demonstrations and benchmarks.

`FakeDriver` meets the whole driver contract over an `Engine` that simulates
containers: their commands are run by a small shell (see `parser` for the
language, `commands` and `processes` for the programs) in real time, without
a thread or a process each. `Engine.faults` makes it fail and be slow. Every
image name exists in its registry unless it fits `Engine.images.missing`; a
program that is not simulated is taken for a server that runs for ever.
"""
from zun_lite.drivers.fake.driver import FakeDriver
from zun_lite.drivers.fake.driver import Pods
from zun_lite.drivers.fake.engine import Engine
from zun_lite.drivers.fake.faults import Faults
from zun_lite.drivers.fake.images import Image
from zun_lite.drivers.fake.member import BackOff

__all__ = ['BackOff', 'Engine', 'FakeDriver', 'Faults', 'Image', 'Pods']
