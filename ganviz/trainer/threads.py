"""How many threads a run computes with."""

import torch


class one_thread:
    """One intra-op thread inside the block: the fastest for small networks, and bits repeat."""

    def __enter__(self) -> None:
        self._before = torch.get_num_threads()
        torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._before)
