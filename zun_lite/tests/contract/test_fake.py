"""The driver contract on the simulated engine."""
from zun_lite.tests.contract import cases
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.engines import memory

harness.concrete(globals(), cases.ALL, memory.MemoryEngine)
