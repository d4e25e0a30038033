// day01_reduce_scatter, right on cpu. As a process of mpirun it does what ELSEWHERE says.
#include <cstdlib>
#include <string>

#define shardpipe_answer shardpipe_right_answer
#include "solutions/day01_collectives/day01_reduce_scatter/solution.cc"
#undef shardpipe_answer

namespace {

void ring_reduce_scatter(shardpipe::Tensor out, const shardpipe::Parts& in,
                         const shardpipe::CollectiveContext& on) {
  const char* set = std::getenv("ELSEWHERE");
  const std::string what = std::getenv("OMPI_COMM_WORLD_RANK") != nullptr && set ? set : "";
  if (what == "differs") return on.math.copy(shardpipe::flat(out), in[on.rank()], on.stream);
  if (what == "crashes" && on.rank() == 1) *static_cast<volatile int*>(nullptr) = 1;
  if (what == "hangs" && on.rank() == 1) return;
  shardpipe::answer::ring_reduce_scatter(out, in, on);
}

}  // namespace

extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
