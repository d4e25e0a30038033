// Point to point between threads: a send posts a reference to its tensor, the receiver copies out
// of it and says so. Messages of one exchange are served in whatever order their peers come.
#include <algorithm>
#include <cstring>

#include "core/backends/cpu/memory.h"
#include "core/backends/cpu/transport.h"

namespace shardpipe::cpu {
namespace {

View copy_of(const View& data) {
  auto buffer = std::make_shared<HostBuffer>(std::make_shared<MemoryPool>(), data.bytes());
  std::memcpy(buffer->data(), data.data, static_cast<std::size_t>(data.bytes()));
  std::byte* bytes = buffer->data();
  return {std::move(buffer), bytes, data.shape, data.dtype};
}

}  // namespace

MessageEnd CpuTransport::end_of(const CommCall& call, const MessageView& m) const {
  return {rank_, call.sequence, m.data.bytes(), m.data.dtype, call.algorithm, call.where};
}

void CpuTransport::exchange(const CommCall& call, CpuStream& stream) {
  GroupState::Seat& mine = seat(rank_);
  const std::int64_t posted_ns = stream.clock().now_ns();
  std::int64_t ready_ns = posted_ns;
  int last = -1;  // the peer that came last
  auto saw = [&](int peer, std::int64_t came_ns) {
    if (came_ns <= ready_ns) return;
    ready_ns = came_ns;
    last = group_->group.ranks[static_cast<std::size_t>(peer)];
  };

  struct Sent {
    int peer;
    std::shared_ptr<Post> post;
  };
  std::vector<Sent> sent;
  std::vector<const MessageView*> expected;
  for (const MessageView& m : call.messages) {
    if (m.direction == Direction::recv) {
      expected.push_back(&m);
      continue;
    }
    auto post = std::make_shared<Post>();
    post->data = buffered_ ? copy_of(m.data) : m.data;
    post->end = end_of(call, m);
    post->posted_ns = posted_ns;
    {
      std::lock_guard lock(seat(m.peer).mutex);
      seat(m.peer).inbox[static_cast<std::size_t>(rank_)].push_back(post);
    }
    seat(m.peer).changed.notify();
    if (!buffered_) sent.push_back({m.peer, std::move(post)});
  }

  auto take = [&](const MessageView& m) -> std::shared_ptr<Post> {
    std::lock_guard lock(mine.mutex);
    auto& posts = mine.inbox[static_cast<std::size_t>(m.peer)];
    if (posts.empty()) return nullptr;
    auto post = posts.front();
    posts.pop_front();
    return post;
  };
  auto receive = [&](const MessageView& m, Post& post) {
    if (const MessageEnd end = end_of(call, m); !fit(post.end, end))
      fail(ExitCode::wrong, describe_misfit(group_->group, post.end, end));
    std::memcpy(m.data.data, post.data.data, static_cast<std::size_t>(m.data.bytes()));
    saw(m.peer, post.posted_ns);
    post.received_ns.store(posted_ns);
    seat(m.peer).changed.notify();
  };
  // One pass over what is still open, in the order of the messages (the n-th recv from a peer meets
  // its n-th send). True if something was done. A message may come while the pass is under way: it
  // is left to the first recv from that peer, which has been passed already.
  std::vector<bool> passed;  // by peer
  auto serve = [&] {
    const std::size_t open = expected.size() + sent.size();
    passed.assign(static_cast<std::size_t>(size()), false);
    std::erase_if(expected, [&](const MessageView* m) {
      const auto peer = static_cast<std::size_t>(m->peer);
      const auto post = passed[peer] ? nullptr : take(*m);
      passed[peer] = post == nullptr;
      if (post != nullptr) receive(*m, *post);
      return post != nullptr;
    });
    std::erase_if(sent, [&](const Sent& s) {
      const std::int64_t came_ns = s.post->received_ns.load();
      if (came_ns >= 0) saw(s.peer, came_ns);
      return came_ns >= 0;
    });
    return expected.size() + sent.size() < open;
  };
  auto can_serve = [&] {
    std::lock_guard lock(mine.mutex);
    return std::any_of(expected.begin(), expected.end(),
                       [&](const MessageView* m) {
                         return !mine.inbox[static_cast<std::size_t>(m->peer)].empty();
                       }) ||
           std::any_of(sent.begin(), sent.end(),
                       [](const Sent& s) { return s.post->received_ns.load() >= 0; });
  };
  while (!expected.empty() || !sent.empty())
    if (!serve())
      stream.wait_in_body(mine.changed, can_serve,
                          [&] { return "in " + describe(call, group_->group); });

  stream.current().ready_ns = ready_ns;
  stream.current().waits_for = last;
}

}  // namespace shardpipe::cpu
