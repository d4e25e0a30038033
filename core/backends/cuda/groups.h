// Groups of one run, shared by the host threads of their ranks: who is in them, and what each rank
// has brought to the present collective. Owned by the run, so events and Groups outlive all ranks.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/backends/cuda/handles.h"
#include "core/comm/transport.h"

namespace shardpipe::cuda {

// One message on its way. Guarded by the group's mutex.
struct Letter {
  const std::byte* from = nullptr;
  std::int64_t bytes = 0;
  DType dtype = DType::f32;
  std::shared_ptr<OwnedEvent> sendable = {};  // the sender's stream has come to its exchange
  Where where = {};                           // the sender's line
  std::shared_ptr<OwnedEvent> met = {}, copied = {};  // on the receiver's stream; set when taken
};

// What one rank brings to a collective.
struct Offer {
  OpKind kind = OpKind::barrier;
  DType dtype = DType::f32;
  ReduceOp reduce = ReduceOp::sum;
  int root = -1;
  std::int64_t bytes = 0;  // of the tensor that has the same size on all ranks
  std::byte *out = nullptr, *in = nullptr;
  Where where = {};
};

// Two events per rank serve all collectives: a rank records one again only when every peer has
// already told its stream to wait for the previous record (peer_transport.cc, steps).
struct PeerGroup {
  struct Seat {
    Offer offer = {};
    std::int64_t brought = 0;  // collectives whose offer is made and `inputs` recorded
    std::int64_t written = 0;  // collectives whose kernel is enqueued and `outputs` recorded
    OwnedEvent inputs = {}, outputs = {};  // made by the rank: an event belongs to one GPU
  };
  explicit PeerGroup(Group described) : group(std::move(described)), seats(group.ranks.size()) {}

  const Group group;
  std::mutex mutex;
  std::vector<Seat> seats;
  std::map<std::pair<int, int>, std::deque<std::shared_ptr<Letter>>> letters;  // (from, to)
};

class GroupTable {
 public:
  // The same PeerGroup for every member that calls with the same key; the first one makes it.
  std::shared_ptr<PeerGroup> open(const std::string& key, const std::vector<int>& world_ranks,
                                  const std::string& axis) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<PeerGroup>& entry = groups_[key];
    if (!entry) {
      const int id = static_cast<int>(groups_.size()) - 1;
      entry = std::make_shared<PeerGroup>(Group{.id = id, .axis = axis, .ranks = world_ranks});
    }
    return entry;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<PeerGroup>> groups_;
};

// Names a new group of some ranks of an old one, the same on all its members: they open their
// groups in the same order, so the count of equal requests tells repeated ones apart.
class GroupKeys {
 public:
  std::string next(const Group& parent, const std::vector<int>& ranks, const std::string& axis) {
    std::string key = text(parent.id, "/", axis);
    for (const int r : ranks) key += text(",", r);
    return text(key, "#", ++times_[key]);
  }

 private:
  std::map<std::string, int> times_;
};

}  // namespace shardpipe::cuda
