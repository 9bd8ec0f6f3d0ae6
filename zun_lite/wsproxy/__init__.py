"""The WebSocket proxy: clients' sessions, joined to the agents' streams.

It has one thread for all of them: an idle session costs no thread, and both
directions wait for whoever is slower. It checks a session's token before it
lets the client in, by asking the agent that made it.
"""
