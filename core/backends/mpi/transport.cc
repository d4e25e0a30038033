#include "core/backends/mpi/transport.h"

#include <algorithm>
#include <array>
#include <cstring>

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

std::byte* at(const View& data, Index element) { return data.data + element * size_of(data.dtype); }

void copy(const View& out, const View& in) {
  if (out.data != in.data && in.bytes() > 0)
    std::memcpy(out.data, in.data, static_cast<std::size_t>(in.bytes()));
}

}  // namespace

MpiTransport::MpiTransport(const Library& library, Groups& groups, const Wires& wires,
                           bool buffered, const Limits& limits)
    : library_(library),
      groups_(groups),
      wires_(wires),
      buffered_(buffered),
      limits_(limits),
      sent_(wires.group.ranks.size()),
      received_(wires.group.ranks.size()) {}

Transport::Part MpiTransport::subgroup(const std::vector<int>& ranks, const std::string& axis,
                                       Where where) {
  const Wires& wires = groups_.make(wires_, ranks, axis, subgroups_++, where);
  return {&wires.group,
          std::make_unique<MpiTransport>(library_, groups_, wires, buffered_, limits_)};
}

void MpiTransport::run(const CommCall& call, Stream& stream) {
  auto& worker = static_cast<cpu::CpuStream&>(stream);
  worker.wait_in_body(
      turn_changed_, [&] { return next_turn_.load() == call.turn; },
      [&] { return text("for its turn in ", cpu::describe(call, wires_.group)); });
  if (call.kind == OpKind::exchange) {
    Exchange exchange{wires_, call, buffered_, limits_.most_count, sent_, received_, unread_};
    exchange.run(worker);
  } else {
    collective(call, worker);
  }
  next_turn_.store(call.turn + 1);
  turn_changed_.notify();
}

void MpiTransport::finish(std::vector<MPI_Request> requests, const CommCall& call,
                          cpu::CpuStream& stream) {
  stream.poll_in_body(
      [&] {
        int done = 0;
        check(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done,
                          MPI_STATUSES_IGNORE));
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
  finish({request}, call, stream);
  if (largest[0] != ~largest[1]) name_all_calls(call, stream);
}

// All ranks of the group come here, because all have seen the same two numbers.
void MpiTransport::name_all_calls(const CommCall& call, cpu::CpuStream& stream) {
  constexpr std::size_t kWidth = 256;
  std::string mine = cpu::describe(call, wires_.group) + call.where.words(" (", ")");
  mine.resize(kWidth);
  std::vector<char> all(kWidth * static_cast<std::size_t>(size()));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallgather(mine.data(), kWidth, MPI_CHAR, all.data(), kWidth, MPI_CHAR, wires_.comm,
                       &request));
  finish({request}, call, stream);
  std::string sentence = "ranks of one group meet in different operations: ";
  for (int r = 0; r < size(); ++r) {
    const std::string words(&all[kWidth * static_cast<std::size_t>(r)], kWidth);
    sentence += text(r == 0 ? "" : "; ", "rank ", wires_.group.ranks[static_cast<std::size_t>(r)],
                     " is in ", words.c_str());
  }
  fail(ExitCode::wrong, sentence);
}

std::vector<MPI_Request> MpiTransport::start(const CommCall& call) {
  if (call.kind == OpKind::all_gather) return start_all_gather(call);
  if (call.kind == OpKind::reduce_scatter) return start_reduce_scatter(call);
  const MPI_Datatype type = type_of(call.out.dtype);
  const MPI_Op op = library_.op(call.out.dtype, call.reduce);
  std::vector<MPI_Request> requests;
  for (const Piece& piece : pieces_of(payload(call).elements(), limits_.most_count)) {
    std::byte* out = at(call.out, piece.first);
    MPI_Request& request = requests.emplace_back(MPI_REQUEST_NULL);
    if (call.kind == OpKind::all_reduce)
      check(MPI_Iallreduce(MPI_IN_PLACE, out, piece.count, type, op, wires_.comm, &request));
    else if (call.kind == OpKind::broadcast)
      check(MPI_Ibcast(out, piece.count, type, call.root, wires_.comm, &request));
  }
  return requests;  // barrier: none, agreeing was all
}

// A piece of every rank's part; the type that receives them knows how far apart parts lie.
std::vector<MPI_Request> MpiTransport::start_all_gather(const CommCall& call) {
  const MPI_Datatype type = type_of(call.out.dtype);
  const bool in_place = call.in.data == call.out.data + wires_.rank * call.in.bytes();
  std::vector<MPI_Request> requests;
  if (call.out.elements() <= limits_.most_count) {
    const auto part = static_cast<int>(call.in.elements());
    check(MPI_Iallgather(in_place ? MPI_IN_PLACE : call.in.data, part, type, call.out.data, part,
                         type, wires_.comm, &requests.emplace_back(MPI_REQUEST_NULL)));
    return requests;
  }
  for (const Piece& piece : pieces_of(call.in.elements(), most_of_part())) {
    MPI_Datatype run = MPI_DATATYPE_NULL, spread = MPI_DATATYPE_NULL;
    check(MPI_Type_contiguous(piece.count, type, &run));
    check(MPI_Type_create_resized(run, 0, static_cast<MPI_Aint>(call.in.bytes()), &spread));
    check(MPI_Type_commit(&spread));
    const void* in = in_place ? MPI_IN_PLACE : at(call.in, piece.first);
    check(MPI_Iallgather(in, piece.count, type, at(call.out, piece.first), 1, spread, wires_.comm,
                         &requests.emplace_back(MPI_REQUEST_NULL)));
    check(MPI_Type_free(&spread));  // once the call has ended
    check(MPI_Type_free(&run));
  }
  return requests;
}

// MPI reduces what lies in one run only, so the pieces of a long tensor go to their ranks one by
// one.
std::vector<MPI_Request> MpiTransport::start_reduce_scatter(const CommCall& call) {
  const MPI_Datatype type = type_of(call.out.dtype);
  const MPI_Op op = library_.op(call.out.dtype, call.reduce);
  std::vector<MPI_Request> requests;
  if (call.in.elements() <= limits_.most_count) {
    check(MPI_Ireduce_scatter_block(call.in.data, call.out.data,
                                    static_cast<int>(call.out.elements()), type, op, wires_.comm,
                                    &requests.emplace_back(MPI_REQUEST_NULL)));
    return requests;
  }
  for (int root = 0; root < size(); ++root)
    for (const Piece& piece : pieces_of(call.out.elements(), limits_.most_count))
      check(MPI_Ireduce(at(call.in, root * call.out.elements() + piece.first),
                        at(call.out, piece.first), piece.count, type, op, root, wires_.comm,
                        &requests.emplace_back(MPI_REQUEST_NULL)));
  return requests;
}

void MpiTransport::collective(const CommCall& call, cpu::CpuStream& stream) {
  if (size() == 1) return copy(call.out, call.in.data == nullptr ? call.out : call.in);
  if (limits_.agree || call.kind == OpKind::barrier) agree(call, stream);
  stream.all_are_here();
  if (payload(call).bytes() > 0) finish(start(call), call, stream);
}

}  // namespace shardpipe::mpi
