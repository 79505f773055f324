"""What studies measure on: banks of questions, texts, tables, shapes, problems, as plain rows."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "age_norms": ["age_norm", "sample_people"],
        "bank_calls": ["load_bank_weeks"],
        "capitals": ["sample_places"],
        "film_ratings": ["load_film_ratings"],
        "humaneval": ["load_humaneval"],
        "inhabitants": ["load_inhabitants", "log_ratio"],
        "pronouns": ["sample_occupations"],
        "shapes": ["SHAPES", "bayes_error", "chance", "sample_shape"],
        "stem_questions": ["sample_question"],
        "tables": ["TABLES", "Table", "load_table"],
        "texts": ["sample_exercises", "sample_sentences"],
        "verb_agreement": ["sample_subjects"],
    },
)
