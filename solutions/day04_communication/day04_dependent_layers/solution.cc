// Day 4: mend sums that were fused too far.                  ./lab check day04_dependent_layers
//
// L layers, one behind the other; each leaves a term of its output on every rank, and an all-reduce
// makes the output of it. For small tensors the start of an all-reduce costs more than its bytes,
// so somebody put all sums of a step into one launch: L M of them, for M micro-batches. It is fast,
// and wrong from the second layer on.
//
//   t = 3, one number, x = 1. Layer 0 multiplies by 1, 2, 3 on ranks 0, 1, 2; so does layer 1.
//                                  rank 0    rank 1    rank 2
//     terms of layer 0             1         2         3         output 6
//     terms of layer 1             1         4         9         output 14   is
//     terms of layer 1             6         12        18        output 36   should be
//
// Some of these sums can share a launch all the same: look for those of which none is needed for
// the terms of another one.
// Allowed: L all-reduces (a launch of many counts as one), L M T D numbers in them; no memory but
// what is given. There are other tensor-parallel groups, with other numbers.
#include "exercises/day04_communication/day04_dependent_layers.h"

namespace shardpipe::answer {

void forward_layers(const std::vector<std::vector<Tensor>>& outputs,
                    const std::vector<Tensor>& inputs, const std::vector<LayerTerm>& layers,
                    RankContext& ctx) {
  // >>> region 1: outputs of all layers and micro-batches, in L launches (about 7 lines)
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::vector<Tensor>& x = l == 0 ? inputs : outputs[l - 1];
    for (std::size_t m = 0; m < inputs.size(); ++m) layers[l](outputs[l][m], x[m]);
    // Micro-batches do not need each other; the next layer needs all of this one.
    ctx.tp.all_reduce_coalesced(outputs[l], ctx.compute);
  }
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::DependentLayersAnswer& answer) {
  answer = {.forward_layers = shardpipe::answer::forward_layers};
}
