"""A day of rounds on disk: what every round saw and did, bounded and without anybody's name."""
