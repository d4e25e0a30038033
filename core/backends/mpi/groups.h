// The groups of a run, each with a communicator of MPI.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/backends/mpi/library.h"

namespace shardpipe::mpi {

// One group, as one of its ranks sees it. A group of one rank needs no communicator.
struct Wires {
  Group group = {};
  int rank = 0;  // this process, in the group
  MPI_Comm comm = MPI_COMM_NULL;
};

// Tags on a group's communicator; messages of exchanges use those from `exchange` up.
enum Tag : int { kOffer = 0, kId = 1, kCreate = 2, kExchange = 16 };

class Groups {
 public:
  // The constructor is collective.
  explicit Groups(Library& library);
  ~Groups();  // collective, in the order in which they were made
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  const Wires& world() const { return all_.front(); }
  // ranks: of parent, this process among them. MPI's own MPI_Comm_create_group blocks where no
  // limit can see it, so the members first find each other: one short message each way between the
  // first member and each other one. The first member numbers the group.
  // nth: of the groups that this process has made of parent, from 0. where: the line that asks.
  const Wires& make(const Wires& parent, const std::vector<int>& ranks, const std::string& axis,
                    int nth, Where where);
  const std::deque<Wires>& all() const { return all_; }

 private:
  struct Request {  // for a group
    const Wires& parent;
    const std::vector<int>& ranks;
    const Group& group;
    int nth;
    Where where;
    std::string words() const;  // "subgroup #3 mine[0,1] of world[0,1,2] (block.cc:41)"
  };
  int find_members(const Request& request);
  int lead(const Request& request);
  void finish(std::vector<MPI_Request>& requests, const std::string& what);

  Library& library_;
  int led_ = 0;            // groups that this process was the first member of
  std::deque<Wires> all_;  // references to them stay good
};

}  // namespace shardpipe::mpi
