// Schedule: what each rank of a pipeline computes, in order, as plain data. It can be printed,
// checked, drawn, timed and run; none of these changes it. Symbols: p ranks, m micro-batches, v
// chunks. The notation is that of torch.distributed.pipelining: "2F0" is stage 2, forward,
// micro-batch 0. docs/schedules.md shows every schedule and what it costs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shardpipe {

// B computes both gradients. I and W are its halves: I is what the stage before waits for, W
// nobody.
enum class ActionKind : std::uint8_t { F, B, I, W };

struct Action {
  int stage = 0;  // of the model, not of the machine
  ActionKind kind = ActionKind::F;
  int microbatch = 0;
  // This F and the B after it run interleaved, as one block: the messages of one under the compute
  // of the other (dualpipe). Both start when both have their inputs, and end together.
  bool with_next = false;
  bool operator==(const Action&) const = default;
};

std::string to_string(const Action& action);
Action parse_action(
    std::string_view word);  // usage error for anything but <stage><F|B|I|W><number>

struct Schedule {
  std::string name = {};
  int stages = 0;  // of the model: v * p (dualpipe: p, and each rank holds two of them)
  int microbatches = 0;
  int chunks = 1;  // v: an action costs 1/v of a whole rank's share of the model
  std::vector<std::vector<Action>> ranks = {};  // ranks[r]: what pipeline rank r computes, in order

  int num_ranks() const { return static_cast<int>(ranks.size()); }
};

// Where each (stage, micro-batch) is computed. In dualpipe this depends on the micro-batch: the two
// halves of a batch pass the ranks in opposite directions. [stages * microbatches] ints. All
// actions must be in range, as check_completeness finds out.
class StagePlacement {
 public:
  explicit StagePlacement(const Schedule& schedule);

  // -1 if no rank has it. If several have it (check_schedule refuses that), the first of them.
  int rank_of(int stage, int microbatch) const {
    return ranks_[static_cast<std::size_t>(stage) * static_cast<std::size_t>(microbatches_) +
                  static_cast<std::size_t>(microbatch)];
  }

 private:
  int microbatches_;
  std::vector<int> ranks_;
};

// StagePlacement::rank_of for one question; it reads the whole schedule.
int rank_of(const Schedule& schedule, int stage, int microbatch);

// The stages of the model that a rank holds, in order of the model.
std::vector<int> stages_of_rank(const Schedule& schedule, int rank);

// A schedule without a single B, I or W: inference.
bool is_forward_only(const Schedule& schedule);

}  // namespace shardpipe
