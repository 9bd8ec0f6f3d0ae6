"""The driver contract as tests: one suite, every driver.

`cases` has the groups of cases, `harness.Case` what they are written with,
`engines` an adapter for each engine. A case drives its driver through the
compute agent's reconciler and asserts what Kubernetes promises to a pod's
owner: status, events, logs, what a command inside the container sees. What
only the engine can tell (is anything left behind?) is the adapter's.

A new driver gets an adapter, a subclass of `engines.base.TestEngine`, and a
module of three lines like `test_fake`; it needs no case of its own. A case
about a field or an action that the driver does not declare ends where that
is refused (see `test_lacking`).
"""
