"""Imports of orders from files: parsers that know a format, one runner for all."""
