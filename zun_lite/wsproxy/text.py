"""Where bytes of UTF-8 text may be cut."""

LONGEST = 3            # bytes of a character that is not complete


def _incomplete(data: bytes) -> int:
    """How many of the last bytes begin a character that goes on."""
    for back in range(1, min(LONGEST, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:         # inside of a character
            continue
        length = (4 if byte & 0xF8 == 0xF0 else 3 if byte & 0xF0 == 0xE0
                  else 2 if byte & 0xE0 == 0xC0 else 1)
        return back if length > back else 0
    return 0


class Cutter:
    """Holds back what begins a character until the rest has come.

    Clients decode each frame by itself. What is no UTF-8 passes as it is.
    """

    def __init__(self) -> None:
        self._held = b''

    def feed(self, data: bytes) -> bytes:
        data = self._held + data
        cut = len(data) - _incomplete(data)
        self._held = data[cut:]
        return data[:cut]

    def rest(self) -> bytes:
        """What was held back, when no more comes."""
        data, self._held = self._held, b''
        return data
