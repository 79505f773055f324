"""What studies measure on: banks of questions, texts, tables, shapes, problems, as plain rows."""
