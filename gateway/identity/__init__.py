"""From a credential to an actor."""
