"""The sample's own tests run where it is installed: see `test_wheel.py`."""

collect_ignore = ["acme-lounge"]
