// Runs a program on t tensor-parallel ranks and keeps what every rank holds afterwards as parts of
// whole tensors, so that runs with different t can be compared number by number.
// Catch2's assertions are not thread safe: ranks only collect, the test looks afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/launch/launch.h"
#include "core/model/host_tensors.h"
#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

// One tensor of one rank.
struct Held {
  std::vector<Piece> pieces = {};  // which numbers of which whole tensors it has
  Shape local = {};
  std::vector<float> values = {};
};
using RankResult = std::vector<Held>;

Held hold_whole(RankContext& ctx, const std::string& name, const Tensor& x);
// x [T,F/t]: this rank's columns of a whole [T,F].
Held hold_columns(RankContext& ctx, const std::string& name, const Tensor& x);
// x [T/t,F]: this rank's rows of a whole [T,F].
Held hold_rows(RankContext& ctx, const std::string& name, const Tensor& x);
// Weights under their names; gradients likewise.
void hold_weights(RankContext& ctx, const std::vector<Parameter*>& parameters, RankResult& result);
void hold_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters,
                    RankResult& result);

struct TpRun {
  std::vector<RankResult> ranks = {};
  RunReport report = {};
};
using TpProgram = std::function<RankResult(RankContext&)>;
using KernelMaker = std::function<std::unique_ptr<Kernels>()>;

TpRun run_tp(int tp, const TpProgram& program, const KernelMaker& make_kernels = {});
TpRun run_grid(GridShape grid, const TpProgram& program, const KernelMaker& make_kernels = {},
               GridOrder order = kDefaultOrder);

// What the only rank of a run with t = 1 holds.
HostTensors whole_tensors(const TpRun& run);

// Empty if every number that any rank holds is exactly the one of `want` (zeros of either sign are
// equal), every number of `want` is held by some rank, and padding is 0. Otherwise one sentence.
std::string first_difference(const TpRun& run, const HostTensors& want);

// The same of one rank, which need not hold all of it.
std::string first_wrong(const RankResult& rank, const HostTensors& want);

// The tensors of `want` that hold nothing but zeros: a comparison of those would prove little.
std::vector<std::string> all_zero(const HostTensors& want);

// ---- data: functions of (name, index), so that every rank can make its own part.
// Integers in -limit..limit.
Fill integers(int limit);
Tensor make_whole(RankContext& ctx, const std::string& name, Shape shape, const Fill& fill);
// This rank's columns [T,F/t] of a whole [T,F].
Tensor make_columns(RankContext& ctx, const std::string& name, Index T, Index F, const Fill& fill);
// This rank's rows [T/t,F] of a whole [T,F].
Tensor make_rows(RankContext& ctx, const std::string& name, Index T, Index F, const Fill& fill);
Tensor make_tokens(RankContext& ctx, const std::vector<std::int32_t>& tokens);
std::vector<std::int32_t> random_tokens(Index T, Index vocabulary, std::uint64_t seed);

}  // namespace shardpipe
