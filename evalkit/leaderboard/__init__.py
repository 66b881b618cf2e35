"""The leaderboard over time: an append-only file with one line per system and run, and the timeline of each system."""
