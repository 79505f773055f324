"""What truth costs in fame, and what popularity does to what is read and rated."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "exchange": ["Exchange", "exchange_rate"],
        "film_market": ["chart_scores", "judge_chart", "prior_weight", "replay_visits"],
        "price_figure": ["plot_bargain", "plot_price"],
    },
)
