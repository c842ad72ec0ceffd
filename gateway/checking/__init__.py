"""Checks of a plugin before it is installed, run in a process of their own.

`apart` starts that process, `__main__` is what it runs: the package is read
(`project`, `packaging`, `imports`), loaded beside what is installed (`loading`), and
what it brings is looked at (`promises`, `lint`, `publishing`).
"""
