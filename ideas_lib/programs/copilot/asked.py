"""The endpoint that candidates are sampled from."""

from ideas_lib.lm.endpoint import Endpoint, connect
from ideas_lib.lm.wire import Wire

__all__ = ["Asked"]


class Asked(Wire):
    """A Wire whose own server has a model's weights as they come, not written out in 16 bits.

    Exact scores need the 16 bits. The calibration is of candidates from the weights as they come.
    """

    def _connected(self) -> Endpoint:
        return connect(self._named)
