"""The nouns. Values and frozen shapes only: no I/O, no clock, nothing imported from the rest of the hub.

In: nothing. Out: the types every stage speaks. All of them are plain data, so they can cross a thread or a wire.
"""
