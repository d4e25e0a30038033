#include "labs/grade/budgets.h"

#include <algorithm>

namespace shardpipe {
namespace {

const RankFacts& of(const RunFacts& facts, int rank) {
  return facts.ranks[static_cast<std::size_t>(rank)];
}

double none(int) { return 0; }

bool is_one_of(const Collectives& these, const Call& call) {
  return call.kind == these.kind && call.axis == these.axis &&
         (these.phase == Phase::none || call.phase == these.phase);
}

std::string words_of(const Collectives& these) {
  return text(name_of(these.kind), " on ", these.axis,
              these.phase == Phase::none ? "" : text(" in ", name_of(these.phase)));
}

// The sum of a figure over all calls of a rank.
Budget exactly_over_calls(std::string what, double exactly,
                          std::function<double(const Call&)> figure) {
  const auto sum = [figure = std::move(figure)](const RunFacts& f, int rank) {
    double all = 0;
    for (const Call& call : of(f, rank).calls) all += figure(call);
    return all;
  };
  const auto limit = [=](int) { return exactly; };
  return {.dimension = Dimension::communication,
          .what = std::move(what),
          .measure = sum,
          .most = limit,
          .least = limit};
}

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

Budget calls_of(const Collectives& these, int exactly) {
  return exactly_over_calls("x " + words_of(these), exactly,
                            [=](const Call& call) { return is_one_of(these, call) ? 1.0 : 0.0; });
}

Budget bytes_of(const Collectives& these, std::int64_t exactly) {
  return exactly_over_calls("bytes in " + words_of(these), static_cast<double>(exactly),
                            [=](const Call& call) {
                              return is_one_of(these, call) ? static_cast<double>(call.bytes) : 0.0;
                            });
}

Budget no_calls_but(const Collectives& these) { return no_calls_but(std::vector{these}); }

Budget no_calls_but(const std::vector<Collectives>& these) {
  std::string words;
  for (const Collectives& one : these) words += (words.empty() ? "" : " and ") + words_of(one);
  return exactly_over_calls("x something other than " + words, 0, [=](const Call& call) {
    return std::any_of(these.begin(), these.end(),
                       [&](const Collectives& one) { return is_one_of(one, call); })
               ? 0.0
               : 1.0;
  });
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
