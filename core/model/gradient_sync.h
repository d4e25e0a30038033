// GradientSync: data parallelism. Every copy of the model saw other micro-batches; before the
// optimizer their gradients are summed over ctx.dp (losses are already scaled by 1 / all
// micro-batches). Three ways with the same result; G bytes of gradients, b of a bucket:
//   plain       an all-reduce for each weight: many small ones, each pays its latency
//   bucketed    gradients lie side by side in buckets: G / b all-reduces
//   overlapped  a bucket starts, on the comm stream, as soon as it is full: in the backward of the
//               last micro-batch, whose rest hides it (Li et al., VLDB 2020, section 3.2.3)
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

enum class GradientSyncKind { plain, bucketed, overlapped };

const char* name_of(GradientSyncKind kind);
GradientSyncKind parse_gradient_sync(std::string_view name);

class GradientSync {
 public:
  // Called by all ranks of ctx.dp. parameters: in the order of forward; backward fills them from
  // the end. Moves their gradients into buckets of about bucket_bytes.
  GradientSync(RankContext& ctx, const std::vector<Parameter*>& parameters, GradientSyncKind kind,
               std::int64_t bucket_bytes);

  // Overlapped: the gradient of this parameter is complete. Otherwise nothing.
  void ready(Parameter* parameter, RankContext& ctx);
  // Once a step, after backward: later work of ctx.compute sees the sums.
  void finish(RankContext& ctx);

 private:
  struct Bucket {
    Tensor gradients = {};  // flat
    std::size_t parameters = 0, ready = 0;
    bool started = false;
  };
  void fill_buckets(RankContext& ctx, const std::vector<Parameter*>& parameters,
                    std::int64_t bucket_bytes);
  void start(Bucket& bucket, RankContext& ctx);

  GradientSyncKind kind_;
  std::vector<Parameter*> parameters_;
  std::vector<Bucket> buckets_;
  std::map<Parameter*, std::size_t> bucket_of_;
};

}  // namespace shardpipe
