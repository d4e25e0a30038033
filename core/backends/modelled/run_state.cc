#include "core/backends/modelled/run_state.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace shardpipe::modelled {
namespace {

HostState make_host(const RankLog& log, int rank, int first_stream) {
  HostState host{.log = &log, .first_stream = first_stream};
  host.events.resize(log.event_waits.size());
  for (std::size_t e = 0; e < host.events.size(); ++e) host.events[e].waits = log.event_waits[e];
  for (const Group* group : log.groups) {
    const auto me = std::find(group->ranks.begin(), group->ranks.end(), rank);
    host.lanes.push_back(
        {.group = group, .group_rank = static_cast<int>(me - group->ranks.begin())});
  }
  return host;
}

int count_streams(const std::vector<RankLog>& logs) {
  return std::accumulate(logs.begin(), logs.end(), 0, [](int n, const RankLog& log) {
    return n + static_cast<int>(log.streams.size());
  });
}

}  // namespace

RunState::RunState(const std::vector<RankLog>& logs, int groups, bool buffered_sends)
    : meetings(groups, count_streams(logs), buffered_sends) {
  for (std::size_t r = 0; r < logs.size(); ++r) {
    const int rank = static_cast<int>(r);
    hosts.push_back(make_host(logs[r], rank, static_cast<int>(streams.size())));
    for (std::size_t s = 0; s < logs[r].streams.size(); ++s)
      streams.push_back({.rank = rank, .number = static_cast<int>(s)});
  }
}

}  // namespace shardpipe::modelled
