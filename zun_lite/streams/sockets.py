"""Connections that may be silent for long."""
import contextlib
import socket

IDLE_S, INTERVAL_S, PROBES = 30, 10, 3


def keep_alive(sock: socket.socket) -> None:
    """Let the kernel find out when the other machine is gone.

    Pings of the WebSocket protocol cannot tell a dead peer from one that is
    slow to take what it is sent.
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, INTERVAL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def cut(sock: socket.socket) -> None:
    """End a connection at once; whoever reads or writes it is told."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
