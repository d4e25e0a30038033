// OpInfo: what an operation is, apart from how it is computed. The trace, the cost model, the race
// check and the deadlock report read nothing else.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/where.h"

namespace shardpipe {

enum class DType : std::uint8_t { f32, bf16, i32 };

constexpr std::int64_t size_of(DType dtype) { return dtype == DType::bf16 ? 2 : 4; }
constexpr const char* name_of(DType dtype) {
  return dtype == DType::f32 ? "f32" : dtype == DType::bf16 ? "bf16" : "i32";
}

enum class OpKind : std::uint8_t {
  compute,
  exchange,  // point to point
  all_reduce,
  all_gather,
  reduce_scatter,
  broadcast,
  barrier,
};

const char* name_of(OpKind kind);
constexpr bool is_communication(OpKind kind) { return kind != OpKind::compute; }

// Which part of a training step an operation belongs to.
enum class Phase : std::uint8_t {
  none,
  forward,
  backward,
  backward_input,
  backward_weight,
  optimizer
};

const char* name_of(Phase phase);

// Marks put on every operation submitted inside a RankContext::scope. -1: not said.
struct Tags {
  std::int32_t step = -1;
  std::int32_t stage = -1;
  std::int32_t microbatch = -1;
  std::int32_t layer = -1;
  Phase phase = Phase::none;

  std::string words() const;  // ", step 0, forward, micro-batch 3, layer 2": those that are set
};

// The ranks of one communicator. Owned by the run and outlives every operation of it.
struct Group {
  int id = 0;                   // the same on all its ranks, unique in a run
  std::string axis = {};        // "world", "tp", "pp", "dp", "kv"
  std::vector<int> ranks = {};  // world ranks, in group order

  int size() const { return static_cast<int>(ranks.size()); }
  std::string label() const;  // "tp[0,1]"
};

// A part of a buffer that an operation touches. Buffer ids are unique on a rank and never reused.
struct Operand {
  std::int64_t buffer = -1;
  std::int64_t offset = 0;  // bytes
  std::int64_t bytes = 0;
  bool write = false;  // a write counts as read and write
};

// The sizes of the tensor that an operation makes (a collective: of the full tensor), for people to
// read in a trace. None: not said.
struct Dims {
  std::array<std::int64_t, 4> sizes = {};
  std::int32_t count = 0;  // of sizes
  std::int32_t inner = 0;  // of a matrix product, the length of its sums; else 0

  std::string words() const;  // "[4096, 1024]"; of a product "[4096, 512] x [512, 1024]"
  auto operator<=>(const Dims& other) const = default;
};

// One message of an exchange. The n-th send to a peer meets the peer's n-th recv from us.
struct MessageInfo {
  bool is_send = false;
  int peer = 0;  // rank in the group
  std::int64_t bytes = 0;
  DType dtype = DType::f32;
};

struct OpInfo {
  OpKind kind = OpKind::compute;
  DType dtype = DType::f32;  // what it computes in: tensor cores are priced by it
  const char* name = "";     // of static storage; shown in the trace
  double flops = 0;          // multiply-adds count as 2
  std::int64_t bytes = 0;    // compute: memory traffic. collective: the full tensor. exchange: sent
  std::vector<Operand> operands = {};
  Dims dims = {};

  // Communication only.
  const Group* group = nullptr;
  int rank = -1;               // this rank in the group; -1: not said
  std::int64_t turn = -1;      // position among this rank's operations on the communicator
  std::int64_t sequence = -1;  // position among its collectives, or among its exchanges
  int root = -1;               // broadcast
  int calls = 1;               // all_reduce_coalesced: tensors, which take a turn each
  std::vector<MessageInfo> messages = {};  // exchange
  const char* algorithm = "";  // exchange: it is a step of; of static storage, "": of none

  // Filled in by Stream::submit.
  Tags tags = {};
  Where where = {};  // the line of the program that asked for it
};

}  // namespace shardpipe
