#include "labs/grade/budgets.h"

namespace shardpipe {
namespace {

const RankFacts& of(const RunFacts& facts, int rank) {
  return facts.ranks[static_cast<std::size_t>(rank)];
}

double none(int) { return 0; }

}  // namespace

Budget bytes_sent(Limit exactly) {
  return {.dimension = Dimension::communication,
          .what = "bytes sent",
          .measure = [](const RunFacts& f, int r) { return 1.0 * of(f, r).sent_bytes(); },
          .most = exactly,
          .least = exactly};
}

Budget exchanges(Limit exactly) {
  return {
      .dimension = Dimension::communication,
      .what = "exchanges",
      .measure = [](const RunFacts& f, int r) { return 1.0 * of(f, r).calls_of(OpKind::exchange); },
      .most = exactly,
      .least = exactly};
}

Budget no_collectives() {
  return {.dimension = Dimension::communication,
          .what = "collectives of the communicator called",
          .measure =
              [](const RunFacts& f, int r) {
                return 1.0 * static_cast<double>(of(f, r).calls.size()) -
                       of(f, r).calls_of(OpKind::exchange);
              },
          .most = none};
}

Budget no_messages_but(std::function<bool(int rank, const MessageInfo&)> fits, const char* what) {
  const auto count = [fits = std::move(fits)](const RunFacts& f, int rank) {
    double others = 0;
    for (const Call& call : of(f, rank).calls)
      for (const MessageInfo& m : call.messages) others += fits(rank, m) ? 0 : 1;
    return others;
  };
  return {.dimension = Dimension::communication, .what = what, .measure = count, .most = none};
}

Budget bytes_held(Limit most) {
  return {.dimension = Dimension::memory,
          .what = "bytes held at once",
          .measure = [](const RunFacts& f, int r) { return 1.0 * of(f, r).peak_bytes; },
          .most = std::move(most)};
}

Budget nanoseconds_taken(Limit most) {
  return {.dimension = Dimension::schedule,
          .what = "ns until all ranks are done",
          .measure = [](const RunFacts& f, int) { return 1.0 * static_cast<double>(f.wall_ns); },
          .most = std::move(most)};
}

}  // namespace shardpipe
