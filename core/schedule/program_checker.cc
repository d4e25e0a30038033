// check_program: first whether each rank, looked at alone, has the data it uses; then a replay
// under rendezvous.
#include <algorithm>
#include <cstdint>

#include "core/base/error.h"
#include "core/schedule/checker.h"
#include "core/schedule/replay.h"
#include "core/schedule/waits.h"

namespace shardpipe {
namespace {

// "activation 3", and with its stage where ranks hold several: "activation 3 into stage 5".
std::string name_of(const Transfer& t, const Schedule& s) {
  const std::string into = s.chunks > 1 ? text(" into stage ", t.stage) : "";
  return text(shardpipe::name_of(t.payload), " ", t.microbatch, into);
}

bool same_lane(const Transfer& a, const Transfer& b) { return a.from == b.from && a.to == b.to; }

// Do the ranks have, in order, what they use? Data flags are by the stage that consumes them.
class DataCheck {
 public:
  explicit DataCheck(const Program& program)
      : program_(program),
        schedule_(program.schedule),
        placement_(program.schedule),
        slots_(static_cast<std::size_t>(schedule_.stages) *
               static_cast<std::size_t>(schedule_.microbatches)),
        made_(2 * slots_),
        received_(2 * slots_) {}

  std::string run() {
    if (program_.ranks.size() != schedule_.ranks.size())
      return text("the program has ", program_.ranks.size(), " ranks, its schedule ",
                  schedule_.ranks.size());
    for (int rank = 0; rank < schedule_.num_ranks(); ++rank)
      if (std::string wrong = check_rank(rank); !wrong.empty()) return wrong;
    return "";
  }

 private:
  std::size_t at(Payload payload, int stage, int microbatch) const {
    return (payload == Payload::gradient ? slots_ : 0) +
           static_cast<std::size_t>(stage) * static_cast<std::size_t>(schedule_.microbatches) +
           static_cast<std::size_t>(microbatch);
  }

  std::string check_rank(int rank) {
    const auto& order = schedule_.ranks[static_cast<std::size_t>(rank)];
    std::size_t next = 0;
    for (const Step& step : program_.ranks[static_cast<std::size_t>(rank)]) {
      std::string wrong;
      if (step.is_compute) {
        if (next == order.size() || step.action != order[next])
          return text("rank ", rank, " computes ", to_string(step.action), " where its schedule ",
                      next == order.size() ? "ends" : "has " + to_string(order[next]));
        ++next;
        wrong = check_compute(step.action, rank);
      }
      for (const Transfer& t : step.transfers)
        if (wrong.empty()) wrong = check_transfer(t, rank);
      if (!wrong.empty()) return wrong;
    }
    return next == order.size() ? "" : text("rank ", rank, " ends before ", to_string(order[next]));
  }

  std::string check_compute(const Action& a, int rank) {
    const Needs needs = needs_of(a, schedule_.stages);
    const bool is_forward = a.kind == ActionKind::F;
    if (needs.stage_before || needs.stage_behind) {
      const Payload payload = is_forward ? Payload::activation : Payload::gradient;
      const int from = placement_.rank_of(is_forward ? a.stage - 1 : a.stage + 1, a.microbatch);
      if (from != rank && received_[at(payload, a.stage, a.microbatch)] == 0)
        return text("rank ", rank, " computes ", to_string(a), " before it has received ",
                    shardpipe::name_of(payload), " ", a.microbatch, " from rank ", from);
    }
    if (is_forward && a.stage + 1 < schedule_.stages)
      made_[at(Payload::activation, a.stage + 1, a.microbatch)] = 1;
    if (!is_forward && a.kind != ActionKind::W && a.stage > 0)
      made_[at(Payload::gradient, a.stage - 1, a.microbatch)] = 1;
    return "";
  }

  std::string check_transfer(const Transfer& t, int rank) {
    const int source = t.payload == Payload::activation ? t.stage - 1 : t.stage + 1;
    if (t.stage < 0 || t.stage >= schedule_.stages || source < 0 || source >= schedule_.stages ||
        t.microbatch < 0 || t.microbatch >= schedule_.microbatches)
      return text("rank ", rank, " has a transfer of ", shardpipe::name_of(t.payload), " ",
                  t.microbatch, " into stage ", t.stage, ", which the schedule does not have");
    if (t.from == t.to || t.from != placement_.rank_of(source, t.microbatch) ||
        t.to != placement_.rank_of(t.stage, t.microbatch) || (rank != t.from && rank != t.to))
      return text("rank ", rank, " has ", name_of(t, schedule_), " from rank ", t.from, " to rank ",
                  t.to, ", and it goes from rank ", placement_.rank_of(source, t.microbatch),
                  " to rank ", placement_.rank_of(t.stage, t.microbatch));
    const std::size_t datum = at(t.payload, t.stage, t.microbatch);
    if (rank == t.from)
      return made_[datum] != 0 ? ""
                               : text("rank ", rank, " sends ", name_of(t, schedule_),
                                      " before it has computed it");
    if (received_[datum] != 0)
      return text("rank ", rank, " receives ", name_of(t, schedule_), " twice");
    received_[datum] = 1;
    return "";
  }

  const Program& program_;
  const Schedule& schedule_;
  StagePlacement placement_;
  std::size_t slots_;
  std::vector<std::uint8_t> made_, received_;
};

class Rendezvous {
 public:
  explicit Rendezvous(const Program& program)
      : program_(program), at_(program.ranks.size()), unmet_(program.ranks.size()) {}

  std::string run() {
    for (int rank = 0; rank < num_ranks(); ++rank) movable_.push_back(rank);
    while (!movable_.empty() && mismatch_.empty()) {
      const int rank = movable_.back();
      movable_.pop_back();
      advance(rank);
    }
    if (!mismatch_.empty()) return mismatch_;
    for (int rank = 0; rank < num_ranks(); ++rank)
      if (!has_ended(rank)) return deadlock(rank);
    return "";
  }

 private:
  using Transfers = std::vector<Transfer>;

  int num_ranks() const { return static_cast<int>(program_.ranks.size()); }
  const std::vector<Step>& steps(int rank) const {
    return program_.ranks[static_cast<std::size_t>(rank)];
  }
  std::size_t& at(int rank) { return at_[static_cast<std::size_t>(rank)]; }
  Transfers& unmet(int rank) { return unmet_[static_cast<std::size_t>(rank)]; }
  bool has_ended(int rank) const {
    return at_[static_cast<std::size_t>(rank)] == steps(rank).size();
  }

  // Goes on until the rank has to wait in an exchange: one whose unmet transfers are not empty.
  void advance(int rank) {
    while (!has_ended(rank)) {
      const Step& step = steps(rank)[at(rank)];
      if (unmet(rank).empty() && !step.is_compute) unmet(rank) = step.transfers;
      meet_all(rank);
      if (!unmet(rank).empty()) return;
      ++at(rank);
    }
  }

  void meet_all(int rank) {
    Transfers& mine = unmet(rank);
    for (std::size_t i = 0; i < mine.size();) {
      const Transfer t = mine[i];
      const bool is_first =
          std::none_of(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(i),
                       [&](const Transfer& u) { return same_lane(t, u); });
      if (!is_first || !meet(rank, t)) {
        ++i;
        continue;
      }
      mine.erase(mine.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;
    }
  }

  // Whether the peer is in an exchange with this transfer. If so it is met there.
  bool meet(int rank, const Transfer& t) {
    const int peer = t.from == rank ? t.to : t.from;
    Transfers& theirs = unmet(peer);
    const auto found = std::find_if(theirs.begin(), theirs.end(),
                                    [&](const Transfer& u) { return same_lane(t, u); });
    if (found == theirs.end()) return false;
    if (!(*found == t)) {
      const Transfer &sent = t.from == rank ? t : *found, &taken = t.from == rank ? *found : t;
      mismatch_ = text("rank ", t.from, " sends ", name_of(sent, program_.schedule), " to rank ",
                       t.to, ", which receives ", name_of(taken, program_.schedule), " then");
      return false;
    }
    theirs.erase(found);
    if (theirs.empty()) {
      ++at(peer);
      movable_.push_back(peer);
    }
    return true;
  }

  std::string deadlock(int first) {
    const auto peer_of = [&](int rank) {
      if (has_ended(rank)) return -1;
      const Transfer& t = unmet(rank)[0];
      return t.from == rank ? t.to : t.from;
    };
    const std::vector<int> circle = circle_from(first, peer_of);
    std::string out, lines;
    for (const int rank : circle) {
      out += text(out.empty() ? "" : ", ", "rank ", rank);
      if (has_ended(rank)) {
        out += " has ended";
        break;
      }
      const Transfer& t = unmet(rank)[0];
      out += text(t.from == rank ? " sends " : " receives ", name_of(t, program_.schedule),
                  t.from == rank ? " to rank " : " from rank ", peer_of(rank));
      lines += line_around(rank, words(rank), at(rank));
    }
    if (!has_ended(circle.back()))
      out += circle.size() == 2 ? ": each waits for the other" : ": each waits for the next";
    return out + "\n" + lines +
           "[ ]: where the rank waits; 1a0>1: activation of micro-batch 0 into stage 1, to rank 1;"
           " g: gradient; <: from\n";
  }

  std::vector<std::string> words(int rank) const {
    std::vector<std::string> out;
    for (const Step& step : steps(rank)) {
      std::string word = step.is_compute ? to_string(step.action) : "";
      for (const Transfer& t : step.transfers)
        word += text(word.empty() ? "" : "+", t.stage, t.payload == Payload::activation ? "a" : "g",
                     t.microbatch, t.from == rank ? ">" : "<", t.from == rank ? t.to : t.from);
      out.push_back(word);
    }
    return out;
  }

  const Program& program_;
  std::vector<std::size_t> at_;
  std::vector<Transfers> unmet_;  // of the exchange a rank is in
  std::vector<int> movable_;
  std::string mismatch_;
};

}  // namespace

std::string check_program(const Program& program) {
  if (std::string wrong = check_schedule(program.schedule); !wrong.empty()) return wrong;
  if (std::string wrong = DataCheck(program).run(); !wrong.empty()) return wrong;
  return Rendezvous(program).run();
}

}  // namespace shardpipe
