"""Random numbers that are the same on every machine and in every version of NumPy.

Only the uniform doubles of the PCG64 bit generator are used, whose stream NumPy keeps stable; every other distribution
is made from them here. Each table draws from streams of its own, so that a new table leaves the others as they are.
"""

import bisect
import itertools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_REFILL = 512


class Stream:
    """One stream of random numbers, named after what it is for."""

    def __init__(self, seed: int, block: int, name: str) -> None:
        entropy = np.random.SeedSequence([seed, block, zlib.crc32(name.encode())])
        self._generator = np.random.Generator(np.random.PCG64(entropy))
        self._ready: list[float] = []
        self._ready_normals: list[float] = []

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""
        if not self._ready:
            self._ready = self._generator.random(_REFILL).tolist()
        return self._ready.pop()

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.random() < probability

    def uniform(self, low: float, high: float) -> float:
        """A number between two bounds."""
        return low + (high - low) * self.random()

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""
        return low + int((high - low + 1) * self.random())

    def pick(self, items: Sequence[Item]) -> Item:
        """One of several items, each as likely."""
        return items[int(len(items) * self.random())]

    def pick_from(self, choice: "Weighted[Item]") -> Item:
        """One of several items by weight."""
        return choice.at(self.random())

    def pick_several(self, items: Sequence[Item], count: int) -> list[Item]:
        """Some different items, in random order."""
        rest = list(items)
        return [rest.pop(int(len(rest) * self.random())) for _ in range(min(count, len(rest)))]

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A bell-shaped number: the sum of twelve uniforms, which never strays more than six deviations."""
        if not self._ready_normals:
            self._ready_normals = self.normals(_REFILL // 4).tolist()
        return mean + deviation * self._ready_normals.pop()

    def lognormal(self, median: float, sigma: float) -> float:
        """A positive number with a long tail above its median."""
        return median * math.exp(self.normal(0.0, sigma))

    def exponential(self, mean: float) -> float:
        """A waiting time without memory."""
        return -mean * math.log(1.0 - self.random())

    def gamma(self, shape: int, mean: float) -> float:
        """A waiting time that is the more regular the larger its shape."""
        return sum(self.exponential(mean / shape) for _ in range(shape))

    def poisson(self, mean: float) -> int:
        """A count of independent rare things."""
        limit, product, count = math.exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            count += 1
        return count

    def uniforms(self, count: int) -> Floats:
        """Numbers from 0 to 1, shape (count,)."""
        return self._generator.random(count)

    def normals(self, count: int) -> Floats:
        """Bell-shaped numbers of mean 0 and deviation 1, shape (count,)."""
        return self._generator.random((count, 12)).sum(axis=1) - 6.0

    def integers(self, count: int, high: int) -> Integers:
        """Integers from 0 up to, but not including, `high`, shape (count,)."""
        return (self._generator.random(count) * high).astype(np.int64)

    def pick_indexes(self, count: int, weights: Sequence[float]) -> Integers:
        """Positions in a list, as often as their weights say, shape (count,)."""
        bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(bounds, self._generator.random(count) * bounds[-1], side="right")


class Weighted(Sequence[Item]):
    """Items with weights, prepared once for many picks."""

    def __init__(self, weights: dict[Item, float] | Sequence[tuple[Item, float]]) -> None:
        pairs = list(weights.items()) if isinstance(weights, dict) else list(weights)
        self._items = [item for item, _ in pairs]
        self._bounds = list(itertools.accumulate(weight for _, weight in pairs))

    def __getitem__(self, index):  # type: ignore[no-untyped-def, override]
        """The item at a position."""
        return self._items[index]

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._items)

    def at(self, position: float) -> Item:
        """The item at a position from 0 to 1 of the summed weights."""
        return self._items[bisect.bisect_right(self._bounds, position * self._bounds[-1])]


@dataclass
class Numbers:
    """Hands out document numbers such as SO-100001, SO-100002.

    Attributes:
        prefix: what stands before the number.
        first: the first number.
        size: how many there are, after which the next block's numbers begin.
    """

    prefix: str
    first: int
    size: int
    used: int = field(default=0, init=False)

    def next(self) -> str:
        """The next number.

        Raises:
            OverflowError: the numbers are used up, and the next would belong to another block.
        """
        if self.used >= self.size:
            raise OverflowError(f"more than {self.size} numbers {self.prefix} in one block")
        self.used += 1
        return f"{self.prefix}{self.first + self.used - 1}"


@dataclass(frozen=True)
class Block:
    """A part of the company that is generated on its own: some 260 accounts and all they do.

    A larger company is more blocks. The first one holds what is planted.

    Attributes:
        seed: seed of the whole company.
        index: position of the block, from 0.
        share: part of a whole block's accounts that it has, above 0 and up to 1.
    """

    seed: int
    index: int
    share: float = 1.0

    @property
    def is_first(self) -> bool:
        """Whether it is the block that holds what is planted."""
        return self.index == 0

    def stream(self, name: str) -> Stream:
        """The random stream of this block for one purpose."""
        return Stream(self.seed, self.index, name)

    def numbers(self, prefix: str, first: int, size: int) -> Numbers:
        """Document numbers that no other block hands out."""
        return Numbers(prefix, first + self.index * size, size)
