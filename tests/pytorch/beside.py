"""The kit beside PyTorch. Started by run.sh: beside.py PROGRAM FOLDER COUNT SEED"""
import platform
import sys
import time

import safetensors
import torch
import transformers

import kit
import table
from cases import Case
from files import Checkpoint, Copies
from generation import Generation
from gradients import Bf16Gradients, Gradients
from optimizer import Optimizer
from training import Training


def draw(count, seed):
    """count configurations, and beside them what their steps are made of."""
    def share(n):
        return range(-(-count // n))

    return [*(Gradients(Case(i, seed)) for i in share(1)),
            *(Bf16Gradients(Case(i, f"{seed} bf16")) for i in share(3)),
            *(Training(Case(i, f"{seed} training")) for i in share(5)),
            *(Optimizer(Case(i, f"{seed} optimizer")) for i in share(5)),
            *(Generation(i, f"{seed} tokens") for i in share(3)),
            *(Copies(i, f"{seed} copies") for i in share(8)),
            *(Checkpoint(Case(i, f"{seed} checkpoint")) for i in share(4))]


def main():
    program, folder, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(1)  # tensors are small
    begin = time.monotonic()
    measures = kit.run(draw(count, seed), program, folder)
    table.print_table(measures)
    failed = sum(not m.holds for m in measures)
    print(f"\n{len(measures)} comparisons, {failed} failed; seed {seed}; {time.monotonic() - begin:.0f} s; "
          f"Python {platform.python_version()}, PyTorch {torch.__version__}, "
          f"transformers {transformers.__version__}, safetensors {safetensors.__version__}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
