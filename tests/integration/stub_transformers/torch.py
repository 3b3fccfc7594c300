"""As much of torch as the server over transformers uses, on lists: one dimension or two, and no speed."""
import contextlib
import math
import random

float32, float16, bfloat16 = "float32", "float16", "bfloat16"
NOBODY = random.Random(1)


class Tensor:
    def __init__(self, data):
        self.data = data

    def tolist(self):
        return self.data

    def item(self):
        (value,) = self.data
        return value

    def float(self):
        return Tensor([[float(value) for value in row] for row in self.data])

    def max(self):
        return max(self.data)

    def __getitem__(self, at):
        if isinstance(at, tuple):  # [:, -1], of the logits of each row's last token.
            assert at == (slice(None), -1), at
            return Tensor([row[-1] for row in self.data])
        if isinstance(at, Tensor):
            return Tensor([self.data[i] for i in at.data])
        return Tensor(self.data[at])

    def __setitem__(self, at, value):
        self.data[at] = value

    def each(self, other, how):
        others = other.data if isinstance(other, Tensor) else [other] * len(self.data)
        return Tensor([how(a, b) for a, b in zip(self.data, others)])

    def __sub__(self, other):
        return self.each(other, lambda a, b: a - b)

    def __mul__(self, other):
        return self.each(other, lambda a, b: a * b)

    def __truediv__(self, other):
        return self.each(other, lambda a, b: a / b)

    def __lt__(self, other):
        return self.each(other, lambda a, b: a < b)


class Generator(random.Random):
    def __init__(self, device):
        super().__init__()
        self.device = device

    manual_seed = random.Random.seed


class cuda:
    class OutOfMemoryError(RuntimeError):
        pass

    @staticmethod
    def is_available():
        return False

    @staticmethod
    def empty_cache():
        pass


def inference_mode():
    return contextlib.nullcontext()


def tensor(data, device):
    assert device == "cpu", device
    assert len({len(row) for row in data}) == 1, "rows of different lengths"
    return Tensor([list(row) for row in data])


def cat(tensors, dim):
    assert dim == 1, dim
    return Tensor([sum(rows, []) for rows in zip(*(one.data for one in tensors))])


def argmax(logits, dim):
    return Tensor([max(range(len(row)), key=row.__getitem__) for row in logits.data])


def softmax(logits, dim):
    powers = [math.exp(value) for value in logits.data]
    return Tensor([power / sum(powers) for power in powers])


def sort(chances, descending):
    order = sorted(range(len(chances.data)), key=lambda i: -chances.data[i])
    return chances[Tensor(order)], Tensor(order)


def cumsum(chances, dim):
    total, sums = 0.0, []
    for chance in chances.data:
        total += chance
        sums.append(total)
    return Tensor(sums)


def multinomial(chances, count, generator):
    return Tensor((generator or NOBODY).choices(range(len(chances.data)), chances.data, k=count))
