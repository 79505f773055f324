"""Banks of questions for language models: contexts and phrases, drawn fresh for every seed."""
