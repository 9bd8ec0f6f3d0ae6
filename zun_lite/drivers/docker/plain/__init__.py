"""Containers that were made as one: an engine container, and no sandbox.

Nothing of ours is on the container: it is called ``zun-<uuid>`` and has
exactly the labels its owner gave. What the agent must find again is in
`records`; `plan` says what is due, `keeper` does it.
"""
