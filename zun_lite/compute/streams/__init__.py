"""Streams that the agent serves on a port of its own; see `zun_lite.streams`.
"""
