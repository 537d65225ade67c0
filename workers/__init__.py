"""Background processes, one small module each."""
