"""Streams between a compute agent and the API or its WebSocket proxy.

They do not travel over the bus. Whoever wants one asks the agent for it by
RPC and is given an address and a token, which opens that one stream, once
and soon. The agent makes the tokens itself and keeps them in memory, so no
key is shared and a token is of use nowhere else.

A stream is a WebSocket, whatever it carries, so that all have the same
beginning, end, errors and back-pressure; see `wire`.
"""
