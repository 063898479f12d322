"""What runs: one writer, two workers per connection (pull and push), and the hub that starts, stops and resumes them.

In: configuration, connectors, a store, a clock and transports. Out: a hub that keeps its systems in agreement until stopped.
"""
