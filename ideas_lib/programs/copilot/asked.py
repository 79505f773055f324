"""The endpoint that candidates are sampled from."""

from ideas_lib.lm.client import Client
from ideas_lib.lm.endpoint import Endpoint, connect

__all__ = ["Asked"]


class Asked(Client):
    """A Wire whose own server has a model's weights as they come, not written out in 16 bits.

    Exact scores need the 16 bits. The calibration is of candidates from the weights as they come.
    """

    def _connected(self) -> Endpoint:
        return connect(self._named)
