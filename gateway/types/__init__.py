"""Object types of the schema; beside each field stands where its value comes from."""
