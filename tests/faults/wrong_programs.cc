#include "tests/faults/wrong_programs.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "core/cost/roofline.h"
#include "core/trace/chrome_json.h"
#include "tests/faults/programs.h"

namespace shardpipe {
namespace {

using namespace wrong;
using Words = std::vector<std::string>;

constexpr double kLimit_s = 0.3, kLimitOfProcesses_s = 3, kNeverReached_s = 60;

// What a rank does while rank 1 is somewhere else.
std::string waits(int rank) {
  return text("rank ", rank, " waits in all_reduce #1 of tp[0,1,2] (32 bytes f32)");
}

const std::string kFirst = "all_reduce #0 of tp[0,1,2] (32 bytes f32";
const std::string kPlace = "(after all_reduce #0 of tp[0,1,2])";

// One rank throws, ends or stands still.
void add_failing_ranks(std::vector<WrongProgram>& all) {
  const Ending thrown{5, {"rank 1: the disk is full " + kPlace}};
  all.push_back({.name = "throws",
                 .what = "rank 1 throws",
                 .program = on_rank_1([](RankContext&) { fail("the disk is full"); }),
                 .cpu = thrown,
                 .mpi = Ending{5, {thrown.words[0], waits(0), waits(2)}},
                 .modelled = thrown});
  const Ending odd{5, {"rank 1: odd " + kPlace}};
  all.push_back({.name = "throws-something",
                 .what = "rank 1 throws an exception that is not ours",
                 .program = on_rank_1([](RankContext&) { throw std::runtime_error("odd"); }),
                 .cpu = odd,
                 .mpi = Ending{5, {odd.words[0], waits(2)}},
                 .modelled = odd});
  const Ending in_body{5, {"rank 1: no such kernel (in bad on stream compute)"}};
  all.push_back({.name = "throws-in-body",
                 .what = "an operation of rank 1 throws",
                 .program = on_rank_1([](RankContext& ctx) {
                   ctx.compute.submit(OpInfo{.name = "bad"}, [] { fail("no such kernel"); });
                 }),
                 .cpu = in_body,
                 .mpi = Ending{5, {in_body.words[0], waits(0)}}});
  const Ending usage{2, {"lab: --tp 3 does not divide 4 heads"}};
  all.push_back({.name = "usage",
                 .what = "all ranks find bad input",
                 .program = [](RankContext&) { usage_error("--tp 3 does not divide 4 heads"); },
                 .cpu = usage,
                 .mpi = usage,
                 .modelled = usage});
}

void add_ending_ranks(std::vector<WrongProgram>& all) {
  all.push_back({.name = "returns",
                 .what = "rank 2 returns early",
                 .program = returns,
                 .cpu = Ending{4,
                               {"deadlock: rank 0 waits in " + kFirst, "rank 1 waits in " + kFirst,
                                "rank 2 has returned"}},
                 .mpi = Ending{4,
                               {"rank 0 waits in " + kFirst,
                                "rank 2 waits for the others: its program has returned"}},
                 .modelled = Ending{4,
                                    {"deadlock: rank 0 waits for rank 2, which has returned",
                                     "rank 1 waits in all_reduce #0 of group tp[0,1,2] for rank 2",
                                     "rank 2 has returned"}}});
  all.push_back(
      {.name = "shorter",
       .what = "rank 2 has data for a step less",
       .program = shorter,
       .cpu = Ending{4,
                     {"deadlock: rank 0 waits in all_reduce #3 of tp[0,1,2]",
                      "rank 1 waits in all_reduce #3 of tp[0,1,2]", "rank 2 has returned"}},
       .mpi = Ending{4,
                     {"rank 0 waits in all_reduce #3 of tp[0,1,2]",
                      "rank 2 waits for the others: its program has returned"}},
       .modelled = Ending{4,
                          {"deadlock: rank 0 waits for rank 2, which has returned",
                           "rank 1 waits in all_reduce #3 of group tp[0,1,2] for rank 2",
                           "rank 2 has returned"}}});
  const Ending exits{5, {"rank 1 ended its process inside a run " + kPlace}};
  all.push_back({.name = "exits",
                 .what = "rank 1 calls exit()",
                 .program = on_rank_1([](RankContext&) { std::exit(0); }),
                 .cpu = exits,
                 .mpi = exits,
                 .modelled = exits});
  all.push_back({.name = "leaves",
                 .what = "process 1 ends without a word, by `_exit()`",
                 .program = on_rank_1([](RankContext&) { _exit(0); }),
                 .mpi = Ending{1, {"rank 1 with PID"}}});
  all.push_back({.name = "killed",
                 .what = "process 1 is killed",
                 .program = on_rank_1([](RankContext&) { raise(SIGKILL); }),
                 .mpi = Ending{137, {"rank 1 with PID", "signal 9"}}});
}

void add_resting_ranks(std::vector<WrongProgram>& all) {
  all.push_back(
      {.name = "sleeps",
       .what = "rank 1 sleeps past the limit",
       .program = on_rank_1([](RankContext&) { sleep_for_ever(); }),
       .cpu =
           Ending{4,
                  {"no progress for 0.3 s: ", waits(0), "rank 1 is inside its program", waits(2)}},
       .mpi =
           Ending{4, {"no progress for 3 s: ", waits(0), "rank 1 is inside its program", waits(2)}},
       .modelled = Ending{4, {"no progress for 0.3 s: rank 1 is inside its program " + kPlace}}});
  all.push_back(
      {.name = "naps",
       .what = "rank 1 sleeps past the limit and comes back",
       .program = on_rank_1([](RankContext&) { sleep(1); }),
       .cpu = Ending{4, {"no progress for 0.3 s: ", waits(0), waits(2)}},
       .modelled = Ending{4, {"no progress for 0.3 s: rank 1 is inside its program " + kPlace}}});
  all.push_back({.name = "spins",
                 .what = "an operation of rank 1 never returns",
                 .program = on_rank_1(spin_in_body),
                 .cpu = Ending{4, {"no progress for 0.3 s: ", waits(0), "rank 1 is inside spin"}},
                 .mpi = Ending{4, {"no progress for 3 s: ", waits(0), "rank 1 is inside spin"}}});
  all.push_back({.name = "stops",
                 .what = "process 1 is stopped",
                 .program = on_rank_1([](RankContext&) { raise(SIGSTOP); }),
                 .mpi = Ending{4, {waits(0), "rank 1 does not answer", waits(2)}}});
  all.push_back({.name = "first-stops",
                 .what = "process 0 is stopped",
                 .program = stops_at_once(0),
                 .mpi = Ending{4,
                               {"rank 0 does not answer", "rank 1 waits in " + kFirst,
                                "rank 2 waits in " + kFirst}}});
  all.push_back({.name = "last-stops",
                 .what = "process 2 is stopped",
                 .program = stops_at_once(2),
                 .mpi = Ending{4,
                               {"rank 0 waits in " + kFirst, "rank 1 waits in " + kFirst,
                                "rank 2 does not answer"}}});
}

// cpu and mpi name the call of every rank, modelled the calls and who makes them.
WrongProgram differing(const std::string& name, const std::string& what, const RankProgram& program,
                       const Words& calls, const std::string& modelled) {
  return {.name = name,
          .what = what,
          .program = program,
          .cpu = Ending{1, calls},
          .mpi = Ending{1, calls},
          .modelled = Ending{1, {modelled}}};
}

void add_differing_calls(std::vector<WrongProgram>& all) {
  const std::string does_not = "all_reduce #0 of group tp[0,1,2] does not match: ";
  const auto is_in = [](int rank, const std::string& call) {
    return text("rank ", rank, " is in ", call);
  };
  all.push_back(differing(
      "collective", "rank 1 calls another collective", collective,
      {is_in(0, kFirst), is_in(1, "broadcast #0 of tp[0,1,2] (32 bytes f32, root 0)"),
       is_in(2, kFirst)},
      does_not + "rank 0, rank 2 call all_reduce of 32 bytes f32; rank 1 calls broadcast of 32 "
                 "bytes f32 from rank 0"));
  all.push_back(differing(
      "size", "rank 2 calls it with another size", size,
      {is_in(1, kFirst), is_in(2, "all_reduce #0 of tp[0,1,2] (36 bytes f32)")},
      does_not + "rank 0, rank 1 call all_reduce of 32 bytes f32; rank 2 calls all_reduce of 36 "
                 "bytes f32"));
  all.push_back(differing(
      "dtype", "rank 0 calls it with another dtype", dtype,
      {is_in(0, "all_reduce #0 of tp[0,1,2] (32 bytes i32)"), is_in(1, kFirst)},
      does_not + "rank 0 calls all_reduce of 32 bytes i32; rank 1, rank 2 call all_reduce of 32 "
                 "bytes f32"));
  all.push_back(differing(
      "max", "rank 0 asks for the maximum, not the sum", sum_or_max,
      {is_in(0, kFirst + ", max)"), is_in(1, kFirst + ")")},
      does_not + "rank 0 calls all_reduce max of 32 bytes f32; rank 1, rank 2 call all_reduce of "
                 "32 bytes f32"));
  all.push_back(differing(
      "root", "rank 0 names another root", root,
      {is_in(0, "broadcast #0 of tp[0,1,2] (32 bytes f32, root 0)"),
       is_in(1, "broadcast #0 of tp[0,1,2] (32 bytes f32, root 1)")},
      "broadcast #0 of group tp[0,1,2] does not match: rank 0 calls broadcast of 32 bytes f32 from "
      "rank 0; rank 1, rank 2 call broadcast of 32 bytes f32 from rank 1"));
  all.push_back(differing(
      "order", "rank 1 calls two collectives in the other order", order,
      {is_in(0, "all_reduce #0 of tp[0,1,2] (16 bytes f32)"), is_in(1, kFirst)},
      does_not + "rank 0, rank 2 call all_reduce of 16 bytes f32; rank 1 calls all_reduce of 32 "
                 "bytes f32"));
}

void add_messages(std::vector<WrongProgram>& all) {
  const auto sends = [](int rank, int peer) {
    return text("rank ", rank, " waits in exchange #0 of tp[0,1,2] (send 16 bytes to rank ", peer,
                ")");
  };
  all.push_back(
      {.name = "crossed",
       .what = "every rank sends first and receives then",
       .program = crossed,
       .cpu = Ending{4, {"deadlock: ", sends(0, 1), sends(1, 2), sends(2, 0)}},
       .mpi = Ending{4, {sends(0, 1), sends(1, 2), sends(2, 0)}},
       .modelled = Ending{4,
                          {"deadlock: rank 0 waits for rank 1, which waits for rank 2, which waits "
                           "for rank 0",
                           "rank 2 waits in exchange #0 (send 16 bytes to rank 0) of group "
                           "tp[0,1,2]"}}});
  const auto expects = [](const std::string& what) {
    return Ending{1,
                  {"rank 1 in exchange #0 of tp[0,1,2] expects " + what +
                   " from rank 0, which sends 16 bytes f32 in its exchange #0"}};
  };
  const Ending size = expects("20 bytes f32"), dtype = expects("16 bytes i32");
  all.push_back({.name = "message-size",
                 .what = "a message has another size",
                 .program = [](RankContext& ctx) { message(ctx, DType::f32, 1); },
                 .cpu = size,
                 .mpi = size,
                 .modelled = size});
  all.push_back({.name = "message-dtype",
                 .what = "a message has another dtype",
                 .program = [](RankContext& ctx) { message(ctx, DType::i32, 0); },
                 .cpu = dtype,
                 .mpi = dtype,
                 .modelled = dtype});
  const Ending algorithm{
      1,
      {"rank 0 in exchange #0 of tp[0,1,2] expects 32 bytes f32 of all_reduce naive from rank 1, "
       "which sends 32 bytes f32 of all_reduce binomial_tree in its exchange #0"}};
  all.push_back({.name = "algorithm",
                 .what = "rank 1 adds up by another algorithm of core/collectives",
                 .program = wrong::algorithm,
                 .cpu = algorithm,
                 .mpi = algorithm,
                 .modelled = algorithm});
  const Ending shared{5,
                      {"rank 1: exchange #0 of tp[0,1,2] on rank 1: send 16 bytes to rank 2 and "
                       "recv 16 bytes from rank 0 share 4 bytes of memory"}};
  all.push_back({.name = "shared-memory",
                 .what = "rank 1 receives into memory that it sends",
                 .program = shared_memory,
                 .cpu = shared,
                 .mpi = shared,
                 .modelled = shared});
}

void add_groups(std::vector<WrongProgram>& all) {
  const auto in_group = [](int rank, const std::string& group) {
    return text("rank ", rank, " waits in all_reduce #0 of ", group);
  };
  const std::string three = "mine[0,1,2]", asked = "subgroup #3 mine[0,1,2] of world[0,1,2]";
  all.push_back(
      {.name = "group-order",
       .what = "rank 1 enters two groups in the other order",
       .program = order_of_groups,
       .cpu = Ending{4, {"deadlock: ", "rank 0 waits in " + kFirst, in_group(1, "world[0,1,2]")}},
       .mpi = Ending{4, {"rank 0 waits in " + kFirst, in_group(1, "world[0,1,2]")}},
       .modelled = Ending{4,
                          {"deadlock: rank 0 waits for rank 1, which waits for rank 0",
                           in_group(1, "group world[0,1,2] for rank 0, 2")}}});
  all.push_back({.name = "group",
                 .what = "rank 1 makes a group of other ranks",
                 .program = other_members,
                 .cpu = Ending{4,
                               {"deadlock: ", in_group(0, three), in_group(1, "mine[1,2]"),
                                in_group(2, three)}},
                 .mpi = Ending{4,
                               {"rank 0 waits in " + asked,
                                "rank 1 waits in subgroup #3 mine[1,2] of world[0,1,2]"}},
                 .modelled = Ending{4,
                                    {"deadlock: rank 1 waits for rank 2, which waits for rank 1",
                                     in_group(1, "group mine[1,2] for rank 2"),
                                     in_group(2, "group mine[0,1,2] for rank 1")}}});
  all.push_back({.name = "group-size",
                 .what = "rank 1 makes a group of fewer ranks",
                 .program = fewer_members,
                 .cpu = Ending{4,
                               {"deadlock: ", in_group(0, three), in_group(1, "mine[0,1]"),
                                in_group(2, three)}},
                 .mpi = Ending{1, {asked + ": rank 1 asks for another group"}},
                 .modelled = Ending{4,
                                    {"deadlock: rank 0 waits for rank 1, which waits for rank 0",
                                     in_group(1, "group mine[0,1] for rank 0")}}});
  all.push_back({.name = "group-name",
                 .what = "rank 1 gives a group another name",
                 .program = other_name,
                 .cpu = Ending{1, {"subgroup of world[0,1,2]: one member calls it ", "another "}},
                 .mpi = Ending{1, {"ep[0,1,2] of world[0,1,2]: rank 1 asks for another group"}},
                 .modelled = Ending{1,
                                    {"rank 1: subgroup of world[0,1,2]: one member calls it "
                                     "ep[0,1,2], another kv"}}});
}

// A short limit where the run ends by it; elsewhere one that a busy machine does not reach.
double limit_of(const WrongProgram& wrong, Machine machine) {
  const auto& ending = wrong.on(machine);
  const bool by_limit = ending && ending->words[0].find("no progress") == 0;
  return by_limit ? kLimit_s : kNeverReached_s;
}

void run_on(Machine machine, const WrongProgram& wrong, const std::string& trace_file) {
  const RankProgram& program = wrong.program;
  RunOptions options{.grid = {.tp = kWrongRanks}, .time_limit_s = limit_of(wrong, machine)};
  if (!trace_file.empty())
    options.on_failure = [&](const Trace& trace) { write_chrome_json(trace, trace_file); };
  if (machine == Machine::cpu) run_on_cpu(options, program);
  if (machine == Machine::modelled)
    run_modelled(options, RooflineModel(load_hardware("8xH100")), program);
  options.time_limit_s = kLimitOfProcesses_s;
  if (machine == Machine::mpi) run_on_mpi(options, program);
}

}  // namespace

const char* name_of(Machine machine) {
  return machine == Machine::cpu ? "cpu" : machine == Machine::mpi ? "mpi" : "modelled";
}

const std::optional<Ending>& WrongProgram::on(Machine machine) const {
  return machine == Machine::cpu ? cpu : machine == Machine::mpi ? mpi : modelled;
}

const std::vector<WrongProgram>& wrong_programs() {
  static const std::vector<WrongProgram> all = [] {
    std::vector<WrongProgram> list;
    add_failing_ranks(list);
    add_ending_ranks(list);
    add_resting_ranks(list);
    add_differing_calls(list);
    add_messages(list);
    add_groups(list);
    return list;
  }();
  return all;
}

const WrongProgram* find_wrong_program(const std::string& name) {
  const auto& all = wrong_programs();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const auto& wrong) { return wrong.name == name; });
  return it == all.end() ? nullptr : &*it;
}

void end_by(const WrongProgram& wrong, Machine machine, const std::string& trace_file) {
  try {
    run_on(machine, wrong, trace_file);
  } catch (const Error& e) {
    std::fprintf(stderr, "lab: %s\n", e.what());
    std::_Exit(static_cast<int>(e.code()));
  }
  std::_Exit(0);
}

}  // namespace shardpipe
