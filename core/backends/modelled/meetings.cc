#include "core/backends/modelled/meetings.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "core/backends/modelled/describe.h"
#include "core/base/error.h"

namespace shardpipe::modelled {
namespace {

// One direction between two ranks of a group. 24 bits of group, 20 for each rank.
std::uint64_t channel_key(const Group& group, int from, int to) {
  return static_cast<std::uint64_t>(group.id) << 40 | static_cast<std::uint64_t>(from) << 20 |
         static_cast<std::uint64_t>(to);
}

bool same_sizes(const OpInfo& a, const OpInfo& b) {
  return std::equal(a.operands.begin(), a.operands.end(), b.operands.begin(), b.operands.end(),
                    [](const Operand& x, const Operand& y) { return x.bytes == y.bytes; });
}

bool fit(const OpInfo& a, const OpInfo& b) {
  return a.kind == b.kind && a.bytes == b.bytes && a.dtype == b.dtype && a.root == b.root &&
         std::string_view(a.name) == b.name &&  // it says max, where that is not a sum
         (a.calls == 1 || same_sizes(a, b));
}

}  // namespace

Meetings::Meetings(int groups, int streams, bool buffered_sends)
    : buffered_sends_(buffered_sends),
      postings_(static_cast<std::size_t>(streams)),
      collectives_(static_cast<std::size_t>(groups)) {}

void Meetings::post(int stream, Posting posting, std::vector<int>& ready) {
  posting.ready_ns = posting.posted_ns;
  posting.known = posting.past.known;
  Posting& mine = postings_[static_cast<std::size_t>(stream)];
  mine = std::move(posting);
  if (mine.op->kind == OpKind::exchange)
    post_exchange(stream, ready);
  else
    post_collective(stream, ready);
}

void Meetings::post_collective(int stream, std::vector<int>& ready) {
  Posting& mine = postings_[static_cast<std::size_t>(stream)];
  const Group& group = *mine.op->group;
  Collective& c = collectives_[static_cast<std::size_t>(group.id)];
  if (c.streams.empty()) c.streams.assign(group.ranks.size(), -1);
  c.streams[static_cast<std::size_t>(mine.group_rank)] = stream;
  mine.missing = 1;
  if (++c.arrived < group.size()) return;
  complete(c);
  ready.insert(ready.end(), c.streams.begin(), c.streams.end());
  c.arrived = 0;
  std::fill(c.streams.begin(), c.streams.end(), -1);
}

// A rank needs data of every rank, so all that was before any of them is before its end. After a
// broadcast only the past of the root is known for sure.
void Meetings::complete(const Collective& c) {
  check_match(c);
  const Posting* last = &posting(c.streams[0]);
  Clock known;
  for (const int stream : c.streams) {
    const Posting& p = posting(stream);
    if (std::pair(-p.posted_ns, p.rank) < std::pair(-last->posted_ns, last->rank)) last = &p;
    if (p.op->root < 0 || p.op->root == p.group_rank) known.join(p.past);
  }
  for (const int stream : c.streams) {
    Posting& p = postings_[static_cast<std::size_t>(stream)];
    p.missing = 0;
    p.ready_ns = last->posted_ns;
    p.waits_for = last->posted_ns > p.posted_ns ? last->rank : -1;
    if (p.op->root < 0)
      p.known = known;  // includes what the rank itself knew
    else
      p.known.join(known);
  }
}

void Meetings::check_match(const Collective& c) const {
  std::map<std::string, std::string> ranks_of;  // by what they call
  std::vector<std::string> calls;               // in order of rank
  const OpInfo* first = nullptr;
  bool all_fit = true;
  for (const int stream : c.streams) {
    if (stream < 0) continue;
    const Posting& p = posting(stream);
    if (first == nullptr) first = p.op;
    all_fit = all_fit && fit(*first, *p.op);
  }
  if (all_fit) return;
  for (const int stream : c.streams) {
    if (stream < 0) continue;
    const OpInfo& op = *posting(stream).op;
    const std::string call = describe_collective(op) + op.where.words(" (", ")");
    std::string& ranks = ranks_of[call];
    if (ranks.empty()) calls.push_back(call);
    ranks += text(ranks.empty() ? "rank " : ", rank ", posting(stream).rank);
  }
  std::string message = text(name_of(first->kind), " #", first->sequence, " of group ",
                             first->group->label(), " does not match: ");
  for (const std::string& call : calls) {
    const std::string& ranks = ranks_of[call];
    message += text(call == calls.front() ? "" : "; ", ranks,
                    ranks.find(',') == std::string::npos ? " calls " : " call ", call);
  }
  fail(ExitCode::wrong, message);
}

void Meetings::post_exchange(int stream, std::vector<int>& ready) {
  Posting& mine = postings_[static_cast<std::size_t>(stream)];
  const std::vector<MessageInfo>& messages = mine.op->messages;
  mine.missing = 1;  // holds the operation until all its messages are posted
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const MessageInfo& m = messages[i];
    const int me = mine.group_rank;
    Channel& channel =
        channels_[channel_key(*mine.op->group, m.is_send ? me : m.peer, m.is_send ? m.peer : me)];
    if (!m.is_send || !buffered_sends_) ++mine.missing;
    const HalfMessage half{.stream = stream, .message = static_cast<int>(i), .posting = mine};
    const bool meets =
        !channel.empty() &&
        channel.front()
                .posting.op->messages[static_cast<std::size_t>(channel.front().message)]
                .is_send != m.is_send;
    if (!meets) {
      channel.push_back(half);
      continue;
    }
    const HalfMessage other = std::move(channel.front());
    channel.pop_front();
    m.is_send ? match(half, other, ready) : match(other, half, ready);
  }
  if (--mine.missing == 0) ready.push_back(stream);
}

void Meetings::match(const HalfMessage& send, const HalfMessage& recv, std::vector<int>& ready) {
  const MessageInfo& s = send.posting.op->messages[static_cast<std::size_t>(send.message)];
  const MessageInfo& r = recv.posting.op->messages[static_cast<std::size_t>(recv.message)];
  if (const MessageEnd from = send.end(s), to = recv.end(r); !fit(from, to))
    fail(ExitCode::wrong,
         text(describe_misfit(*send.posting.op->group, from, to), " (sent",
              send.posting.op->tags.words(), "; expected", recv.posting.op->tags.words(), ")"));
  // Data orders: what was before the send is before the end of the recv. That a send may have
  // waited for its recv is left to chance (buffering) and orders nothing.
  postings_[static_cast<std::size_t>(recv.stream)].known.join(send.posting.past);
  hear(recv.stream, send.posting, ready);
  if (!buffered_sends_) hear(send.stream, recv.posting, ready);
}

void Meetings::hear(int stream, const Posting& other, std::vector<int>& ready) {
  Posting& mine = postings_[static_cast<std::size_t>(stream)];
  const bool ties = other.posted_ns == mine.ready_ns && mine.waits_for > other.rank;
  if (other.posted_ns > mine.ready_ns || ties) {
    mine.ready_ns = other.posted_ns;
    mine.waits_for = other.rank;
  }
  if (--mine.missing == 0) ready.push_back(stream);
}

void Meetings::check_open_collectives() const {
  for (const Collective& c : collectives_)
    if (c.arrived > 0) check_match(c);
}

std::vector<const MessageInfo*> Meetings::open_messages(int stream) const {
  const OpInfo* op = posting(stream).op;
  std::vector<const MessageInfo*> open;
  for (const auto& [key, channel] : channels_)
    for (const HalfMessage& half : channel)
      if (half.stream == stream && half.posting.op == op)
        open.push_back(&op->messages[static_cast<std::size_t>(half.message)]);
  std::sort(open.begin(), open.end());  // as they stand in the operation
  if (buffered_sends_) std::erase_if(open, [](const MessageInfo* m) { return m->is_send; });
  return open;
}

std::vector<int> Meetings::waits_for(int stream) const {
  const Group& group = *posting(stream).op->group;
  std::vector<int> ranks;
  if (posting(stream).op->kind == OpKind::exchange) {
    for (const MessageInfo* m : open_messages(stream))
      ranks.push_back(group.ranks[static_cast<std::size_t>(m->peer)]);
  } else {
    const Collective& c = collectives_[static_cast<std::size_t>(group.id)];
    for (std::size_t i = 0; i < c.streams.size(); ++i)
      if (c.streams[i] < 0) ranks.push_back(group.ranks[i]);
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::string Meetings::describe(int stream) const {
  const OpInfo& op = *posting(stream).op;
  if (op.kind != OpKind::exchange)
    return text(name_of(op.kind), " #", op.sequence, " of group ", op.group->label());
  std::string messages;
  for (const MessageInfo* m : open_messages(stream))
    messages += (messages.empty() ? "" : ", ") + describe_message(op, *m);
  if (*op.algorithm != '\0') messages += text(", ", op.algorithm);
  return text("exchange #", op.sequence, " (", messages, ") of group ", op.group->label());
}

}  // namespace shardpipe::modelled
