"""A logger for the WebSocket library that cannot tell what is secret.

In its debug mode it logs every header and message; tokens are among them.
"""
import logging


def logger(name: str) -> logging.Logger:
    found = logging.getLogger(name)
    found.setLevel(logging.WARNING)
    return found
