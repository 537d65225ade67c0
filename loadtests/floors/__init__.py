"""What the same work costs at least: measured in the same run, beside the real thing."""
