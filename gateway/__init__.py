"""The gateway: GraphQL over ASGI, and the command line. It decides nothing itself."""
