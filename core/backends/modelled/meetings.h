// Meetings: where operations of several ranks come together. The k-th collective of a group meets
// on all its ranks; the n-th send from a to b meets the n-th recv at b from a. Operations that do
// not fit each other end the run with a sentence.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/backends/modelled/clock.h"
#include "core/comm/message_end.h"

namespace shardpipe::modelled {

// An operation that its rank has come to. A stream has at most one open at a time.
struct Posting {
  const OpInfo* op = nullptr;
  int rank = 0;        // world rank
  int group_rank = 0;  // in op->group
  Past past = {};      // what happened before it
  std::int64_t posted_ns = 0;

  // Filled in by Meetings.
  int missing = 0;            // counterparts that have not come; 0: it may start
  std::int64_t ready_ns = 0;  // when the last participant came
  int waits_for = -1;         // world rank of that participant, if not this one
  Clock known = {};           // of its stream, once it has ended
};

class Meetings {
 public:
  Meetings(int groups, int streams, bool buffered_sends);

  // Adds the posting of a stream and appends all streams whose posting is now complete to `ready`.
  void post(int stream, Posting posting, std::vector<int>& ready);
  const Posting& posting(int stream) const { return postings_[static_cast<std::size_t>(stream)]; }

  // For the report of a deadlock: throws if the collectives that did come do not match; the world
  // ranks an open posting waits for, ascending; the operation in words.
  void check_open_collectives() const;
  std::vector<int> waits_for(int stream) const;
  std::string describe(int stream) const;

 private:
  struct Collective {  // of a group: the one its ranks come to next
    int arrived = 0;
    std::vector<int> streams = {};  // by rank in the group, -1: has not come
  };
  struct HalfMessage {
    int stream = 0;
    int message = 0;       // index into posting.op->messages
    Posting posting = {};  // a copy: the sender of a buffered message has moved on

    MessageEnd end(const MessageInfo& m) const {
      return {posting.group_rank,    posting.op->sequence, m.bytes, m.dtype,
              posting.op->algorithm, posting.op->where};
    }
  };
  using Channel = std::deque<HalfMessage>;  // all sends or all recvs, the oldest first

  void post_collective(int stream, std::vector<int>& ready);
  void complete(const Collective& collective);
  void check_match(const Collective& collective) const;
  void post_exchange(int stream, std::vector<int>& ready);
  void match(const HalfMessage& send, const HalfMessage& recv, std::vector<int>& ready);
  void hear(int stream, const Posting& other, std::vector<int>& ready);
  std::vector<const MessageInfo*> open_messages(int stream) const;

  bool buffered_sends_;
  std::vector<Posting> postings_;        // by stream of the run
  std::vector<Collective> collectives_;  // by group id
  std::unordered_map<std::uint64_t, Channel> channels_;
};

}  // namespace shardpipe::modelled
