"""What a caller may ask for, checked before any work is done for it."""
