"""Kubernetes-shaped pods as a service; see doc/source/contributor."""
import sys

# Libraries below us try to import eventlet and would use it. This service
# runs on threads; to them eventlet is now a package that is not installed.
sys.modules.setdefault('eventlet', None)  # type: ignore[arg-type]
