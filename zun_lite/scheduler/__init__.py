"""Which host a pod goes to, and why not: pure functions over summaries.

`request.PodRequest` is what a pod asks for, `filters` say which hosts can
take it, `weighers` which of those should, and `explain` puts a refusal into
words. Nothing here reads a database or a clock.
"""
