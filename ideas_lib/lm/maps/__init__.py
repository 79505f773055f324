"""Maps of embeddings that say how far they can be believed. Needs `pip install ideas-lib[maps]`.

from ideas_lib.lm.maps import show_maps
show_maps(vectors, labels)
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "map_view": ["MapView", "show_maps"],
        "trust": ["Trust", "nearest", "neighbour_stability"],
        "vectors": ["embed"],
    },
)
