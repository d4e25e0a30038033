#include "core/launch/run_rank.h"

#include <cstdlib>
#include <utility>

#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "core/launch/exit_guard.h"

namespace shardpipe {
namespace {

// The window of one rank: the whole run, unless the program opens and closes it.
class Window {
 public:
  Window(RankSetup& setup, Stream& compute, Stream& comm, RankReport& report)
      : setup_(setup), compute_(compute), comm_(comm), report_(report) {}

  void begin() {
    synchronize();
    setup_.world->barrier(compute_);
    compute_.synchronize();
    setup_.world->counters().reset();
    setup_.device.memory().reset_peak();
    setup_.mark_begin();
  }
  void end() {
    synchronize();
    setup_.mark_end();
    report_.peak_bytes = setup_.device.memory().peak_bytes();
    report_.communication = setup_.world->counters().counts();
    ended_ = true;
  }
  bool ended() const { return ended_; }

 private:
  void synchronize() {
    compute_.synchronize();
    comm_.synchronize();
  }

  RankSetup& setup_;
  Stream &compute_, &comm_;
  RankReport& report_;
  bool ended_ = false;
};

}  // namespace

void end_process(ExitCode code) { std::_Exit(static_cast<int>(code)); }

void run_program(const RankProgram& program, RankContext& ctx,
                 const std::function<void(ExitCode)>& end) {
  const auto place = [&] { return " (" + ctx.world.counters().last_call().words() + ")"; };
  const ExitGuard guard([&] {
    say_error(text("rank ", ctx.rank, " ended its process inside a run", place()), ExitCode::crash);
    end(ExitCode::crash);
  });
  try {
    program(ctx);
  } catch (const std::exception& e) {
    const Error error = error_of(e);
    if (is_about_input(error.code())) throw;
    throw error.with(printable(error.what()) + place());
  }
}

RankReport run_rank(RankSetup setup, const RankProgram& program) {
  Communicator& world = *setup.world;
  Math math(setup.kernels);
  auto compute = setup.device.make_stream("compute");
  auto comm = setup.device.make_stream("comm");
  const int rank = world.rank();
  auto tp = world.subgroup(setup.grid.group_of(rank, Axis::tp), "tp");
  auto pp = world.subgroup(setup.grid.group_of(rank, Axis::pp), "pp");
  auto dp = world.subgroup(setup.grid.group_of(rank, Axis::dp), "dp");

  RankReport report;
  Window window(setup, *compute, *comm, report);
  RankContext ctx{.device = setup.device,
                  .math = math,
                  .grid = setup.grid,
                  .rank = rank,
                  .coord = setup.grid.coord_of(rank),
                  .compute = *compute,
                  .comm = *comm,
                  .world = world,
                  .tp = *tp,
                  .pp = *pp,
                  .dp = *dp,
                  .begin_window = [&window] { window.begin(); },
                  .end_window = [&window] { window.end(); }};
  program(ctx);
  compute->synchronize();
  comm->synchronize();
  if (!window.ended()) window.end();
  report.live_bytes = setup.device.memory().live_bytes();
  report.physical_bytes = setup.device.physical_bytes();
  return report;
}

}  // namespace shardpipe
