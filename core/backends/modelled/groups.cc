#include "core/backends/modelled/groups.h"

#include <numeric>
#include <utility>

namespace shardpipe::modelled {

GroupRegistry::GroupRegistry(int world_size) {
  auto world = std::make_unique<Group>(Group{.id = 0, .axis = "world"});
  world->ranks.resize(static_cast<std::size_t>(world_size));
  std::iota(world->ranks.begin(), world->ranks.end(), 0);
  groups_.push_back(std::move(world));
}

const Group& GroupRegistry::find_or_make(const Group& parent, std::vector<int> ranks, int call,
                                         const std::string& axis, Where where) {
  const Group*& group = by_call_[{parent.id, ranks, call}];
  if (group == nullptr) {
    groups_.push_back(
        std::make_unique<Group>(Group{.id = size(), .axis = axis, .ranks = std::move(ranks)}));
    group = groups_.back().get();
  }
  if (group->axis != axis)
    fail(ExitCode::wrong, text("subgroup of ", parent.label(), ": one member calls it ",
                               group->label(), ", another ", axis, where.words(" (", ")"),
                               " (members make their groups in the same order)"));
  return *group;
}

namespace {

class LoggedTransport final : public Transport {
 public:
  LoggedTransport(GroupRegistry& registry, const Group& group, RankLog& log)
      : registry_(registry), group_(group), log_(log) {}

  void run(const CommCall&, Stream&) override {
    fail(ExitCode::fault, "the modelled backend ran the body of an operation");
  }

  Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where where) override {
    std::vector<int> world_ranks;
    for (const int r : ranks) world_ranks.push_back(group_.ranks[static_cast<std::size_t>(r)]);
    const int call = calls_[world_ranks]++;
    const Group& part = registry_.find_or_make(group_, std::move(world_ranks), call, axis, where);
    return {.group = &part, .transport = make_transport(registry_, part, log_)};
  }

 private:
  GroupRegistry& registry_;
  const Group& group_;
  RankLog& log_;
  std::map<std::vector<int>, int> calls_;  // made so far, by the ranks asked for
};

}  // namespace

std::unique_ptr<Transport> make_transport(GroupRegistry& registry, const Group& group,
                                          RankLog& log) {
  log.groups.push_back(&group);
  return std::make_unique<LoggedTransport>(registry, group, log);
}

}  // namespace shardpipe::modelled
