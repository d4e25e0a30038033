// Watch: how the monitors of the processes talk. Each process answers what it waits for, whatever
// its other threads are in the middle of, so that one process can say it of all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/backends/cpu/wait_board.h"
#include "core/backends/mpi/library.h"

namespace shardpipe::mpi {

// How a failed run leaves its last picture. Empty functions: it leaves none.
struct LastPicture {
  std::function<std::string(cpu::WaitBoard&)> own = {};  // what this process recorded, as bytes
  // That of all processes, by rank; empty: it did not send it in time.
  std::function<void(const std::vector<std::string>&)> write = {};
};

// Used by one monitor's thread only. Nothing is sent while all goes well: a look is one MPI_Iprobe.
class Watch : public cpu::OtherProcesses {
 public:
  Watch(const Library& library, LastPicture picture);
  ~Watch() override;

  void look(cpu::WaitBoard& board) override;
  std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override;
  // Process 0 prints the first sentence that reaches it and says so to all; where it does not
  // within a second, each prints its own. Then it asks all for their part of the last picture.
  [[noreturn]] void end(cpu::WaitBoard& board, const std::string& sentence, ExitCode code) override;

 private:
  enum class Kind { question, answer, verdict, said, picture, part, count };
  struct Letter {
    MPI_Request sent = MPI_REQUEST_NULL;
    std::string bytes = {};
  };

  int tag(Kind kind) const;
  void send(int rank, Kind kind, double number, const std::string& words);
  void received(int from, Kind kind, const std::string& bytes, cpu::WaitBoard& board);
  void send_bytes(int rank, Kind kind, std::string bytes);
  [[noreturn]] void say_and_abort(cpu::WaitBoard& board, const std::string& sentence, int code);
  void take_picture(cpu::WaitBoard& board);

  const Library& library_;
  const int run_;
  const LastPicture picture_;
  std::vector<cpu::Answer> answers_;  // to the question that was asked last
  std::vector<std::string> parts_;    // of the last picture, by rank
  int missing_ = 0, missing_parts_ = 0;
  int speaker_ = 0;
  bool ending_ = false;  // this one has spoken
  std::vector<std::unique_ptr<Letter>> outbox_;
};

}  // namespace shardpipe::mpi
