#include "core/backends/cpu/transport.h"

#include <algorithm>
#include <cstring>

namespace shardpipe::cpu {
namespace {

const View& payload(const CommCall& call) {
  return call.kind == OpKind::reduce_scatter ? call.in : call.out;
}

}  // namespace

std::string describe(const CommCall& call, const Group& group) {
  std::string out = text(name_of(call.kind), " #", call.sequence, " of ", group.label(), " (");
  if (call.kind == OpKind::exchange) {
    for (const MessageView& m : call.messages)
      out += text(&m == call.messages.data() ? "" : ", ",
                  m.direction == Direction::send ? "send " : "recv ", m.data.bytes(), " bytes ",
                  m.direction == Direction::send ? "to rank " : "from rank ",
                  group.ranks[static_cast<std::size_t>(m.peer)]);
    if (*call.algorithm != '\0') out += text(", ", call.algorithm);
  } else {
    out += text(payload(call).bytes(), " bytes ", name_of(payload(call).dtype));
    if (call.kind == OpKind::broadcast) out += text(", root ", call.root);
    if (call.kind == OpKind::all_reduce && call.reduce == ReduceOp::max) out += ", max";
  }
  return out + call.tags.words() + ")";
}

GroupState::GroupState(Group g) : group(std::move(g)) {
  for (int r = 0; r < group.size(); ++r) {
    seats.push_back(std::make_unique<Seat>());
    seats.back()->inbox.resize(static_cast<std::size_t>(group.size()));
  }
}

void GroupState::notify_all() {
  for (auto& seat : seats) seat->changed.notify();
}

GroupRegistry::GroupRegistry(int ranks) {
  Group everyone{.id = 0, .axis = "world"};
  for (int r = 0; r < ranks; ++r) everyone.ranks.push_back(r);
  world_ = std::make_shared<GroupState>(std::move(everyone));
}

std::shared_ptr<GroupState> GroupRegistry::subgroup(const GroupState& parent,
                                                    const std::vector<int>& ranks,
                                                    const std::string& axis, int nth, Where where) {
  std::lock_guard lock(mutex_);
  auto& state = groups_[{parent.group.id, ranks, nth}];
  if (state != nullptr && state->group.axis != axis)
    fail(ExitCode::wrong, text("subgroup of ", parent.group.label(), ": one member calls it ",
                               state->group.label(), ", another ", axis, where.words(" (", ")"),
                               " (members make their groups in the same order)"));
  if (state == nullptr) {
    Group group{.id = static_cast<int>(groups_.size()), .axis = axis};
    for (const int r : ranks)
      group.ranks.push_back(parent.group.ranks[static_cast<std::size_t>(r)]);
    state = std::make_shared<GroupState>(std::move(group));
  }
  return state;
}

CpuTransport::CpuTransport(GroupRegistry& registry, std::shared_ptr<GroupState> group, int rank,
                           bool buffered)
    : registry_(registry), group_(std::move(group)), rank_(rank), buffered_(buffered) {}

Transport::Part CpuTransport::subgroup(const std::vector<int>& ranks, const std::string& axis,
                                       Where where) {
  auto state = registry_.subgroup(*group_, ranks, axis, subgroups_[ranks]++, where);
  const auto me = std::find(ranks.begin(), ranks.end(), rank_) - ranks.begin();
  return {&state->group,
          std::make_unique<CpuTransport>(registry_, state, static_cast<int>(me), buffered_)};
}

// Operations of one communicator start in the order of submission, whatever stream they are on.
void CpuTransport::run(const CommCall& call, Stream& stream) {
  auto& worker = static_cast<CpuStream&>(stream);
  GroupState::Seat& mine = seat(rank_);
  worker.wait_in_body(
      mine.changed, [&] { return mine.next_turn.load() == call.turn; },
      [&] { return text("for its turn in ", describe(call, group_->group)); });
  if (call.kind == OpKind::exchange)
    exchange(call, worker);
  else
    collective(call, worker);
  mine.next_turn.store(call.turn + 1);
  mine.changed.notify();
}

// All ranks come to a phase; the counter only grows, so it needs no reset.
void CpuTransport::meet(const CommCall& call, CpuStream& stream) {
  const std::int64_t target = ++meetings_ * size();
  if (group_->arrivals.fetch_add(1) + 1 == target) {
    group_->notify_all();
    return;
  }
  stream.wait_in_body(
      seat(rank_).changed, [&] { return group_->arrivals.load() >= target; },
      [&] { return "in " + describe(call, group_->group); });
}

void CpuTransport::check_match(const CommCall& call) const {
  auto same = [&](const CommCall& other) {
    return other.kind == call.kind && other.reduce == call.reduce && other.root == call.root &&
           payload(other).bytes() == payload(call).bytes() &&
           payload(other).dtype == payload(call).dtype;
  };
  const bool all_same = std::all_of(group_->seats.begin(), group_->seats.end(),
                                    [&](const auto& s) { return same(s->call); });
  if (all_same) return;
  std::string sentence = "ranks of one group meet in different operations: ";
  for (int r = 0; r < size(); ++r)
    sentence +=
        text(r == 0 ? "" : "; ", "rank ", group_->group.ranks[static_cast<std::size_t>(r)],
             " is in ", describe(seat(r).call, group_->group), seat(r).call.where.words(" (", ")"));
  fail(ExitCode::wrong, sentence);
}

void CpuTransport::collective(const CommCall& call, CpuStream& stream) {
  seat(rank_).call = call;
  meet(call, stream);  // every rank's call is in its seat
  stream.all_are_here();
  check_match(call);
  std::vector<const CommCall*> calls;
  for (const auto& s : group_->seats) calls.push_back(&s->call);
  run_share(calls, rank_);
  meet(call, stream);     // every rank has done its share
  seat(rank_).call = {};  // lets go of its memory
}

}  // namespace shardpipe::cpu
