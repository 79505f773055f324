"""Decision trees one can read: soft boundaries, their hard versions, and the meta-tree."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "hard": ["HardTree"],
        "meta_tree": ["MetaTreeClassifier"],
        "meta_tree_figure": ["plot_meta_tree"],
        "nodes": ["AxisSplits", "arrivals"],
        "setter": ["MetaSplits"],
        "soft": ["SoftTreeClassifier", "SoftTreeRegressor"],
        "temperature_figure": ["plot_temperature"],
        "tree_plot": ["plot_tree"],
        "validation": ["split"],
    },
)
