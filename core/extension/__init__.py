"""The plugin contract: what a plugin brings, how it is loaded, and how it is asked."""
