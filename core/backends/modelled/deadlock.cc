// The report of a deadlock. Everything that stands still does so because of a posted communication
// (events, turns and hosts only wait for earlier entries of their own rank), so ranks waiting for
// ranks is the whole story; the rest says how a rank came to hold up its own work.
#include <algorithm>
#include <string>
#include <vector>

#include "core/backends/modelled/describe.h"
#include "core/backends/modelled/run_state.h"
#include "core/base/error.h"

namespace shardpipe::modelled {
namespace {

constexpr std::size_t kMaxRanksTold = 16;

class Report {
 public:
  explicit Report(const RunState& state) : state_(state) {
    for (std::size_t rank = 0; rank < state.hosts.size(); ++rank)
      waits_for_.push_back(find_waits(static_cast<int>(rank)));
  }

  std::string message() const {
    const std::vector<int> chain = find_chain();
    if (chain.empty()) fail(ExitCode::fault, "the modelled run stands still and no rank waits");
    std::string message = text("deadlock: rank ", chain[0]);
    for (std::size_t i = 1; i < chain.size(); ++i)
      message += text(i == 1 ? " waits for rank " : ", which waits for rank ", chain[i]);
    if (waits_for_[static_cast<std::size_t>(chain.back())].empty())
      message += ", which has returned";
    return message + ". " + stories(chain);
  }

 private:
  const StreamState& stream(int number) const {
    return state_.streams[static_cast<std::size_t>(number)];
  }
  const HostState& host(int rank) const { return state_.hosts[static_cast<std::size_t>(rank)]; }
  int streams_end(int rank) const {
    return host(rank).first_stream + static_cast<int>(host(rank).log->streams.size());
  }

  std::vector<int> find_waits(int rank) const {
    std::vector<int> ranks;
    for (int s = host(rank).first_stream; s < streams_end(rank); ++s) {
      if (!stream(s).posted) continue;
      const std::vector<int> more = state_.meetings.waits_for(s);
      ranks.insert(ranks.end(), more.begin(), more.end());
    }
    return ranks;
  }

  // Ranks that wait each for the next: a cycle (the first one closes it) or, if every chain ends at
  // a rank that waits for nobody, such a chain.
  std::vector<int> find_chain() const {
    std::vector<int> chain, open_chain;
    std::vector<char> seen(waits_for_.size(), 0);
    for (std::size_t rank = 0; rank < waits_for_.size(); ++rank) {
      if (seen[rank] || waits_for_[rank].empty()) continue;
      chain.clear();
      if (follow(static_cast<int>(rank), chain, seen)) return chain;
      if (open_chain.empty()) open_chain = first_chain(static_cast<int>(rank));
    }
    return open_chain;
  }

  // Depth first; true: `chain` is a cycle.
  bool follow(int rank, std::vector<int>& chain, std::vector<char>& seen) const {
    const auto start = std::find(chain.begin(), chain.end(), rank);
    if (start != chain.end()) {
      chain.erase(chain.begin(), start);
      std::rotate(chain.begin(), std::min_element(chain.begin(), chain.end()), chain.end());
      chain.push_back(chain.front());
      return true;
    }
    char& visited = seen[static_cast<std::size_t>(rank)];
    if (visited) return false;
    visited = 1;
    chain.push_back(rank);
    for (const int next : waits_for_[static_cast<std::size_t>(rank)])
      if (follow(next, chain, seen)) return true;
    chain.pop_back();
    return false;
  }

  std::vector<int> first_chain(int rank) const {
    std::vector<int> chain = {rank};
    while (!waits_for_[static_cast<std::size_t>(chain.back())].empty())
      chain.push_back(waits_for_[static_cast<std::size_t>(chain.back())].front());
    return chain;
  }

  // One clause for each rank, those of the chain first.
  std::string stories(const std::vector<int>& chain) const {
    std::vector<int> order;
    const auto add = [&](int rank) {
      if (std::find(order.begin(), order.end(), rank) == order.end()) order.push_back(rank);
    };
    for (const int rank : chain) add(rank);
    for (std::size_t rank = 0; rank < waits_for_.size(); ++rank) add(static_cast<int>(rank));
    std::string all;
    for (std::size_t i = 0; i < order.size() && i < kMaxRanksTold; ++i)
      all += (i == 0 ? "" : "; ") + story(order[i]);
    if (order.size() > kMaxRanksTold)
      all += text("; and ", order.size() - kMaxRanksTold, " more ranks");
    return all;
  }

  std::string story(int rank) const {
    std::string clauses;
    const auto add = [&](const std::string& clause) {
      clauses += (clauses.empty() ? "" : ", ") + clause;
    };
    for (int s = host(rank).first_stream; s < streams_end(rank); ++s)
      if (!stream(s).idle() && stream(s).posted) add(tell_meeting(s));
    for (int s = host(rank).first_stream; s < streams_end(rank); ++s)
      if (!stream(s).idle() && !stream(s).posted) add(tell_local_wait(s));
    if (host_holds_up(rank))
      add(text("its program waits in synchronize() of stream ", name(host(rank).synchronizes)));
    return text("rank ", rank, " ", clauses.empty() ? "has returned" : clauses);
  }

  const std::string& name(int s) const {
    return host(stream(s).rank).log->streams[static_cast<std::size_t>(stream(s).number)];
  }
  const LogEntry& entry(int s) const {
    const StreamState& at = stream(s);
    return host(at.rank).log->entries[at.queue[at.next].entry];
  }

  std::string tell_meeting(int s) const {
    const OpInfo& op = *state_.meetings.posting(s).op;
    std::string clause = text("waits in ", state_.meetings.describe(s));
    if (op.kind != OpKind::exchange) {
      std::string ranks;
      for (const int rank : state_.meetings.waits_for(s))
        ranks += text(ranks.empty() ? " for rank " : ", ", rank);
      clause += ranks;
    }
    return clause + text(" (stream ", name(s), op.tags.words(), op.where.words(", "), ")");
  }

  // A stream behind another stream of its rank.
  std::string tell_local_wait(int s) const {
    const RankLog& log = *host(stream(s).rank).log;
    if (entry(s).what == LogEntry::run_op) {
      const OpInfo& op = log.ops[entry(s).item];
      return text("its stream ", name(s), " has ", op.name, " wait for its turn in group ",
                  op.group->label(), op.where.words(" (", ")"));
    }
    const auto record = std::find_if(log.entries.begin(), log.entries.end(), [&](const auto& e) {
      return e.what == LogEntry::record_event && e.item == entry(s).item;
    });
    return text("its stream ", name(s), " waits for an event of stream ",
                log.streams[record->stream]);
  }

  // Blocked in synchronize() with more to submit.
  bool host_holds_up(int rank) const {
    const std::vector<LogEntry>& entries = host(rank).log->entries;
    return host(rank).synchronizes >= 0 &&
           std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(host(rank).next),
                       entries.end(), [](const LogEntry& e) { return e.what == LogEntry::run_op; });
  }

  const RunState& state_;
  std::vector<std::vector<int>> waits_for_;  // by rank
};

}  // namespace

void fail_deadlocked(const RunState& state) {
  state.meetings.check_open_collectives();
  fail(ExitCode::deadlock, Report(state).message());
}

}  // namespace shardpipe::modelled
