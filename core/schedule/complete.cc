// check_completeness: what is there, regardless of order.
#include "core/base/error.h"
#include "core/schedule/checker.h"

namespace shardpipe {
namespace {

constexpr const char* kRule = " (each needs F and B, or F, I and W, once)";

// What one (stage, micro-batch) has: a bit for each ActionKind.
using Kinds = unsigned;
constexpr Kinds bit(ActionKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr Kinds kF = bit(ActionKind::F), kB = bit(ActionKind::B), kI = bit(ActionKind::I),
                kW = bit(ActionKind::W);

std::string wrong_shape(const Schedule& s) {
  if (s.stages < 1 || s.microbatches < 1 || s.chunks < 1 || s.ranks.empty())
    return text("a schedule of ", s.stages, " stages, ", s.microbatches, " micro-batches, ",
                s.chunks, " chunks and ", s.ranks.size(), " ranks: each must be at least 1");
  for (int r = 0; r < s.num_ranks(); ++r) {
    const auto& order = s.ranks[static_cast<std::size_t>(r)];
    if (order.empty()) return text("rank ", r, " computes nothing");
    for (const Action& a : order)
      if (a.stage < 0 || a.stage >= s.stages || a.microbatch < 0 || a.microbatch >= s.microbatches)
        return text("rank ", r, " has ", to_string(a), ", and there are ", s.stages, " stages and ",
                    s.microbatches, " micro-batches");
  }
  return "";
}

// A block is an F and a B of another (stage, micro-batch), which does not need that F.
std::string wrong_block(const Schedule& s) {
  for (int r = 0; r < s.num_ranks(); ++r) {
    const auto& order = s.ranks[static_cast<std::size_t>(r)];
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (!order[i].with_next) continue;
      const bool is_pair = order[i].kind == ActionKind::F && i + 1 < order.size() &&
                           order[i + 1].kind == ActionKind::B && !order[i + 1].with_next;
      if (!is_pair ||
          (order[i].stage == order[i + 1].stage && order[i].microbatch == order[i + 1].microbatch))
        return text("rank ", r, " has ", to_string(order[i]),
                    " in one block with what comes next; a block is an F and a B of another stage"
                    " or micro-batch");
    }
  }
  return "";
}

// "" if nothing is missing and nothing is there in two forms.
std::string wrong_kinds(Kinds kinds, bool forward_only, int stage, int microbatch) {
  const auto name = [&](ActionKind kind) { return to_string(Action{stage, kind, microbatch}); };
  if ((kinds & kF) == 0) return text("no rank has ", name(ActionKind::F), kRule);
  if (forward_only || kinds == (kF | kB) || kinds == (kF | kI | kW)) return "";
  if (kinds == kF)
    return text("no rank has ", name(ActionKind::B), " or its halves ", name(ActionKind::I),
                " and ", name(ActionKind::W), kRule);
  if ((kinds & kB) != 0)
    return text(name(ActionKind::B), " computes both gradients, and there is ",
                name((kinds & kI) != 0 ? ActionKind::I : ActionKind::W), " besides", kRule);
  return text("no rank has ", name((kinds & kI) != 0 ? ActionKind::W : ActionKind::I), kRule);
}

}  // namespace

std::string check_completeness(const Schedule& schedule) {
  if (const std::string wrong = wrong_shape(schedule); !wrong.empty()) return wrong;
  if (const std::string wrong = wrong_block(schedule); !wrong.empty()) return wrong;
  const StagePlacement placement(schedule);
  std::vector<std::uint8_t> seen(static_cast<std::size_t>(schedule.stages) *
                                 static_cast<std::size_t>(schedule.microbatches));
  const auto at = [&](int stage, int microbatch) -> std::uint8_t& {
    return seen[static_cast<std::size_t>(stage) * static_cast<std::size_t>(schedule.microbatches) +
                static_cast<std::size_t>(microbatch)];
  };
  for (int r = 0; r < schedule.num_ranks(); ++r)
    for (const Action& a : schedule.ranks[static_cast<std::size_t>(r)]) {
      const int home = placement.rank_of(a.stage, a.microbatch);
      std::uint8_t& kinds = at(a.stage, a.microbatch);
      if (home != r)
        return text("stage ", a.stage, " of micro-batch ", a.microbatch, " is on rank ", home,
                    ", and rank ", r, " has ", to_string(a));
      if (kinds & bit(a.kind)) return text("rank ", r, " has ", to_string(a), " twice");
      kinds = static_cast<std::uint8_t>(kinds | bit(a.kind));
    }
  const bool forward_only = is_forward_only(schedule);
  for (int s = 0; s < schedule.stages; ++s)
    for (int k = 0; k < schedule.microbatches; ++k)
      if (std::string wrong = wrong_kinds(at(s, k), forward_only, s, k); !wrong.empty())
        return wrong;
  return "";
}

}  // namespace shardpipe
