#include "core/backends/mpi/exchange.h"

#include <algorithm>
#include <cstring>

#include "core/backends/cpu/transport.h"

namespace shardpipe::mpi {
namespace {

constexpr int kNumbers = 8192;  // messages between two ranks at once, far more than any program has

// Three messages of MPI for one of ours.
enum class Part { senders_note, receivers_note, data, count };

int tag(Part part, int number) {
  return kExchange + number % kNumbers * static_cast<int>(Part::count) + static_cast<int>(part);
}

bool have_ended(std::vector<MPI_Request>& requests) {
  int done = 0;
  check(
      MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE));
  return done != 0;
}

bool has_ended(MPI_Request& request) {
  int done = 0;
  check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
  return done != 0;
}

}  // namespace

struct Exchange::Letter {
  MessageView message = {};
  int number = 0;  // of those between these two ranks in this direction
  Note mine = {}, theirs = {};
  std::vector<std::byte> copy = {};  // buffered sends
  MPI_Request my_note = MPI_REQUEST_NULL, their_note = MPI_REQUEST_NULL;
  std::vector<MPI_Request> data = {};  // in order: messages of one tag do not overtake each other
  Step step = Step::note;

  bool is_send() const { return message.direction == Direction::send; }
};

Exchange::Exchange(const Wires& wires, const CommCall& call, bool buffered, Index most_count,
                   std::vector<int>& sent, std::vector<int>& received,
                   std::vector<std::shared_ptr<void>>& unread)
    : wires_(wires),
      call_(call),
      buffered_(buffered),
      most_count_(most_count),
      sent_(sent),
      received_(received),
      unread_(unread) {}

Exchange::Note Exchange::note_of(const MessageView& message, std::int64_t posted_ns) const {
  Note note;
  note.end = {wires_.rank,        call_.sequence,  message.data.bytes(),
              message.data.dtype, call_.algorithm, call_.where};
  std::strncpy(note.algorithm, call_.algorithm, sizeof note.algorithm - 1);
  std::strncpy(note.file, call_.where.name(), sizeof note.file - 1);
  note.posted_ns = posted_ns;
  return note;
}

// A buffered send has no note to wait for, so a receiver writes none.
void Exchange::post(const MessageView& message, std::int64_t posted_ns) {
  auto letter = std::make_shared<Letter>();
  letters_.push_back(letter);
  const bool sends = message.direction == Direction::send;
  letter->message = message;
  letter->number = (sends ? sent_ : received_)[static_cast<std::size_t>(message.peer)]++;
  letter->mine = note_of(message, posted_ns);
  const Part mine = sends ? Part::senders_note : Part::receivers_note;
  const Part theirs = sends ? Part::receivers_note : Part::senders_note;
  if (sends || !buffered_)
    check(MPI_Isend(&letter->mine, sizeof(Note), MPI_BYTE, message.peer, tag(mine, letter->number),
                    wires_.comm, &letter->my_note));
  if (sends && buffered_)
    send_copy(*letter);
  else
    check(MPI_Irecv(&letter->theirs, sizeof(Note), MPI_BYTE, message.peer,
                    tag(theirs, letter->number), wires_.comm, &letter->their_note));
}

void Exchange::send_copy(Letter& letter) {
  const View& data = letter.message.data;
  letter.copy.assign(data.data, data.data + data.bytes());
  move(letter, letter.copy.data());
  letter.step = Step::done;
  unread_.push_back(letters_.back());
}

void Exchange::move(Letter& letter, std::byte* data) const {
  const View& view = letter.message.data;
  const MPI_Datatype type = type_of(view.dtype);
  const int peer = letter.message.peer, at = tag(Part::data, letter.number);
  for (const Piece& piece : pieces_of(view.elements(), most_count_)) {
    std::byte* begin = data + piece.first * size_of(view.dtype);
    MPI_Request& request = letter.data.emplace_back(MPI_REQUEST_NULL);
    if (letter.is_send())
      check(MPI_Isend(begin, piece.count, type, peer, at, wires_.comm, &request));
    else
      check(MPI_Irecv(begin, piece.count, type, peer, at, wires_.comm, &request));
  }
}

void Exchange::check_fit(const Letter& letter) const {
  const MessageEnd& send = letter.is_send() ? letter.mine.end : letter.theirs.end;
  const MessageEnd& recv = letter.is_send() ? letter.theirs.end : letter.mine.end;
  if (!fit(send, recv)) fail(ExitCode::wrong, describe_misfit(wires_.group, send, recv));
}

// The peer has come: the data may move.
void Exchange::read_note(Letter& letter) {
  letter.theirs.end.algorithm = letter.theirs.algorithm;
  letter.theirs.end.where.file = letter.theirs.file;
  check_fit(letter);
  if (letter.theirs.posted_ns > ready_ns_) {
    ready_ns_ = letter.theirs.posted_ns;
    last_ = rank_of(letter.message.peer);
  }
  move(letter, letter.message.data.data);
  letter.step = Step::data;
}

// True once the message has moved.
bool Exchange::advance(Letter& letter) {
  if (letter.step == Step::note && has_ended(letter.their_note)) read_note(letter);
  if (letter.step == Step::data && has_ended(letter.my_note) && have_ended(letter.data))
    letter.step = Step::done;
  return letter.step == Step::done;
}

void Exchange::run(cpu::CpuStream& stream) {
  std::erase_if(unread_, [](const std::shared_ptr<void>& old) {
    auto& letter = *static_cast<Letter*>(old.get());
    return has_ended(letter.my_note) && have_ended(letter.data);
  });
  const std::int64_t posted_ns = stream.current().posted_ns;
  ready_ns_ = posted_ns;
  for (const MessageView& message : call_.messages) post(message, posted_ns);
  auto all_moved = [&] {
    std::erase_if(letters_, [&](const auto& letter) { return advance(*letter); });
    return letters_.empty();
  };
  stream.poll_in_body(all_moved, [&] { return "in " + cpu::describe(call_, wires_.group); });
  // Clocks of two processes agree up to an error only.
  stream.current().ready_ns = std::min(ready_ns_, stream.clock().now_ns());
  stream.current().waits_for = last_;
}

}  // namespace shardpipe::mpi
