#include "core/backends/mpi/groups.h"

#include <algorithm>
#include <functional>

namespace shardpipe::mpi {
namespace {

constexpr int kGroupsOfALeader = 1 << 16;

// Members of one group ask for the same ranks under the same name.
std::uint64_t offer_of(const Group& group) { return std::hash<std::string>{}(group.label()); }

}  // namespace

Groups::Groups(Library& library) : library_(library) {
  Wires& world = all_.emplace_back();
  world.group.axis = "world";
  for (int r = 0; r < library.size(); ++r) world.group.ranks.push_back(r);
  world.rank = library.rank();
  if (library.size() > 1)
    check(library.block("for the others to make the world's communicator",
                        [&] { return MPI_Comm_dup(library.between_runs(), &world.comm); }));
}

Groups::~Groups() {
  for (Wires& wires : all_)
    if (wires.comm != MPI_COMM_NULL)
      library_.block("for the others to free " + wires.group.label(),
                     [&] { return MPI_Comm_free(&wires.comm); });
}

void Groups::finish(std::vector<MPI_Request>& requests, const std::string& what) {
  library_.board().poll(
      library_.program(),
      [&] {
        int done = 0;
        check(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done,
                          MPI_STATUSES_IGNORE));
        return done != 0;
      },
      [&] { return what; });
}

// The first member: hears from all others, then gives the group its number.
int Groups::lead(const Request& request) {
  const auto& [parent, ranks, group, nth, where] = request;
  int id = library_.rank() * kGroupsOfALeader + ++led_;
  const std::size_t others = ranks.size() - 1;
  std::vector<std::uint64_t> offers(others);
  std::vector<MPI_Request> requests(others);
  for (std::size_t i = 0; i < others; ++i)
    check(MPI_Irecv(&offers[i], 1, MPI_UINT64_T, ranks[i + 1], kOffer, parent.comm, &requests[i]));
  finish(requests, "in " + request.words());
  for (std::size_t i = 0; i < others; ++i)
    if (offers[i] != offer_of(group))
      fail(ExitCode::wrong,
           text(request.words(), ": rank ", group.ranks[i + 1], " asks for another group"));
  for (std::size_t i = 0; i < others; ++i)
    check(MPI_Isend(&id, 1, MPI_INT, ranks[i + 1], kId, parent.comm, &requests[i]));
  finish(requests, "for the members of " + group.label());
  return id;
}

int Groups::find_members(const Request& request) {
  const auto& [parent, ranks, group, nth, where] = request;
  if (ranks.front() == parent.rank) return lead(request);
  int id = 0;
  const std::uint64_t offer = offer_of(group);
  std::vector<MPI_Request> requests(2);
  check(MPI_Issend(&offer, 1, MPI_UINT64_T, ranks.front(), kOffer, parent.comm, &requests[0]));
  check(MPI_Irecv(&id, 1, MPI_INT, ranks.front(), kId, parent.comm, &requests[1]));
  finish(requests, "in " + request.words());
  return id;
}

std::string Groups::Request::words() const {
  return text("subgroup #", nth, " ", group.label(), " of ", parent.group.label(),
              where.words(" (", ")"));
}

const Wires& Groups::make(const Wires& parent, const std::vector<int>& ranks,
                          const std::string& axis, int nth, Where where) {
  Wires wires;
  wires.group.axis = axis;
  for (const int r : ranks)
    wires.group.ranks.push_back(parent.group.ranks[static_cast<std::size_t>(r)]);
  wires.rank = static_cast<int>(std::find(ranks.begin(), ranks.end(), parent.rank) - ranks.begin());
  if (ranks.size() == 1) {
    wires.group.id = library_.rank() * kGroupsOfALeader + ++led_;
    return all_.emplace_back(std::move(wires));
  }
  wires.group.id = find_members({parent, ranks, wires.group, nth, where});
  MPI_Group everyone = MPI_GROUP_NULL, members = MPI_GROUP_NULL;
  check(MPI_Comm_group(parent.comm, &everyone));
  check(MPI_Group_incl(everyone, static_cast<int>(ranks.size()), ranks.data(), &members));
  check(library_.block("for the members of " + wires.group.label(), [&] {
    return MPI_Comm_create_group(parent.comm, members, kCreate, &wires.comm);
  }));
  check(MPI_Group_free(&members));
  check(MPI_Group_free(&everyone));
  return all_.emplace_back(std::move(wires));
}

}  // namespace shardpipe::mpi
