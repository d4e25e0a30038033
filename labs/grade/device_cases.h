// The grader of device programs: collectives and layers. Every case runs on the modelled device
// first, which finds races, deadlocks and mismatches exactly and counts messages, bytes, memory and
// time; then on cpu, whose numbers are compared with a float64 result of one rank, on every rank.
// The machine of the modelled runs is frozen (solutions/grading.json), so grades do not change when
// the cost model does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/launch/launch.h"
#include "labs/grade/trial.h"

namespace shardpipe {

// What a rank must hold. bound 0: exactly that (data are integers, so every order of summing gives
// the same bits). Otherwise |got - want| <= bound.
struct Wanted64 {
  std::vector<double> values = {};
  double bound = 0;
  Index first_row = 0, first_column = 0;  // of a part of a matrix: its place in the whole
};

// What a rank holds when the program has ended, in the order in which it is compared.
using HeldTensors = std::vector<std::pair<std::string, Tensor>>;

// A communication as its rank submitted it.
struct Call {
  OpKind kind = OpKind::barrier;
  std::string axis = {}, group = {};  // "tp", "tp[0,1,2]"
  std::int64_t bytes = 0;             // collective: the full tensor. exchange: sent
  std::vector<MessageInfo> messages = {};
  Phase phase = Phase::none;  // the scope it was submitted in; no part of its words
  std::string words() const;  // "exchange tp[0,1,2] to 1: 12, from 2: 12"
};

// What one rank did on the modelled device inside its window.
struct RankFacts {
  std::vector<Call> calls = {};
  std::int64_t peak_bytes = 0;

  std::int64_t sent_bytes() const;  // in exchanges
  int calls_of(OpKind kind) const;
};

struct RunFacts {
  std::vector<RankFacts> ranks = {};
  std::int64_t wall_ns = 0;
  Trace trace = {};  // of the window: which stream did what, and when
};

// A limit: from `least` (a figure below is a fault of the grader or a trick) to `most`.
struct Budget {
  Dimension dimension = Dimension::communication;
  std::string what = {};  // "bytes sent", for "rank 1: 96 bytes sent, allowed 72"
  std::function<double(const RunFacts&, int rank)> measure = {};
  std::function<double(int rank)> most = {}, least = {};  // least empty: 0
};

struct DeviceCase {
  std::string name = {};  // "3 ranks, 10 numbers, rank r brings 8^r"
  GridShape grid = {};
  // Brings the inputs, opens the window, calls the answer, closes it.
  std::function<HeldTensors(RankContext&)> program = {};
  std::function<std::map<std::string, Wanted64>(int rank)> want = {};
  std::vector<Budget> budgets = {};
  // More words on one wrong number, such as which ranks it is made of; may be empty.
  std::function<std::string(int rank, const std::string& name, std::size_t index, double got)>
      explain = {};
  // cpu: other kernels, under which what is not linear is exact too.
  std::function<std::unique_ptr<Kernels>()> make_kernels = {};
};

// What a case does on the machine of the grader. Throws what the run throws; *until_error is then
// what was recorded until that happened.
RunFacts run_on_grading_machine(const DeviceCase& c, Trace* until_error = nullptr);

// A fault in a run ends that case; a case whose numbers are wrong still counts messages.
Trial run_cases(const std::vector<DeviceCase>& cases);

}  // namespace shardpipe
