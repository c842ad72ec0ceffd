"""The built-in plugins: each module is one, and imports only what a partner may."""
