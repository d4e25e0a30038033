// DecodeRing: which group of sequences each stage of an inference pipeline works on, as a rule that
// can be printed, checked and run. Symbols: p stages, g groups, N rounds (tokens a sequence), L
// lag.
//
// A sequence's next token needs the one before it, so one group alone keeps one stage of p busy.
// g groups circulate: the last stage hands the chosen tokens back to the first one. Time goes in
// ticks; in each a stage works on at most one group and then passes on what it made:
//   round n of group j starts on stage s at tick  n P + j + s L,   P = max(g, p L)
//   L = 1   a result is used in the next tick: its message stands between the two
//   L = 2   a result is used in the tick after the next: its message passes under the work of the
//           tick between, and costs no time while it is no longer than that work
// P >= p L because the tokens of a round come back after p L ticks. No stage idles if g = P:
// g >= p for L = 1, g >= 2p for L = 2.
//
// No hang: every rank passes the ticks in the same order and has at most one exchange in each,
// which holds exactly its messages of that tick. Where all ranks have finished tick k - 1, all
// parties of every message of tick k can come to it, in whatever order they do; so tick k is
// finished too.
#pragma once

#include <optional>
#include <string>

namespace shardpipe {

struct RingItem {
  int round = 0, group = 0;
  bool operator==(const RingItem&) const = default;
};

class DecodeRing {
 public:
  // Usage error unless all are at least 1 and lag is 1 or 2. One stage has no messages: lag is 1.
  DecodeRing(int stages, int groups, int rounds, int lag);

  int stages() const { return stages_; }
  int period() const;  // P, in ticks: a token of every group
  int ticks() const;   // until the last stage has done the last round
  std::optional<RingItem> item(int stage, int tick) const;

 private:
  int stages_, groups_, rounds_, lag_;
};

// The first ticks of a ring, one line a stage, a group's digit (then letter) where it works:
//   stage 0  012301230123
//   stage 1  .01230123012
std::string draw(const DecodeRing& ring, int ticks);

}  // namespace shardpipe
