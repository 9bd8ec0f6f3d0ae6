"""Heat's API on loopback, in the environment of its engine.

Run by that environment's Python with a port, then Heat's own arguments.
"""
import sys
from wsgiref import simple_server


def main():
    port = int(sys.argv.pop(1))
    # It reads the rest of the arguments when it is imported.
    from heat.wsgi import api
    simple_server.make_server(
        '127.0.0.1', port, api.application).serve_forever()


main()
