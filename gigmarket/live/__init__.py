"""Redis or Valkey: what is live and can be rebuilt from SQL and heartbeats."""
