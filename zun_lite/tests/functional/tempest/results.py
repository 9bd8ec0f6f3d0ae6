"""What became of tests, in the environment of those who ran them.

Run by that environment's Python with a subunit stream as its input. Writes
one JSON object: {test: [status, {name: text}]}, where the texts are what the
test says of itself, as tracebacks and the reason of a skip.
"""
import json
import sys

import subunit
import testtools


def main():
    found = {}

    def note(test):
        texts = {name: content.as_text()
                 for name, content in test['details'].items()
                 if content.content_type.type == 'text'}
        found[test['id']] = [test['status'], texts]
    result = testtools.StreamToDict(note)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(
        sys.stdin.buffer, non_subunit_name='printed').run(result)
    result.stopTestRun()
    json.dump(found, sys.stdout)


main()
