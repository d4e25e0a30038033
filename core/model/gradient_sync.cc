#include "core/model/gradient_sync.h"

namespace shardpipe {

const char* name_of(GradientSyncKind kind) {
  switch (kind) {
    case GradientSyncKind::plain: return "plain";
    case GradientSyncKind::bucketed: return "bucketed";
    case GradientSyncKind::overlapped: return "overlapped";
  }
  return "?";
}

GradientSyncKind parse_gradient_sync(std::string_view name) {
  using enum GradientSyncKind;
  for (const GradientSyncKind kind : {plain, bucketed, overlapped})
    if (name == name_of(kind)) return kind;
  usage_error(
      text("--gradient-sync '", name, "' is unknown (allowed: plain, bucketed, overlapped)"));
}

GradientSync::GradientSync(RankContext& ctx, const std::vector<Parameter*>& parameters,
                           GradientSyncKind kind, std::int64_t bucket_bytes)
    : kind_(kind), parameters_(parameters) {
  if (ctx.dp.size() > 1 && kind != GradientSyncKind::plain)
    fill_buckets(ctx, {parameters.rbegin(), parameters.rend()}, bucket_bytes);
}

void GradientSync::fill_buckets(RankContext& ctx, const std::vector<Parameter*>& parameters,
                                std::int64_t bucket_bytes) {
  for (std::size_t first = 0; first < parameters.size();) {
    Bucket bucket;
    Index elements = 0;
    const DType dtype = parameters[first]->grad.dtype();
    std::size_t end = first;
    while (end < parameters.size() && parameters[end]->grad.dtype() == dtype &&
           (end == first || elements * size_of(dtype) < bucket_bytes))
      elements += parameters[end++]->grad.elements();
    bucket.gradients = Tensor(ctx.device, {elements}, dtype);
    bucket.parameters = end - first;
    ctx.math.fill(bucket.gradients, 0, ctx.compute);
    Index at = 0;
    for (; first < end; ++first) {
      Parameter& p = *parameters[first];
      p.grad = bucket.gradients.slice(at, p.grad.elements()).reshape(p.grad.shape());
      at += p.grad.elements();
      bucket_of_[&p] = buckets_.size();
    }
    buckets_.push_back(std::move(bucket));
  }
}

void GradientSync::start(Bucket& bucket, RankContext& ctx) {
  bucket.started = true;
  if (kind_ != GradientSyncKind::overlapped)
    return ctx.dp.all_reduce(bucket.gradients, ctx.compute);
  ctx.comm.wait(ctx.compute.record());
  ctx.dp.all_reduce(bucket.gradients, ctx.comm);
}

void GradientSync::ready(Parameter* parameter, RankContext& ctx) {
  if (kind_ != GradientSyncKind::overlapped || buckets_.empty()) return;
  Bucket& bucket = buckets_[bucket_of_.at(parameter)];
  if (++bucket.ready == bucket.parameters) start(bucket, ctx);
}

void GradientSync::finish(RankContext& ctx) {
  if (ctx.dp.size() == 1) return;
  if (kind_ == GradientSyncKind::plain)
    for (Parameter* p : parameters_) ctx.dp.all_reduce(p->grad, ctx.compute);
  for (Bucket& bucket : buckets_) {
    if (!bucket.started) start(bucket, ctx);
    bucket.started = false;
    bucket.ready = 0;
  }
  ctx.compute.wait(ctx.comm.record());
}

}  // namespace shardpipe
