"""Models on this machine: their weights by name, and llama.cpp's server in a process of its own."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "catalogue": ["EMBEDDER", "MODELS"],
        "server": ["Server", "ServerFailed", "start_server"],
        "weights": ["FetchFailed", "fetch_weights"],
    },
)
