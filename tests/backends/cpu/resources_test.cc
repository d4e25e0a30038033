// A run that is not given the memory or the threads that it asks for: one sentence, whoever failed,
// and no rank is left behind. In a child whose address space is limited.
#include <sys/resource.h>

#include <fstream>

#include "core/backends/cpu/kernels/blas.h"
#include "core/base/run_main.h"
#include "core/launch/launch.h"
#include "tests/support/in_child.h"

namespace shardpipe {
namespace {

// Of address space: what this process has, and so much more.
void leave_only(std::size_t bytes) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t most = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit limit = {most, most};
  setrlimit(RLIMIT_AS, &limit);
}

// Exit code and words of a run of four ranks with so much room.
Ended run_with(std::size_t bytes, const RankProgram& program) {
  return in_child([&] {
    use_one_blas_thread();  // before: what OpenBLAS starts in a child is not of this test
    leave_only(bytes);
    const int code = run_main([&] {
      const RunReport report = run_on_cpu({.grid = {.tp = 4}}, program);
      return static_cast<int>(report.ranks.size()) - 4;
    });
    _exit(code);
  });
}

void barrier(RankContext& ctx) { ctx.tp.barrier(ctx.compute); }

bool is_one_line(const std::string& words) { return words.find('\n') == words.size() - 1; }

}  // namespace

// A stack is 8 MiB: the monitor, some ranks, some streams; then no more.
TEST_CASE("a thread is not to be had, whichever it is: exit code 5 and why") {
  for (const std::size_t mib : {4, 12, 20, 28, 36, 44, 60, 76}) {
    const Ended ended = run_with(mib << 20, barrier);
    INFO(mib << " MiB: exit code " << ended.code << ", said " << ended.words);
    CHECK(ended.code == 5);
    CHECK(ended.words.find("no thread was to be had") != std::string::npos);
    CHECK(is_one_line(ended.words));
  }
}

TEST_CASE("memory that is not to be had: of a tensor, of the program, of a body on a stream") {
  constexpr std::size_t kRoom = std::size_t{1} << 30, kTooMuch = std::size_t{1} << 32;
  const RankProgram programs[] = {
      [](RankContext& ctx) {
        barrier(ctx);
        if (ctx.rank == 2) Tensor(ctx.device, {static_cast<Index>(kTooMuch / 4)});
        barrier(ctx);
      },
      [](RankContext& ctx) {
        barrier(ctx);
        if (ctx.rank == 2) std::vector<char>(kTooMuch).back() = 1;
        barrier(ctx);
      },
      [](RankContext& ctx) {
        barrier(ctx);
        if (ctx.rank == 2)
          ctx.compute.submit({.name = "greedy"}, [] { std::vector<char>(kTooMuch).back() = 1; });
        barrier(ctx);
        ctx.compute.synchronize();
      }};
  for (const RankProgram& program : programs) {
    const Ended ended = run_with(kRoom, program);
    INFO("exit code " << ended.code << ", said " << ended.words);
    CHECK(ended.code == 5);
    CHECK(ended.words.find("rank 2: out of memory") != std::string::npos);
    CHECK(is_one_line(ended.words));
  }
  CHECK(run_with(kRoom, barrier).code == 0);
}

}  // namespace shardpipe
