"""OpenStack Zun's words and documents, and what they are as pods. Pure.

A container or a capsule is another view of a pod: `translation` makes a
pod's spec of what was asked for, `words` tells a pod's state in Zun's
words, `actions` says which action fits which of these.
"""
