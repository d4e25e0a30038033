// Schedules made of one block that comes again and again: what a micro-batch does on all ranks, in
// slots that last one action. A rank does six for each micro-batch, F, I and W of two chunks, so
// copies of the block six slots apart fill its time, and they never meet.
//   v_half, v_min  Qi et al. 2024, Pipeline Parallelism with Controllable Memory (arXiv 2405.15362)
// What a rank holds depends on how long a micro-batch stays on it, from its F to its W: a block
// with short stays makes a schedule with a low peak. Where copies are missing, at both ends,
// actions move forward as long as no peak rises ("squeezing"). The order is made for F = I = W;
// other costs only change when its actions run. Symbols: p ranks, m micro-batches, rank r; the V of
// v_shaped.cc.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/schedule/families.h"
#include "core/schedule/patterns.h"
#include "core/schedule/replay.h"

namespace shardpipe {
namespace {

constexpr int kSlotsApart = 6;

// What a rank does with a micro-batch, in this order; a W whenever it has time after its I.
enum class Part : std::int8_t { F0, F1, I1, I0, W, none };
constexpr std::array kPlanned = {Part::F0, Part::F1, Part::I1, Part::I0};

constexpr std::size_t index_of(Part part) { return static_cast<std::size_t>(part); }
constexpr bool is_forward(Part part) { return part == Part::F0 || part == Part::F1; }
constexpr bool is_input_gradient(Part part) { return part == Part::I0 || part == Part::I1; }

using Block = std::array<int, kPlanned.size()>;  // the slots of micro-batch 0 on one rank

// What one rank does in each slot. Parts of a kind come in the order of the micro-batches, so the
// n-th F0 is micro-batch n.
class Row {
 public:
  int size() const { return static_cast<int>(slots_.size()); }
  Part at(int slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  bool is_free(int slot) const { return slot >= size() || at(slot) == Part::none; }

  void put(Part part, int slot) {
    if (slot >= size()) slots_.resize(static_cast<std::size_t>(slot) + 1, Part::none);
    slots_[static_cast<std::size_t>(slot)] = part;
  }

  // Each W into the first free slot after its I.
  void add_weights() {
    int owed = 0;
    for (int slot = 0; slot < size() || owed > 0; ++slot) {
      if (!is_free(slot)) {
        if (is_input_gradient(at(slot))) ++owed;
      } else if (owed > 0) {
        put(Part::W, slot);
        --owed;
      }
    }
  }

 private:
  std::vector<Part> slots_;
};

Row copies_of(const Block& block, int m) {
  Row row;
  for (const Part part : kPlanned)
    for (int k = 0; k < m; ++k) row.put(part, block[index_of(part)] + kSlotsApart * k);
  return row;
}

// What a rank holds, in chunks, and how many W it owes.
struct Load {
  int held = 0, owed = 0;
  bool operator==(const Load&) const = default;
};

// Moves actions of both ends to earlier slots.
class Squeeze {
 public:
  // has_weights: the rows have their W, which move like all others. If not, W are taken to go into
  // the free slots whatever moves, and only the end is squeezed.
  Squeeze(std::vector<Row>& rows, int m, bool has_weights)
      : rows_(rows), m_(m), has_weights_(has_weights), moved_(rows.size()), loads_(rows.size()) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      loads_[r].resize(1);
      for (int slot = 0; slot < rows[r].size(); ++slot) {
        loads_[r].push_back(after(loads_[r].back(), rows[r].at(slot)));
        limit_ = std::max(limit_, loads_[r].back().held);
      }
    }
  }

  // In order of time, so that what an action needs has its place already.
  void run() {
    int slots = 0;
    for (const Row& row : rows_) slots = std::max(slots, row.size());
    for (int slot = 0; slot < slots; ++slot)
      for (std::size_t r = 0; r < rows_.size(); ++r)
        if (!rows_[r].is_free(slot)) visit(r, slot);
  }

 private:
  // The middle, from the first gradient that is back at rank 0 to the last micro-batch that enters,
  // is full: its actions stay.
  enum class Phase : std::uint8_t { start, middle, end };

  void visit(std::size_t r, int slot) {
    const Part part = rows_[r].at(slot);
    if (phase_ == Phase::start && r == 0 && part == Part::I0) phase_ = Phase::middle;
    const bool moves = phase_ == Phase::end || (phase_ == Phase::start && has_weights_);
    if (phase_ == Phase::middle && part == Part::F0 && slots_of(r, part).size() + 1 == count())
      phase_ = Phase::end;
    const int to = moves ? earliest(r, part, slot) : slot;
    if (to < slot) move(r, slot, to);
    slots_of(r, part).push_back(to);
    if (is_input_gradient(part)) {
      auto& inputs = moved_[r].inputs;
      inputs.insert(std::upper_bound(inputs.begin(), inputs.end(), to), to);
    }
  }

  // The first free slot behind all that the action needs that raises no peak.
  int earliest(std::size_t r, Part part, int slot) {
    for (int to = slot_needed(r, part) + 1; to < slot; ++to)
      if (rows_[r].is_free(to) && walk(r, slot, to, /*keep=*/false)) return to;
    return slot;
  }

  // The last slot of what the next action of this kind needs; -1 if it needs nothing.
  int slot_needed(std::size_t r, Part part) {
    const std::size_t k = slots_of(r, part).size();
    int slot = k > 0 ? slots_of(r, part).back() : -1;
    if (part == Part::W) return std::max(slot, moved_[r].inputs[k]);
    const auto needs = [&](std::size_t rank, Part before) {
      slot = std::max(slot, slots_of(rank, before)[k]);
    };
    const bool goes_down = part == Part::F0 || part == Part::I1;
    if (goes_down && r > 0) needs(r - 1, part);
    if (!goes_down && r + 1 < rows_.size()) needs(r + 1, part);
    if (part != Part::F0) needs(r, kPlanned[index_of(part) - 1]);
    return slot;
  }

  void move(std::size_t r, int from, int to) {
    walk(r, from, to, /*keep=*/true);
    rows_[r].put(rows_[r].at(from), to);
    rows_[r].put(Part::none, from);
  }

  // The loads with the action at `from` moved to `to`, until they are what they were; false if one
  // is above the limit.
  bool walk(std::size_t r, int from, int to, bool keep) {
    const Row& row = rows_[r];
    std::vector<Load>& loads = loads_[r];
    Load load = loads[static_cast<std::size_t>(to)];
    for (int slot = to; slot < row.size(); ++slot) {
      const Part part = slot == to ? row.at(from) : slot == from ? Part::none : row.at(slot);
      load = after(load, part);
      if (load.held > limit_) return false;
      Load& known = loads[static_cast<std::size_t>(slot) + 1];
      if (slot >= from && load == known) break;
      if (keep) known = load;
    }
    return true;
  }

  Load after(Load load, Part part) const {
    if (is_forward(part)) ++load.held;
    if (is_input_gradient(part)) ++load.owed;
    const bool fills = part == Part::none && !has_weights_ && load.owed > 0;
    if (part == Part::W || fills) {
      --load.held;
      --load.owed;
    }
    return load;
  }

  // The slots that the actions of a rank got, by kind; inputs: of I of both chunks, ascending.
  struct Moved {
    std::array<std::vector<int>, kPlanned.size() + 1> slots;
    std::vector<int> inputs;
  };
  std::vector<int>& slots_of(std::size_t r, Part part) { return moved_[r].slots[index_of(part)]; }
  std::size_t count() const { return static_cast<std::size_t>(m_); }

  std::vector<Row>& rows_;
  int m_;
  bool has_weights_;
  Phase phase_ = Phase::start;
  int limit_ = 0;
  std::vector<Moved> moved_;
  std::vector<std::vector<Load>> loads_;  // [rank][slot]: before the slot
};

// A W is of chunk 1 as long as one of that is owed.
std::vector<Action> order_of(const Row& row, ChunkOrigin chunk0, ChunkOrigin chunk1) {
  PatternWriter order(chunk0, chunk1);
  int owed = 0;  // of chunk 1
  for (int slot = 0; slot < row.size(); ++slot) switch (row.at(slot)) {
      case Part::F0: order.repeat(1, {{ActionKind::F, 0}}); break;
      case Part::F1: order.repeat(1, {{ActionKind::F, 1}}); break;
      case Part::I1:
        order.repeat(1, {{ActionKind::I, 1}});
        ++owed;
        break;
      case Part::I0: order.repeat(1, {{ActionKind::I, 0}}); break;
      case Part::W:
        order.repeat(1, {{ActionKind::W, owed > 0 ? 1 : 0}});
        if (owed > 0) --owed;
        break;
      case Part::none: break;
    }
  return order.take();
}

Schedule schedule_of(const char* name, const std::vector<Row>& rows, int m) {
  const int p = static_cast<int>(rows.size());
  Schedule schedule{.name = name, .stages = 2 * p, .microbatches = m, .chunks = 2};
  for (int r = 0; r < p; ++r)
    schedule.ranks.push_back(
        order_of(rows[static_cast<std::size_t>(r)], {r, 0}, {2 * p - 1 - r, 0}));
  return schedule;
}

// Each action in the slot in which a rank that does not wait for slots gets to it; W are left out.
std::vector<Row> without_waiting(const Schedule& schedule) {
  const Costs one_slot{2, 2, 2, 0};  // for an action of one of two chunks
  const Replay replayed = replay(schedule, StagePlacement(schedule), one_slot);
  std::vector<Row> rows(schedule.ranks.size());
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < schedule.ranks[r].size(); ++i) {
      const Action& a = schedule.ranks[r][i];
      if (a.kind == ActionKind::W) continue;
      const bool is_down = a.stage < schedule.num_ranks(), forward = a.kind == ActionKind::F;
      const Part part = forward ? (is_down ? Part::F0 : Part::F1) : is_down ? Part::I0 : Part::I1;
      rows[r].put(part, static_cast<int>(std::lround(replayed.ranks[r][i].start)));
    }
  return rows;
}

template <class BlockOf>
Schedule squeezed(const char* name, int p, int m, BlockOf block_of) {
  std::vector<Row> rows;
  for (int r = 0; r < p; ++r) rows.push_back(copies_of(block_of(r), m));
  const auto add_weights = [&] {
    for (Row& row : rows) row.add_weights();
  };
  add_weights();
  Squeeze(rows, m, /*has_weights=*/true).run();
  rows = without_waiting(schedule_of(name, rows, m));
  Squeeze(rows, m, /*has_weights=*/false).run();
  add_weights();
  rows = without_waiting(schedule_of(name, rows, m));
  add_weights();
  return schedule_of(name, rows, m);
}

}  // namespace

// A micro-batch goes down at half speed and comes up at full speed, and so does its gradient. So
// the stays on the two chunks of a rank add up to the same on all ranks: half of 1f1b's on rank 0.
Schedule v_half(int p, int m) {
  const int apart = p % 2 == 0 ? 3 : 0;  // without it, actions of two copies would meet
  return squeezed("v_half", p, m, [=](int r) {
    return Block{2 * r, 3 * p - 2 - r, 3 * p + apart + 2 * r - 1, 6 * p + apart - 2 - r};
  });
}

// A micro-batch goes through without a wait: the shortest stay there is, a third of 1f1b's.
Schedule v_min(int p, int m) {
  const int apart = p % 3 == 0 ? 2 : 0;
  return squeezed("v_min", p, m, [=](int r) {
    return Block{r, 2 * p - 1 - r, 2 * p + apart + r, 4 * p + apart - 1 - r};
  });
}

}  // namespace shardpipe
