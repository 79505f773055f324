"""Language models behind any OpenAI-compatible endpoint. Needs `pip install ideas-lib[lm]`."""
