"""The demo: real purchases of a music shop, and a program for them."""
