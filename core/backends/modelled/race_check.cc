#include "core/backends/modelled/race_check.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/backends/modelled/describe.h"
#include "core/base/error.h"

namespace shardpipe::modelled {

void RaceCheck::start(const OpInfo& op, int stream, Position position, const Clock& known) {
  for (const Operand& o : op.operands)
    if (o.buffer >= 0 && o.bytes > 0)
      start(o.buffer,
            {.begin = o.offset,
             .end = o.offset + o.bytes,
             .stream = stream,
             .position = position,
             .write = o.write},
            known);
}

void RaceCheck::start(std::int64_t buffer, const Access& access, const Clock& known) {
  const auto b = static_cast<std::size_t>(buffer);
  if (b >= first_access_.size()) first_access_.resize(std::max(b + 1, 2 * b), -1);
  int* link = &first_access_[b];
  while (*link >= 0) {
    Access& old = accesses_[static_cast<std::size_t>(*link)];
    const bool ordered = old.stream == access.stream || known[old.stream] >= old.position;
    const bool overlap = old.begin < access.end && access.begin < old.end;
    const bool covered = access.begin <= old.begin && old.end <= access.end;
    if (overlap && !ordered && (old.write || access.write)) report(buffer, old, access);
    // Whoever conflicts with the old access and is not after this one races with this one as well,
    // so the old one may go.
    if (covered && ordered && (access.write || !old.write)) {
      const int unused = *link;
      *link = old.next;
      old.next = std::exchange(free_, unused);
    } else {
      link = &old.next;
    }
  }
  keep(buffer, access);
}

void RaceCheck::keep(std::int64_t buffer, const Access& access) {
  int index = free_;
  if (index >= 0) {
    free_ = accesses_[static_cast<std::size_t>(index)].next;
    accesses_[static_cast<std::size_t>(index)] = access;
  } else {
    index = static_cast<int>(accesses_.size());
    accesses_.push_back(access);
  }
  int& head = first_access_[static_cast<std::size_t>(buffer)];
  accesses_[static_cast<std::size_t>(index)].next = std::exchange(head, index);
}

void RaceCheck::report(std::int64_t buffer, const Access& a, const Access& b) {
  Race race{.earlier = a, .later = b, .buffer = buffer};
  if (race.later.position < race.earlier.position) std::swap(race.earlier, race.later);
  const auto place = [](const Race& r) { return std::pair(r.later.position, r.earlier.position); };
  if (!first_race_ || place(race) < place(*first_race_)) first_race_ = race;
}

std::string describe(const Race& race, int rank, const RankLog& log, int first_stream) {
  const auto op_of = [&](const Access& a) -> const OpInfo& {
    return log.ops[log.entries[a.position - 1].item];
  };
  const auto stream_of = [&](const Access& a) -> const std::string& {
    return log.streams[static_cast<std::size_t>(a.stream - first_stream)];
  };
  const auto who = [&](const Access& a) {
    return text(op_of(a).name, " (stream ", stream_of(a), op_of(a).tags.words(),
                op_of(a).where.words(", "), ")");
  };
  const std::int64_t begin = std::max(race.earlier.begin, race.later.begin);
  const std::int64_t end = std::min(race.earlier.end, race.later.end);
  return text("race on rank ", rank, ": ", who(race.later),
              race.later.write ? " writes " : " reads ", end - begin, " bytes of buffer ",
              race.buffer, " (from byte ", begin, ") that ", who(race.earlier),
              race.earlier.write ? " writes" : " reads", ", and no event orders them: stream ",
              stream_of(race.later), " lacks wait(", stream_of(race.earlier), ".record()) before ",
              op_of(race.later).name);
}

}  // namespace shardpipe::modelled
