#include "core/backends/mpi/run.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "core/backends/cpu/device.h"
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/mpi/clocks.h"
#include "core/backends/mpi/packet.h"
#include "core/backends/mpi/transport.h"
#include "core/backends/mpi/watch.h"
#include "core/launch/processes.h"
#include "core/launch/run_rank.h"

namespace shardpipe::mpi {
namespace {

// Also while it waits here a process answers what it waits for.
void meet(Library& library, const std::string& what) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(library.between_runs(), &request));
  library.finish(request, what);
}

class Run {
 public:
  Run(Library& library, const RunOptions& options, const Limits& limits)
      : library_(library),
        options_(options),
        limits_(limits),
        grid_(options.grid, options.order),
        clock_(share_clock(library, limits.one_kernel)),
        groups_(library) {
    library.watch().set_picture(picture());
  }
  ~Run() { library_.watch().set_picture({}); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Packet go(const RankProgram& program);
  std::int64_t clock_error_ns() const { return clock_.error_ns; }

 private:
  LastPicture picture();
  std::string recorded_until_now(cpu::WaitBoard& board);
  RankReport run_guarded(const RankProgram& program);
  StreamLog* make_log(int stream, const std::string& name);

  Library& library_;
  const RunOptions& options_;
  const Limits limits_;
  const ProcessGrid grid_;
  const SharedClock clock_;
  Recorder recorder_;
  std::mutex mutex_;  // of packet_, until the program has returned
  Packet packet_;
  Groups groups_;
};

StreamLog* Run::make_log(int stream, const std::string& name) {
  if (!options_.record_trace) return nullptr;
  StreamLog& log = recorder_.make_log(library_.rank(), stream, name);
  std::lock_guard lock(mutex_);
  packet_.streams.push_back({stream, name, &log});
  return &log;
}

// Called by the monitor, while the program and its streams stand or go on.
std::string Run::recorded_until_now(cpu::WaitBoard& board) {
  Packet packet;
  {
    std::lock_guard lock(mutex_);
    packet.begin_ns = packet_.begin_ns;
    packet.streams = packet_.streams;
  }
  for (cpu::OpenSpan& open : board.in_progress())
    for (RecordedStream& stream : packet.streams)
      if (stream.name == open.stream) {
        open.record.never_ended = true;
        open.record.end_ns = clock_.clock.now_ns();
        stream.open = open.record;
      }
  return to_bytes(packet);
}

LastPicture Run::picture() {
  LastPicture picture{.own = [this](cpu::WaitBoard& board) { return recorded_until_now(board); }};
  if (options_.on_failure && options_.record_trace)
    picture.write = [this](const std::vector<std::string>& parts) {
      Merger merger;
      for (std::size_t r = 0; r < parts.size(); ++r)
        if (parts[r].empty())
          merger.add_silent(static_cast<int>(r));
        else
          merger.add(static_cast<int>(r), parts[r]);
      options_.on_failure(merger.last_picture(clock_.clock.now_ns()));
    };
  return picture;
}

RankReport Run::run_guarded(const RankProgram& program) {
  const int rank = library_.rank();
  cpu::CpuDevice device(
      clock_.clock, library_.board(), rank, library_.program(), options_,
      [this](int stream, const std::string& name) { return make_log(stream, name); });
  const auto kernels =
      options_.make_kernels ? options_.make_kernels() : std::make_unique<CpuKernels>();
  const Wires& world = groups_.world();
  // The monitor ends this process within moments. It must not unwind before that: MPI may still
  // write into the program's tensors.
  auto stay = [&] {
    library_.board().stop_because_of(rank, std::current_exception());
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  };
  auto guarded = [&](RankContext& ctx) {
    try {
      run_program(program, ctx, [this](ExitCode code) { library_.abort(code); });
      ctx.compute.synchronize();
      ctx.comm.synchronize();
    } catch (...) {
      stay();
    }
  };
  try {
    return run_rank({.device = device,
                     .kernels = *kernels,
                     .grid = grid_,
                     .world = std::make_unique<Communicator>(
                         world.group, world.rank,
                         std::make_unique<MpiTransport>(library_, groups_, world,
                                                        options_.buffered_sends, limits_),
                         std::make_shared<CommCounters>()),
                     .mark_begin =
                         [this] {
                           std::lock_guard lock(mutex_);
                           packet_.begin_ns = clock_.clock.now_ns();
                         },
                     .mark_end = [this] { packet_.end_ns = clock_.clock.now_ns(); }},
                    guarded);
  } catch (...) {
    stay();
  }
  return {};
}

Packet Run::go(const RankProgram& program) {
  packet_.report = run_guarded(program);
  meet(library_, "for the others: its program has returned");
  return packet_;
}

// Every process gets the bytes of all: one broadcast from each.
std::vector<std::string> exchange_bytes(Library& library, const std::string& mine) {
  const std::string what = "for what the others recorded";
  const MPI_Comm comm = library.between_runs();
  const auto ranks = static_cast<std::size_t>(library.size());
  const auto size = static_cast<std::int64_t>(mine.size());
  std::vector<std::int64_t> sizes(ranks);
  check(library.block(what, [&] {
    return MPI_Allgather(&size, 1, MPI_INT64_T, sizes.data(), 1, MPI_INT64_T, comm);
  }));
  std::vector<std::string> all(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    all[r] = static_cast<int>(r) == library.rank() ? mine : std::string();
    all[r].resize(static_cast<std::size_t>(sizes[r]));
    for (const Piece& piece : pieces_of(sizes[r]))
      check(library.block(what, [&] {
        return MPI_Bcast(all[r].data() + piece.first, piece.count, MPI_BYTE, static_cast<int>(r),
                         comm);
      }));
  }
  return all;
}

std::string clock_note(std::int64_t error_ns) {
  return text("times of several processes: clocks agree within ",
              static_cast<double>(error_ns) * 1e-3, " us (half the shortest round trip)");
}

}  // namespace

void check_ranks(const Library& library, int ranks) {
  if (library.size() == ranks) return;
  const std::string set = library.size() == 1 ? launch_variables() : "";
  usage_error(text("a grid of ", ranks, " ranks needs as many processes, and MPI (", version(),
                   ") counts ", library.size(), ": start them with that MPI's mpirun -n ", ranks,
                   set.empty() ? "" : ", or unset what another one left: " + set));
}

RunReport run_rank_of_all(Library& library, const RunOptions& options, const RankProgram& program,
                          const Limits& limits) {
  check_ranks(library, options.grid.ranks());
  library.run_begins(options.time_limit_s);
  meet(library, text("for the others to begin run ", library.runs()));
  Merger merger;
  std::int64_t clock_error_ns = 0;
  {
    Run run(library, options, limits);
    const Packet packet = run.go(program);
    clock_error_ns = run.clock_error_ns();
    const auto all = exchange_bytes(library, to_bytes(packet));
    for (std::size_t r = 0; r < all.size(); ++r) merger.add(static_cast<int>(r), all[r]);
  }
  library.run_ends();
  RunReport report = merger.finish();
  report.trace.clock = "measured";
  report.trace.clock_error_ns = clock_error_ns;
  if (clock_error_ns > 0) report.notes.push_back(clock_note(clock_error_ns));
  return report;
}

}  // namespace shardpipe::mpi
