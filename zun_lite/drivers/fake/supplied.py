"""Volumes of configs, secrets and the pod's own fields."""
import typing
from collections.abc import Mapping

from zun_lite.drivers.fake import files
from zun_lite.pod import own
from zun_lite.pod import spec
from zun_lite.pod import supply

Found = Mapping[str, typing.Sequence[supply.File]]


def contents(pod: spec.Pod, place: own.Place) -> Found:
    """By volume, what is to be in it.

    :raises Missing: a config or secret is not there.
    """
    return {volume.name: supply.files(pod, volume, place)
            for volume in pod.spec.volumes or ()
            if supply.is_supplied(volume)}


def fill(trees: Mapping[str, files.Tree], found: Found) -> None:
    """Bring the volumes to what is to be in them, and nothing else."""
    for name, wanted in found.items():
        tree = trees[name]
        tree.files = {'/': None}
        for file in wanted:
            tree.put(f'/{file.path}', file.content)
            kept = tree.files[f'/{file.path}']
            if kept is not None:
                kept.mode = file.mode
