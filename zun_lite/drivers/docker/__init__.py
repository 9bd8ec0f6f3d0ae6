"""Pods on a Docker Engine; `driver.DockerDriver` is the way in.

A pod is a sandbox container, which holds the network, IPC and (where asked)
PID namespaces, and a container for each run of each of its containers. Object
names say what an object is for, so that making it twice is refused by the
engine; labels say whose it is, so that an agent finds its own again.
"""
