"""One folder per system: manifest, streams and sinks, README, and a stateful fake. They import `hub.sdk` and no other part."""
