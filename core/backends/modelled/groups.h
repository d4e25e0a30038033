// GroupRegistry: the groups of one run. Ranks run one after another, so the first member to ask for
// a group makes it and the others find it: all of them see one Group with one id.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "core/backends/modelled/log.h"
#include "core/comm/transport.h"

namespace shardpipe::modelled {

class GroupRegistry {
 public:
  explicit GroupRegistry(int world_size);

  const Group& world() const { return *groups_.front(); }
  int size() const { return static_cast<int>(groups_.size()); }

  // The group made by the n-th call (from 0) of its members for these world ranks of a parent.
  // where: the line that calls.
  const Group& find_or_make(const Group& parent, std::vector<int> ranks, int call,
                            const std::string& axis, Where where);

 private:
  std::vector<std::unique_ptr<Group>> groups_;  // by id; never moved: logs and traces point here
  std::map<std::tuple<int, std::vector<int>, int>, const Group*> by_call_;
};

// Has no wires: operations of its communicator are logged by the stream. Adds the group to the log.
std::unique_ptr<Transport> make_transport(GroupRegistry& registry, const Group& group,
                                          RankLog& log);

}  // namespace shardpipe::modelled
