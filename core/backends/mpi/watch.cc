#include "core/backends/mpi/watch.h"

#include <chrono>
#include <climits>
#include <cmath>
#include <cstring>
#include <iostream>
#include <limits>
#include <thread>

#include "core/base/terminal.h"

namespace shardpipe::mpi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(1);   // with a process that does not answer
constexpr auto kMostAbort = std::chrono::seconds(5);  // from the sentence on, whatever MPI does
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

// MPI_Abort ends the processes of this host at once and others when their host has heard of it.
// Where a host is lost it may wait for ever.
void exit_at_the_latest(int code) {
  std::thread([code] {
    std::this_thread::sleep_for(kMostAbort);
    std::_Exit(code);
  }).detach();
}

}  // namespace

Watch::Watch(const Library& library, LastPicture picture)
    : library_(library),
      run_(library.runs()),
      picture_(std::move(picture)),
      answers_(static_cast<std::size_t>(library.size())),
      parts_(static_cast<std::size_t>(library.size())) {}

// Letters nobody has read keep their memory: MPI may still send them.
Watch::~Watch() {
  for (auto& letter : outbox_) {
    int done = 0;
    MPI_Test(&letter->sent, &done, MPI_STATUS_IGNORE);
    if (done == 0) static_cast<void>(letter.release());
  }
}

// A late letter of an earlier run must not be taken for one of this run.
int Watch::tag(Kind kind) const {
  return run_ % 4096 * static_cast<int>(Kind::count) + static_cast<int>(kind);
}

void Watch::send(int rank, Kind kind, double number, const std::string& words) {
  send_bytes(rank, kind, packed(number, words));
}

void Watch::send_bytes(int rank, Kind kind, std::string bytes) {
  if (bytes.size() > INT_MAX) return;  // MPI could not count them
  auto letter = std::make_unique<Letter>();
  letter->bytes = std::move(bytes);
  check(MPI_Isend(letter->bytes.data(), static_cast<int>(letter->bytes.size()), MPI_BYTE, rank,
                  tag(kind), library_.watch(), &letter->sent));
  outbox_.push_back(std::move(letter));
}

void Watch::received(int from, Kind kind, const std::string& bytes, cpu::WaitBoard& board) {
  if (kind == Kind::part) {
    parts_[static_cast<std::size_t>(from)] = bytes;
    --missing_parts_;
    return;
  }
  const double number = number_in(bytes);
  if (kind == Kind::picture) {
    send_bytes(from, Kind::part, picture_.own(board));
  } else if (kind == Kind::question) {
    const cpu::Answer mine = board.answer();
    send(from, Kind::answer, mine.idle_s, mine.waits);
  } else if (kind == Kind::answer && missing_ > 0) {
    answers_[static_cast<std::size_t>(from)] = {number, words_in(bytes)};
    --missing_;
  } else if (kind == Kind::verdict && !ending_) {
    say_and_abort(board, words_in(bytes), static_cast<int>(number));
  } else if (kind == Kind::said && !ending_) {  // mpirun is about to end this process
    ending_ = true;
    exit_at_the_latest(static_cast<int>(number));
    for (;;) {
      look(board);
      std::this_thread::sleep_for(kPause);
    }
  }
}

void Watch::look(cpu::WaitBoard& board) {
  std::erase_if(outbox_, [](const auto& letter) {
    int done = 0;
    check(MPI_Test(&letter->sent, &done, MPI_STATUS_IGNORE));
    return done != 0;
  });
  for (;;) {
    int found = 0, size = 0;
    MPI_Status status;
    check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, library_.watch(), &found, &status));
    if (found == 0) return;
    check(MPI_Get_count(&status, MPI_BYTE, &size));
    std::string bytes(static_cast<std::size_t>(size), '\0');
    check(MPI_Recv(bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG,
                   library_.watch(), MPI_STATUS_IGNORE));
    for (const Kind kind :
         {Kind::question, Kind::answer, Kind::verdict, Kind::said, Kind::picture, Kind::part})
      if (status.MPI_TAG == tag(kind)) received(status.MPI_SOURCE, kind, bytes, board);
  }
}

std::vector<cpu::Answer> Watch::ask(cpu::WaitBoard& board) {
  for (int r = 0; r < library_.size(); ++r) {
    answers_[static_cast<std::size_t>(r)] = {std::numeric_limits<double>::infinity(),
                                             text("rank ", r, " does not answer")};
    if (r != library_.rank()) send(r, Kind::question, 0, "");
  }
  answers_[static_cast<std::size_t>(library_.rank())] = board.answer();
  missing_ = library_.size() - 1;
  for (const auto until = Clock::now() + kPatience; missing_ > 0 && Clock::now() < until;) {
    look(board);
    std::this_thread::sleep_for(kPause);
  }
  missing_ = 0;
  speaker_ = 0;
  while (std::isinf(answers_[static_cast<std::size_t>(speaker_)].idle_s)) ++speaker_;
  return answers_;
}

void Watch::end(cpu::WaitBoard& board, const std::string& sentence, ExitCode code) {
  if (library_.rank() != speaker_) {
    send(speaker_, Kind::verdict, static_cast<double>(code), sentence);
    for (const auto until = Clock::now() + kPatience; Clock::now() < until;) {
      look(board);  // others may be asking
      std::this_thread::sleep_for(kPause);
    }
  }
  say_and_abort(board, sentence, static_cast<int>(code));
}

void Watch::say_and_abort(cpu::WaitBoard& board, const std::string& sentence, int code) {
  ending_ = true;
  exit_at_the_latest(code);
  std::cout.flush();
  say_error(sentence, static_cast<ExitCode>(code));
  for (int r = 0; r < library_.size(); ++r)
    if (r != library_.rank()) send(r, Kind::said, code, "");
  if (picture_.write) take_picture(board);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

void Watch::take_picture(cpu::WaitBoard& board) {
  missing_parts_ = library_.size() - 1;
  for (int r = 0; r < library_.size(); ++r)
    if (r != library_.rank()) send(r, Kind::picture, 0, "");
  parts_[static_cast<std::size_t>(library_.rank())] = picture_.own(board);
  for (const auto until = Clock::now() + kPatience; missing_parts_ > 0 && Clock::now() < until;) {
    look(board);
    std::this_thread::sleep_for(kPause);
  }
  try {
    picture_.write(parts_);
  } catch (const std::exception& e) {
    say_error(text("no last picture: ", e.what()), ExitCode::usage);
  }
}

}  // namespace shardpipe::mpi
