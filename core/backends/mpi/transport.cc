#include "core/backends/mpi/transport.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "core/backends/cpu/transport.h"
#include "core/backends/mpi/exchange.h"

namespace shardpipe::mpi {
namespace {

const View& payload(const CommCall& call) {
  return call.kind == OpKind::reduce_scatter ? call.in : call.out;
}

// Two calls that differ in anything that must agree differ here. FNV-1a over the fields.
std::uint64_t signature(const CommCall& call) {
  std::uint64_t hash = 14695981039346656037u;
  for (const std::int64_t field :
       {static_cast<std::int64_t>(call.kind), payload(call).bytes(),
        static_cast<std::int64_t>(payload(call).dtype), static_cast<std::int64_t>(call.reduce),
        static_cast<std::int64_t>(call.root), call.sequence})
    for (int byte = 0; byte < 8; ++byte)
      hash = (hash ^ (static_cast<std::uint64_t>(field) >> 8 * byte & 255)) * 1099511628211u;
  return hash;
}

// MPI counts in int.
int count_of(const View& data) {
  if (data.elements() > std::numeric_limits<int>::max())
    fail(text("a tensor of ", data.elements(), " elements: MPI counts up to ",
              std::numeric_limits<int>::max()));
  return static_cast<int>(data.elements());
}

void copy(const View& out, const View& in) {
  if (out.data != in.data && in.bytes() > 0)
    std::memcpy(out.data, in.data, static_cast<std::size_t>(in.bytes()));
}

}  // namespace

MpiTransport::MpiTransport(const Library& library, Groups& groups, const Wires& wires,
                           bool buffered, bool agree)
    : library_(library),
      groups_(groups),
      wires_(wires),
      buffered_(buffered),
      agrees_(agree),
      sent_(wires.group.ranks.size()),
      received_(wires.group.ranks.size()) {}

Transport::Part MpiTransport::subgroup(const std::vector<int>& ranks, const std::string& axis) {
  const Wires& wires = groups_.make(wires_, ranks, axis, subgroups_++);
  return {&wires.group,
          std::make_unique<MpiTransport>(library_, groups_, wires, buffered_, agrees_)};
}

void MpiTransport::run(const CommCall& call, Stream& stream) {
  auto& worker = static_cast<cpu::CpuStream&>(stream);
  worker.wait_in_body(
      turn_changed_, [&] { return next_turn_.load() == call.turn; },
      [&] { return text("for its turn in ", cpu::describe(call, wires_.group)); });
  if (call.kind == OpKind::exchange) {
    Exchange exchange{wires_, call, buffered_, sent_, received_, unread_};
    exchange.run(worker);
  } else {
    collective(call, worker);
  }
  next_turn_.store(call.turn + 1);
  turn_changed_.notify();
}

void MpiTransport::finish(MPI_Request request, const CommCall& call, cpu::CpuStream& stream) {
  stream.poll_in_body(
      [&] {
        int done = 0;
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
        return done != 0;
      },
      [&] { return "in " + cpu::describe(call, wires_.group); });
}

// One all-reduce finds the largest and, by its complement, the smallest signature.
void MpiTransport::agree(const CommCall& call, cpu::CpuStream& stream) {
  const std::uint64_t mine = signature(call);
  std::array<std::uint64_t, 2> largest = {mine, ~mine};
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(MPI_IN_PLACE, largest.data(), 2, MPI_UINT64_T, MPI_MAX, wires_.comm,
                       &request));
  finish(request, call, stream);
  if (largest[0] != ~largest[1]) name_all_calls(call, stream);
}

// All ranks of the group come here, because all have seen the same two numbers.
void MpiTransport::name_all_calls(const CommCall& call, cpu::CpuStream& stream) {
  constexpr std::size_t kWidth = 256;
  std::string mine = cpu::describe(call, wires_.group);
  mine.resize(kWidth);
  std::vector<char> all(kWidth * static_cast<std::size_t>(size()));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallgather(mine.data(), kWidth, MPI_CHAR, all.data(), kWidth, MPI_CHAR, wires_.comm,
                       &request));
  finish(request, call, stream);
  std::string sentence = "ranks of one group meet in different operations: ";
  for (int r = 0; r < size(); ++r) {
    const std::string words(&all[kWidth * static_cast<std::size_t>(r)], kWidth);
    sentence += text(r == 0 ? "" : "; ", "rank ", wires_.group.ranks[static_cast<std::size_t>(r)],
                     " is in ", words.c_str());
  }
  fail(sentence);
}

MPI_Request MpiTransport::start(const CommCall& call) {
  const MPI_Datatype type = type_of(call.out.dtype);
  const MPI_Op op = library_.op(call.out.dtype, call.reduce);
  const MPI_Comm comm = wires_.comm;
  const int out = count_of(call.out);
  const void* in = call.in.data;
  MPI_Request request = MPI_REQUEST_NULL;
  switch (call.kind) {
    case OpKind::all_reduce:
      check(MPI_Iallreduce(MPI_IN_PLACE, call.out.data, out, type, op, comm, &request));
      break;
    case OpKind::all_gather: {
      const int part = count_of(call.in);
      if (in == call.out.data + wires_.rank * call.in.bytes()) in = MPI_IN_PLACE;
      check(MPI_Iallgather(in, part, type, call.out.data, part, type, comm, &request));
      break;
    }
    case OpKind::reduce_scatter:
      check(MPI_Ireduce_scatter_block(in, call.out.data, out, type, op, comm, &request));
      break;
    case OpKind::broadcast:
      check(MPI_Ibcast(call.out.data, out, type, call.root, comm, &request));
      break;
    default: break;  // barrier: agreeing was all
  }
  return request;
}

void MpiTransport::collective(const CommCall& call, cpu::CpuStream& stream) {
  if (size() == 1) return copy(call.out, call.in.data == nullptr ? call.out : call.in);
  if (agrees_ || call.kind == OpKind::barrier) agree(call, stream);
  if (payload(call).bytes() > 0) finish(start(call), call, stream);
}

}  // namespace shardpipe::mpi
