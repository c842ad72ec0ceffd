"""How requests arrive and answers leave: HTTP, streams, sockets, partners' messages."""
