"""The book as a site: freshness, provenance cards, the scoreboard, feeds."""
