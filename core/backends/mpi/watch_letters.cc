// Watch: its letters, while MPI runs.
#include <climits>
#include <cstring>
#include <thread>

#include "core/backends/mpi/library.h"
#include "core/backends/mpi/watch.h"

namespace shardpipe::mpi {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kPause = std::chrono::milliseconds(1);
constexpr std::size_t kMostWords = 2000;  // of one letter: it leaves without its reader's help

std::string packed(double number, const std::string& words) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes + words.substr(0, kMostWords);
}

double number_in(const std::string& bytes) {
  double number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::string words_in(const std::string& bytes) { return bytes.substr(sizeof(double)); }

std::size_t index(int rank) { return static_cast<std::size_t>(rank); }

}  // namespace

void Watch::send(int rank, Kind kind, int number, double value, const std::string& words) {
  send_bytes(rank, kind, number, packed(value, words));
}

void Watch::send_bytes(int rank, Kind kind, int number, std::string bytes) {
  if (bytes.size() > INT_MAX) return;  // MPI could not count them
  auto letter = std::make_unique<Letter>();
  letter->bytes = std::move(bytes);
  const int tag = number * static_cast<int>(Kind::count) + static_cast<int>(kind);
  check(MPI_Isend(letter->bytes.data(), static_cast<int>(letter->bytes.size()), MPI_BYTE, rank, tag,
                  comm_, &letter->sent));
  outbox_.push_back(std::move(letter));
}

void Watch::wait_for_letters(cpu::WaitBoard& board, const int& missing, double patience_s) {
  for (const auto begin = Clock::now();
       missing > 0 && Seconds(Clock::now() - begin).count() < patience_s;) {
    read_letters(board);
    std::this_thread::sleep_for(kPause);
  }
}

void Watch::read_letters(cpu::WaitBoard& board) {
  std::erase_if(outbox_, [](const auto& letter) {
    int done = 0;
    check(MPI_Test(&letter->sent, &done, MPI_STATUS_IGNORE));
    return done != 0;
  });
  for (;;) {
    int found = 0, size = 0;
    MPI_Status status;
    check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &found, &status));
    if (found == 0) return;
    check(MPI_Get_count(&status, MPI_BYTE, &size));
    std::string bytes(static_cast<std::size_t>(size), '\0');
    check(MPI_Recv(bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, comm_,
                   MPI_STATUS_IGNORE));
    received(status.MPI_SOURCE, status.MPI_TAG, bytes, board);
  }
}

void Watch::received(int from, int tag, const std::string& bytes, cpu::WaitBoard& board) {
  const int number = tag / static_cast<int>(Kind::count);
  switch (static_cast<Kind>(tag % static_cast<int>(Kind::count))) {
    case Kind::question: {
      const cpu::Answer mine = board.answer();
      return send(from, Kind::answer, number, mine.idle_s, mine.waits);
    }
    case Kind::answer:  // to an earlier question: it comes too late
      if (number != question_ || !is_awaited_[index(from)]) return;
      answers_[index(from)] = {number_in(bytes), words_in(bytes)};
      is_awaited_[index(from)] = false;
      --missing_;
      return;
    case Kind::verdict:
      if (!ending_) say_and_abort(board, words_in(bytes), static_cast<int>(number_in(bytes)));
      return;
    case Kind::said:
      if (!ending_) wait_for_the_end(board, static_cast<int>(number_in(bytes)));
      return;
    case Kind::picture:
      return send_bytes(from, Kind::part, 0, picture_.own ? picture_.own(board) : "");
    case Kind::part:
      parts_[index(from)] = bytes;
      --missing_parts_;
      return;
    case Kind::count: return;
  }
}

}  // namespace shardpipe::mpi
