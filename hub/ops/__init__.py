"""One function per operator verb. CLI, API and console call these and nothing else.

In: a running hub or a store, and what the operator named. Out: plain values that any surface can show.
"""
