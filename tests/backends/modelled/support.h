// What the tests of the modelled backend share: costs that can be added up by hand, and operations
// of a stated length.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/launch/launch.h"

namespace shardpipe {

// compute: flops is its length in ns. Communication of b bytes: alpha + b beta; an exchange counts
// the larger of what it sends and what it receives; a barrier is free.
struct AlphaBeta : CostModel {
  std::int64_t alpha_ns = 0, beta_ns = 0, host_ns = 0;

  AlphaBeta() = default;
  AlphaBeta(std::int64_t alpha, std::int64_t beta, std::int64_t host = 0)
      : alpha_ns(alpha), beta_ns(beta), host_ns(host) {}
  std::int64_t duration_ns(const OpInfo& op) const override;
  std::int64_t launch_ns() const override { return host_ns; }
};

// An operation of `ns` that touches `operands`.
void work(Stream& stream, std::int64_t ns, std::vector<Operand> operands = {},
          const char* name = "work");

void send(Communicator& comm, int peer, const Tensor& data, Stream& stream);
void recv(Communicator& comm, int peer, const Tensor& data, Stream& stream);

struct Failure {
  ExitCode code = ExitCode::success;
  std::string message = {};  // without the lines of the program
};
// What the run throws; success if nothing.
Failure failure_of(const RunOptions& options, const RankProgram& program,
                   const CostModel& costs = AlphaBeta());

bool contains(const std::string& all, const std::string& part);

// Every field of every span, one line each.
std::string print(const Trace& trace);

// The spans of a rank with this name, in order of time.
std::vector<Span> spans_of(const Trace& trace, int rank, const std::string& name);

}  // namespace shardpipe
