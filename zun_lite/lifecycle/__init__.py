"""What each request does to the desired state of a pod.

A request is one transaction: it locks the pod's row, decides, writes the
pod and the record of the action, and commits. Then it rings the conductor's
bell; a bell that is not heard is made up for by the conductor's sweep.

`generation` rises with every change of what is desired. An action that
changes nothing is recorded as done; one that overtakes another marks that
one as superseded.
"""
from zun_lite.lifecycle.containers import Containers
from zun_lite.lifecycle.requests import Lifecycle

__all__ = ['Containers', 'Lifecycle']
