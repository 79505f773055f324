"""What an idea is compared with besides the baseline, one file a chapter."""
