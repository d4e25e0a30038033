#include "tests/backends/modelled/support.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "tests/support/lines.h"

namespace shardpipe {

std::int64_t AlphaBeta::duration_ns(const OpInfo& op) const {
  if (op.kind == OpKind::compute) return static_cast<std::int64_t>(op.flops);
  if (op.kind == OpKind::barrier) return 0;
  std::int64_t sent = 0, received = 0;
  for (const MessageInfo& m : op.messages) (m.is_send ? sent : received) += m.bytes;
  const std::int64_t bytes = op.messages.empty() ? op.bytes : std::max(sent, received);
  return alpha_ns + bytes * beta_ns;
}

void work(Stream& stream, std::int64_t ns, std::vector<Operand> operands, const char* name) {
  stream.submit(
      OpInfo{.name = name, .flops = static_cast<double>(ns), .operands = std::move(operands)},
      [] {});
}

void send(Communicator& comm, int peer, const Tensor& data, Stream& stream) {
  comm.exchange({{Direction::send, peer, data}}, stream);
}

void recv(Communicator& comm, int peer, const Tensor& data, Stream& stream) {
  comm.exchange({{Direction::recv, peer, data}}, stream);
}

Failure failure_of(const RunOptions& options, const RankProgram& program, const CostModel& costs) {
  try {
    run_modelled(options, costs, program);
  } catch (const Error& e) {
    return {e.code(), without_lines(e.what())};
  }
  return {};
}

bool contains(const std::string& all, const std::string& part) {
  return all.find(part) != std::string::npos;
}

std::string print(const Trace& trace) {
  std::ostringstream out;
  out << trace.clock << ' ' << trace.wall_ns << '\n';
  for (const Span& s : trace.spans)
    out << trace.lanes[static_cast<std::size_t>(s.lane)].rank << ' ' << s.lane << ' '
        << trace.names[static_cast<std::size_t>(s.name)] << ' ' << s.group << ' ' << name_of(s.kind)
        << ' ' << s.tags.step << ' ' << s.tags.microbatch << ' ' << s.sequence << ' ' << s.bytes
        << ' ' << s.posted_ns << ' ' << s.ready_ns << ' ' << s.end_ns << ' ' << s.waits_for << '\n';
  return out.str();
}

std::vector<Span> spans_of(const Trace& trace, int rank, const std::string& name) {
  std::vector<Span> spans;
  for (const Span& s : trace.spans)
    if (trace.lanes[static_cast<std::size_t>(s.lane)].rank == rank &&
        trace.names[static_cast<std::size_t>(s.name)] == name)
      spans.push_back(s);
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span& a, const Span& b) { return a.posted_ns < b.posted_ns; });
  return spans;
}

}  // namespace shardpipe
