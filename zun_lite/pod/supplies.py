"""What a pod refers to, as it goes with the pod to its host: not to be logged.
"""
import pydantic

from zun_lite.pod.part import Document

Entries = dict[str, str]                    # base64 by key


class Login(Document):
    """Of a registry that images are pulled from."""
    username: str
    password: str = pydantic.Field(repr=False)


class Supplies(Document):
    """The configs and secrets that a pod refers to and that are there, and
    the logins of its images' registries, by domain."""
    configs: dict[str, Entries] = pydantic.Field(
        default_factory=dict, repr=False)
    secrets: dict[str, Entries] = pydantic.Field(
        default_factory=dict, repr=False)
    registries: dict[str, Login] = pydantic.Field(
        default_factory=dict, repr=False)
