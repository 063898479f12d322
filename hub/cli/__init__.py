"""The command line: nouns and verbs over `hub.ops`. One file per noun."""
