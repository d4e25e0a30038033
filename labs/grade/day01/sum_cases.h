// How an all-reduce in place is graded: several exercises of the day write one.
#pragma once

#include <vector>

#include "labs/grade/data.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

// x of every rank becomes factor times the sum of x over all of them. factor: a power of two, so
// that integers stay exact.
struct SumSize {
  int ranks = 2;
  Index elements = 1;
  float factor = 1;
};

using SumProgram = std::function<void(const Tensor& x, RankContext& ctx)>;

// words: what comes before "3 ranks, 10 numbers, rank r brings 8^r" in the name; may be empty.
DeviceCase sum_case(const std::string& words, SumSize size, Data data, std::uint64_t seed,
                    SumProgram program, std::vector<Budget> budgets);

// What a size is tried on: both probes; the last of several sizes also random integers and reals.
std::vector<Data> data_for(bool is_last);

}  // namespace shardpipe
