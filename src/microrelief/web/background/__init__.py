"""Work that outlives a request: one thread in the server's process takes it from the database, in turn."""
