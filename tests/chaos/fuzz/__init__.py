"""Spoiled inputs: real ones with something wrong in them, handed to every door and parser of the hub."""
