"""One idea, one file: each fills a seam of the baseline GPT."""
