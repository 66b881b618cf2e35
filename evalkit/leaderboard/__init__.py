"""The leaderboard over time: a line a system and run in a file that only grows, and what became of each system."""
