"""Articles on their way in: jobs that survive the bot, the feeds that are followed, and who gets the next turn."""
