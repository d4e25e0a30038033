// Weights in safetensors files (github.com/huggingface/safetensors, README "Format"): 8 bytes of
// header length, a JSON header, the numbers. Tensors are saved whole, whatever the tensor-parallel
// size was, so that any other size can load them. Numbers are saved as F32.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/output_file.h"
#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

struct HostTensor {
  Shape shape = {};
  std::vector<float> values = {};
};
using HostTensors = std::map<std::string, HostTensor>;

// usage_error as OutputFile's; the second opens `file` for it, and waits for the disk.
void write_safetensors(OutputFile& out, const HostTensors& tensors);
void write_safetensors(const std::string& file, const HostTensors& tensors);

// F32, F16 and BF16 tensors of up to 4 dimensions. Errors: usage, one line that names the file and
// what is wrong with it.
HostTensors read_safetensors(const std::string& file);

// Gathers every parameter over ctx.tp (each rank fills in what it counts, the sum is the whole).
// Called by all ranks of the group; all of them get the tensors.
HostTensors gather_weights(RankContext& ctx, const std::vector<Parameter*>& parameters);
HostTensors gather_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters);

// The parts this rank holds. Usage error if a tensor is missing or has another shape.
void load_weights(RankContext& ctx, const std::vector<Parameter*>& parameters,
                  const HostTensors& tensors, const std::string& file);

}  // namespace shardpipe
