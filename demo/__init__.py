"""A retailer to try the hub on: simulated systems over HTTP, people who work with them, the real daemon, an independent oracle.

In: a seed and how long people act. Out: counts, times, and whether the systems agree at the end. `hub demo` and `make demo` call
`demo.run`. `demo.oracle` judges by what the systems hold and by their own journals, and imports nothing of the hub.
"""
