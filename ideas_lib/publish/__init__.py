"""The book as a site: freshness, scoreboard, forks, posts and feeds."""
