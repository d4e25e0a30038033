#include "core/plan/rank_memory.h"

#include <algorithm>

#include "core/plan/layer_memory.h"

namespace shardpipe {
namespace {

using enum Use;

constexpr int kAhead = 2;  // as in core/pipeline/prefetch_mailbox.cc

}  // namespace

RankMemory::RankMemory(const Program& program, int rank, const std::vector<StageRange>& ranges,
                       const TensorBytes& sizes, int tp, const PipelineOptions& options)
    : program_(program),
      rank_(rank),
      ranges_(ranges),
      n_(sizes),
      options_(options),
      placement_(program.schedule),
      received_bytes_(options.scatter ? n_.x / tp : n_.x) {
  for (const Step& step : program_.ranks[static_cast<std::size_t>(rank)])
    for (const Transfer& t : step.transfers)
      if (t.to == rank) ++channels_[{t.payload, t.from}].to_post;
}

StepMemory RankMemory::run() {
  take_batches();
  for (const Step& step : program_.ranks[static_cast<std::size_t>(rank_)]) {
    const std::int64_t before = ledger_.worst().total();
    if (step.is_compute)
      perform(step.action);
    else
      exchange(step.transfers);
    if (step.is_compute && ledger_.worst().total() > before) result_.worst_action = step.action;
  }
  result_.worst = ledger_.worst();
  return result_;
}

// Tokens for the first stage, targets for the last, of all micro-batches, from the start on.
void RankMemory::take_batches() {
  for (const int stage : stages_of_rank(program_.schedule, rank_)) {
    const StageRange& range = ranges_[static_cast<std::size_t>(stage)];
    const int kept = (range.first ? 1 : 0) + (range.last ? 1 : 0);
    ledger_.make(batch, kept * program_.schedule.microbatches * n_.column);
  }
}

void RankMemory::perform(const Action& a) {
  const StageRange& range = ranges_[static_cast<std::size_t>(a.stage)];
  switch (a.kind) {
    case ActionKind::F:
      forward(a, range);
      result_.peak_in_flight = std::max(result_.peak_in_flight, ++in_flight_);
      return;
    case ActionKind::B: --in_flight_; return backward(a, range);
    case ActionKind::I: return backward(a, range);
    case ActionKind::W: --in_flight_; return backward_weight(range);
  }
}

void RankMemory::forward(const Action& a, const StageRange& range) {
  if (range.first)
    embedding_forward(ledger_, n_);
  else
    receive(Payload::activation, placement_.rank_of(a.stage - 1, a.microbatch), stash);
  for (int layer = 0; layer < range.layers; ++layer)
    if (options_.recompute)
      block_forward_only(ledger_, n_);
    else
      block_forward(ledger_, n_, stash);
  if (range.last)
    head_forward(ledger_, n_);
  else
    send(placement_.rank_of(a.stage + 1, a.microbatch), stash);
}

void RankMemory::backward(const Action& a, const StageRange& range) {
  const bool split = a.kind == ActionKind::I;
  if (!range.last)
    receive(Payload::gradient, placement_.rank_of(a.stage + 1, a.microbatch), working);
  else if (split)
    head_input_gradient(ledger_, n_);
  else
    head_backward(ledger_, n_);
  const Use inner = options_.recompute && !split ? working : stash;
  for (int layer = 0; layer < range.layers; ++layer) {
    if (options_.recompute) {
      block_forward(ledger_, n_, inner);
      ledger_.free(stash, n_.x);  // y, once more: nobody wants it
    }
    if (split)
      block_input_gradient(ledger_, n_);
    else
      block_backward(ledger_, n_, inner);
  }
  if (!range.first) return send(placement_.rank_of(a.stage - 1, a.microbatch), working);
  embedding_input_gradient(ledger_, n_);
  if (!split) embedding_weight_gradient(ledger_, n_);
}

void RankMemory::backward_weight(const StageRange& range) {
  if (range.last) head_weight_gradient(ledger_, n_);
  for (int layer = 0; layer < range.layers; ++layer) block_weight_gradient(ledger_, n_);
  if (range.first) embedding_weight_gradient(ledger_, n_);
}

// Blocking and one lane: the exchange makes room for what comes, then lets go of what was sent.
void RankMemory::exchange(const std::vector<Transfer>& transfers) {
  if (options_.p2p == P2p::prefetch) return;
  for (const Transfer& t : transfers)
    if (t.to == rank_) ledger_.make(message, received_bytes_);
  for (const Transfer& t : transfers)
    if (t.from == rank_) ledger_.free(message, n_.x);
}

void RankMemory::receive(Payload payload, int from, Use use) {
  post_ahead();
  if (from == rank_) return ledger_.move(message, use, n_.x);
  if (options_.p2p == P2p::prefetch) --channels_.at({payload, from}).posted;
  ledger_.move(message, use, received_bytes_);
  post_ahead();
  if (received_bytes_ == n_.x) return;
  ledger_.make(use, n_.x);  // gathered
  ledger_.free(use, received_bytes_);
}

// Prefetch sends at once, and the program lets go; what is queued does not count.
void RankMemory::send(int to, Use use) {
  if (options_.p2p == P2p::prefetch && to != rank_)
    ledger_.free(use, n_.x);
  else
    ledger_.move(use, message, n_.x);
}

void RankMemory::post_ahead() {
  if (options_.p2p != P2p::prefetch) return;
  for (auto& [name, channel] : channels_)
    for (; channel.posted < kAhead && channel.to_post > 0; ++channel.posted, --channel.to_post)
      ledger_.make(message, received_bytes_);
}

}  // namespace shardpipe
