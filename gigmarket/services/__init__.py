"""Use cases per noun: load, decide, save, append facts to the outbox."""
