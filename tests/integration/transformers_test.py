"""The server over transformers, against stubs of its packages, and against the packages where they are. In
the stub the model recites what stands between brackets, and takes no step that its director forbids."""
import harness
from transformers_answers import Answers  # noqa: F401
from transformers_batches import Batches  # noqa: F401
from transformers_endings import Endings  # noqa: F401
from transformers_real import Real  # noqa: F401
from transformers_refusals import Refusals  # noqa: F401

if __name__ == "__main__":
    harness.main()
