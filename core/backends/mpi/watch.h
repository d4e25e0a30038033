// Watch: how the monitors of the processes talk. Each process answers what it waits for, whatever
// its other threads are in the middle of, so that one process can say it of all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backends/cpu/wait_board.h"
#include "core/backends/mpi/library.h"

namespace shardpipe::mpi {

// Used by one monitor's thread only. Nothing is sent while all goes well: a look is one MPI_Iprobe.
class Watch : public cpu::OtherProcesses {
 public:
  explicit Watch(const Library& library);
  ~Watch() override;

  void look(cpu::WaitBoard& board) override;
  std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override;
  // Process 0 prints the first sentence that reaches it and says so to all; where it does not
  // within a second, each prints its own.
  [[noreturn]] void end(cpu::WaitBoard& board, const std::string& sentence, ExitCode code) override;

 private:
  enum class Kind { question, answer, verdict, said, count };
  struct Letter {
    MPI_Request sent = MPI_REQUEST_NULL;
    std::string bytes = {};
  };

  int tag(Kind kind) const;
  void send(int rank, Kind kind, double number, const std::string& words);
  void received(int from, Kind kind, const std::string& bytes, cpu::WaitBoard& board);
  [[noreturn]] void say_and_abort(const std::string& sentence, int code);
  [[noreturn]] static void abort(int code);

  const Library& library_;
  const int run_;
  std::vector<cpu::Answer> answers_;  // to the question that was asked last
  int missing_ = 0;
  int speaker_ = 0;
  bool ending_ = false;  // this one has spoken
  std::vector<std::unique_ptr<Letter>> outbox_;
};

}  // namespace shardpipe::mpi
