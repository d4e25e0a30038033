// Point to point between processes. The two ends of a message first send each other a note: what
// they will send or expect, and when they came. So a send waits for its recv, sizes are compared
// before anything moves, and both know since when the message could have gone. The data are one MPI
// message, or several where there is more than it can count; the n-th between two ranks has tags of
// its own, whatever exchange it is in.
#pragma once

#include <memory>
#include <vector>

#include "core/backends/cpu/stream.h"
#include "core/backends/mpi/groups.h"
#include "core/backends/mpi/pieces.h"
#include "core/comm/message_end.h"
#include "core/comm/transport.h"

namespace shardpipe::mpi {

// One call of one rank.
class Exchange {
 public:
  // most_count: elements of one message of MPI. sent, received: messages so far, by peer. unread:
  // keeps what MPI has yet to read of buffered sends, which leave from a copy and wait for nobody.
  Exchange(const Wires& wires, const CommCall& call, bool buffered, Index most_count,
           std::vector<int>& sent, std::vector<int>& received,
           std::vector<std::shared_ptr<void>>& unread);

  // Ends when all messages have moved.
  void run(cpu::CpuStream& stream);

 private:
  struct Note {
    MessageEnd end = {};  // its pointers mean nothing at the other end
    char algorithm[48] = {}, file[48] = {};
    std::int64_t posted_ns = 0;
  };
  struct Letter;
  enum class Step { note, data, done };

  Note note_of(const MessageView& message, std::int64_t posted_ns) const;
  void post(const MessageView& message, std::int64_t posted_ns);
  void move(Letter& letter, std::byte* data) const;  // begins to
  void send_copy(Letter& letter);
  bool advance(Letter& letter);
  void read_note(Letter& letter);
  void check_fit(const Letter& letter) const;
  int rank_of(int peer) const { return wires_.group.ranks[static_cast<std::size_t>(peer)]; }

  const Wires& wires_;
  const CommCall& call_;
  const bool buffered_;
  const Index most_count_;
  std::vector<int>&sent_, &received_;
  std::vector<std::shared_ptr<void>>& unread_;
  std::vector<std::shared_ptr<Letter>> letters_;
  std::int64_t ready_ns_ = 0;
  int last_ = -1;  // the rank that came last, if not this one
};

}  // namespace shardpipe::mpi
