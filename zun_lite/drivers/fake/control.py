"""How a program makes the shell that runs it leave off what it does."""


class Exit(Exception):
    """The shell ends with `code`."""

    def __init__(self, code: int):
        self.code = code


class Jump(Exception):
    """break (again False) or continue (True)."""

    def __init__(self, again: bool):
        self.again = again
