// Watch: how the monitors of the processes talk. Each process answers what it waits for, whatever
// its other threads are in the middle of, so that one process can say it of all.
//
// It lives from before MPI's start until after its end, as its board does. While MPI runs it writes
// letters; before and after that nobody can be asked, and the kernel tells who is stopped.
#pragma once

#include <mpi.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/backends/cpu/wait_board.h"
#include "core/launch/local_ranks.h"
#include "core/launch/processes.h"

namespace shardpipe::mpi {

// How a failed run leaves its last picture. Empty functions: it leaves none.
struct LastPicture {
  std::function<std::string(cpu::WaitBoard&)> own = {};  // what this process recorded, as bytes
  // That of all processes, by rank; empty: it did not send it in time.
  std::function<void(const std::vector<std::string>&)> write = {};
};

// Used by one monitor's thread, but for what says so. Nothing is sent while all goes well: a look
// is one MPI_Iprobe, and ten times a second one at the launcher.
class Watch : public cpu::OtherProcesses {
 public:
  explicit Watch(const Processes& started);
  ~Watch() override;

  // By the thread that starts and ends MPI: letters go through comm from here to disconnect().
  void connect(MPI_Comm comm);
  void disconnect();
  void set_picture(LastPicture picture);  // of the run that goes on; by the same thread
  void tell_said(int code);               // this process has said why all end; likewise

  void look(cpu::WaitBoard& board) override;
  std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override;
  // Process 0 prints the first sentence that reaches it and says so to all; where it does not
  // within a second, each prints its own. Then it asks all for their part of the last picture.
  [[noreturn]] void end(cpu::WaitBoard& board, const std::string& sentence, ExitCode code) override;

 private:
  enum class Phase { starting, connected, ending };
  enum class Kind { question, answer, verdict, said, picture, part, count };
  struct Letter {
    MPI_Request sent = MPI_REQUEST_NULL;
    std::string bytes = {};
  };

  void look_at_launcher();
  [[noreturn]] void end_as_told(cpu::WaitBoard& board);
  void read_letters(cpu::WaitBoard& board);
  void received(int from, int tag, const std::string& bytes, cpu::WaitBoard& board);
  // number: of a question and its answer.
  void send(int rank, Kind kind, int number, double value, const std::string& words);
  void send_bytes(int rank, Kind kind, int number, std::string bytes);
  // missing: falls as letters come.
  void wait_for_letters(cpu::WaitBoard& board, const int& missing, double patience_s);

  void ask_by_letter(cpu::WaitBoard& board);
  void ask_kernel(cpu::WaitBoard& board);
  [[noreturn]] void end_by_oneself(cpu::WaitBoard& board, const std::string& sentence, int code);
  [[noreturn]] void say_and_abort(cpu::WaitBoard& board, const std::string& sentence, int code);
  [[noreturn]] void wait_for_the_end(cpu::WaitBoard& board, int code);
  void wait_to_be_ended(cpu::WaitBoard& board);
  void wake_launcher() const;
  void take_picture(cpu::WaitBoard& board);

  std::mutex mutex_;  // held by the monitor while it does any of this
  Phase phase_ = Phase::starting;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_, size_;
  LastPicture picture_;
  const bool has_launcher_;
  LocalRanks here_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  int looks_ = 0;

  int question_ = 0;                  // the number of the one that was asked last
  std::vector<cpu::Answer> answers_;  // to it
  std::vector<bool> is_awaited_;      // by rank: has not answered it yet
  std::vector<std::string> parts_;    // of the last picture, by rank
  int missing_ = 0, missing_parts_ = 0;
  int speaker_ = 0;
  bool ending_ = false;  // this one has spoken
  std::vector<std::unique_ptr<Letter>> outbox_;
};

}  // namespace shardpipe::mpi
