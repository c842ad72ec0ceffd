"""Programs to begin with, as package data: `guerdon program new`."""
