// CpuTransport: ranks are threads of one process, so a collective reads and writes the other ranks'
// memory. Reductions are in push form: each rank reduces its 1/n share in blocks that stay in cache
// and writes it into everybody's output. Sums run in rank order: all ranks, all runs, same bits.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "core/backends/cpu/stream.h"
#include "core/comm/message_end.h"
#include "core/comm/transport.h"

namespace shardpipe::cpu {

// A send that waits to be received.
struct Post {
  View data = {};  // rendezvous: the sender's tensor. buffered: a copy
  MessageEnd end = {};
  std::int64_t posted_ns = 0;
  std::atomic<std::int64_t> received_ns{-1};  // when the receiver came, once it has the data
};

// What the ranks of one group share.
class GroupState {
 public:
  explicit GroupState(Group group);

  struct Seat {  // of one rank
    std::atomic<std::int64_t> next_turn{0};
    Signal changed;  // something this rank may wait for
    CommCall call;   // its collective, between arriving and leaving. A copy: where a run ends with
                     // an error, other ranks may still read it after this rank's operation is gone
    std::mutex mutex;                                      // guards inbox
    std::vector<std::deque<std::shared_ptr<Post>>> inbox;  // by sender
  };

  const Group group;
  std::vector<std::unique_ptr<Seat>> seats;
  std::atomic<std::int64_t> arrivals{0};  // of all ranks at all phases of all collectives so far

  void notify_all();
};

// The groups of one run: the same object for all members of a group.
class GroupRegistry {
 public:
  explicit GroupRegistry(int ranks);
  std::shared_ptr<GroupState> world() const { return world_; }
  // nth: how many times this member has asked for these ranks before.
  std::shared_ptr<GroupState> subgroup(const GroupState& parent, const std::vector<int>& ranks,
                                       const std::string& axis, int nth, Where where);

 private:
  std::mutex mutex_;
  std::shared_ptr<GroupState> world_;
  std::map<std::tuple<int, std::vector<int>, int>, std::shared_ptr<GroupState>> groups_;
};

class CpuTransport : public Transport {
 public:
  CpuTransport(GroupRegistry& registry, std::shared_ptr<GroupState> group, int rank, bool buffered);

  void run(const CommCall& call, Stream& stream) override;
  Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where where) override;

 private:
  void meet(const CommCall& call, CpuStream& stream);
  void collective(const CommCall& call, CpuStream& stream);
  void exchange(const CommCall& call, CpuStream& stream);
  void check_match(const CommCall& call) const;
  MessageEnd end_of(const CommCall& call, const MessageView& message) const;
  int size() const { return group_->group.size(); }
  GroupState::Seat& seat(int rank) const { return *group_->seats[static_cast<std::size_t>(rank)]; }

  GroupRegistry& registry_;
  std::shared_ptr<GroupState> group_;
  int rank_;
  bool buffered_;
  std::int64_t meetings_ = 0;                  // phases this rank has gone through
  std::map<std::vector<int>, int> subgroups_;  // how often each was asked for
};

// "all_reduce #3 of tp[0,1] (4096 bytes f32, step 2, layer 1)"
std::string describe(const CommCall& call, const Group& group);

// This rank's part of a collective; calls[r] is what rank r passed. All have arrived.
void run_share(const std::vector<const CommCall*>& calls, int rank);

}  // namespace shardpipe::cpu
