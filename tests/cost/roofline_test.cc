// RooflineModel: the regimes of an operation, and how a group's places decide what it pays.
#include "core/cost/roofline.h"

#include <cmath>
#include <ctime>
#include <iostream>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

OpInfo matrix_product(double m, double n, double k, DType dtype) {
  return {.kind = OpKind::compute,
          .dtype = dtype,
          .flops = 2 * m * n * k,
          .bytes = static_cast<std::int64_t>((m * k + k * n + m * n) * size_of(dtype))};
}

OpInfo collective(OpKind kind, const Group& group, std::int64_t bytes) {
  return {.kind = kind, .bytes = bytes, .group = &group};
}

std::int64_t ns(double seconds) { return std::llround(seconds * 1e9); }

}  // namespace

TEST_CASE(
    "a large product is bound by arithmetic, a thin one by memory, a tiny one by the launch") {
  const RooflineModel model(load_hardware("8xH100"));
  const Hardware& h = model.hardware();

  const OpInfo large = matrix_product(8192, 8192, 8192, DType::bf16);
  CHECK(model.duration_ns(large) == ns(h.bf16.seconds(large.flops)));
  // The measurement the profile was made from: 798e12 flop/s.
  CHECK(large.flops / model.duration_ns(large) * 1e9 == Approx(798e12).epsilon(0.01));

  const OpInfo thin = matrix_product(1, 28672, 8192, DType::bf16);  // one token
  CHECK(model.duration_ns(thin) == ns(thin.bytes / h.memory_bytes_per_s));
  CHECK(thin.bytes / h.memory_bytes_per_s > 5 * h.bf16.seconds(thin.flops));

  const OpInfo tiny = matrix_product(8, 8, 8, DType::bf16);
  CHECK(model.duration_ns(tiny) == ns(h.kernel_minimum_s));
  CHECK(model.duration_ns({.kind = OpKind::compute}) == ns(h.kernel_minimum_s));
  CHECK(model.launch_ns() == ns(h.launch_s));
}

TEST_CASE("the dtype decides the arithmetic rate") {
  const RooflineModel model(load_hardware("8xA100"));
  const auto bf16 = model.duration_ns(matrix_product(4096, 4096, 4096, DType::bf16));
  const auto f32 = model.duration_ns(matrix_product(4096, 4096, 4096, DType::f32));
  const auto i32 = model.duration_ns(matrix_product(4096, 4096, 4096, DType::i32));
  CHECK(f32 > 10 * bf16);
  CHECK(i32 == f32);
}

TEST_CASE("a collective takes the fastest algorithm of the machine") {
  const RooflineModel model(load_hardware("8xH100"));
  const Group group{.ranks = {0, 1, 2, 3, 4, 5, 6, 7}};
  const Method& ring = model.hardware().inside.methods[0];
  const Method& in_switch = model.hardware().inside.methods[1];
  CHECK(model.duration_ns(collective(OpKind::all_reduce, group, 1 << 20)) ==
        ns(all_reduce_s(1 << 20, 8, ring)));
  CHECK(model.duration_ns(collective(OpKind::all_reduce, group, 1 << 30)) ==
        ns(all_reduce_s(1 << 30, 8, in_switch)));
  CHECK(model.duration_ns(collective(OpKind::all_gather, group, 1 << 30)) ==
        ns(collective_s(OpKind::all_gather, ring, 8, 1 << 30)));
}

TEST_CASE("collectives: one rank is free, more bytes never cost less") {
  for (const std::string& name : hardware_names()) {
    const RooflineModel model(load_hardware(name));
    const Group alone{.ranks = {3}};
    Group few{.ranks = {0, 2, 3}};
    Group all;
    for (int r = 0; r < model.hardware().max_ranks(); ++r) all.ranks.push_back(r);
    for (const OpKind kind :
         {OpKind::all_reduce, OpKind::all_gather, OpKind::reduce_scatter, OpKind::broadcast}) {
      CHECK(model.duration_ns(collective(kind, alone, 1 << 20)) == 0);
      for (const Group* group : {&few, &all}) {
        std::int64_t last_ns = 0;
        for (std::int64_t bytes = 1; bytes < 1'000'000'000; bytes *= 7) {
          const std::int64_t now_ns = model.duration_ns(collective(kind, *group, bytes));
          CHECK(now_ns >= last_ns);
          CHECK(now_ns > 0);
          last_ns = now_ns;
        }
      }
    }
    CHECK(model.duration_ns(collective(OpKind::barrier, alone, 0)) == 0);
    CHECK(model.duration_ns(collective(OpKind::barrier, few, 0)) ==
          ns(2 * model.hardware().inside.latency_s));
  }
}

TEST_CASE("a group that spans nodes pays the network") {
  const RooflineModel model(load_hardware("2x8xH100"));
  const auto cost_ns = [&](const std::vector<int>& ranks, std::int64_t bytes) {
    const Group group{.ranks = ranks};
    return model.duration_ns(collective(OpKind::all_reduce, group, bytes));
  };
  const std::int64_t big = 64 << 20;
  CHECK(cost_ns({0, 1}, big) == cost_ns({14, 15}, big));
  CHECK(cost_ns({0, 8}, big) > 5 * cost_ns({0, 1}, big));    // one card against NVLink
  CHECK(cost_ns({7, 8}, big) == cost_ns({0, 8}, big));       // neighbours by number only
  CHECK(cost_ns({0, 8}, big) > cost_ns({0, 1, 8, 9}, big));  // two cards a node carry more
  CHECK(cost_ns({0, 1, 8, 9}, big) == cost_ns({9, 0, 8, 1}, big));
  CHECK(model.duration_ns(collective(OpKind::barrier, Group{.ranks = {0, 5, 9}}, 0)) ==
        ns(2 * model.hardware().between.latency_s));
}

TEST_CASE("two nodes: small tensors go by levels, large ones in one ring") {
  const Hardware h = load_hardware("2x8xH100");
  const Placement all{.ranks = 16, .nodes = 2, .ranks_per_node = 8};
  CHECK(choose_algorithm(h, OpKind::all_reduce, all, 1e5).algorithm == Algorithm::hierarchical);
  CHECK(choose_algorithm(h, OpKind::all_reduce, all, 1e9).algorithm == Algorithm::ring);
  // Levels need the same number of ranks on each node.
  const Placement uneven{.ranks = 5, .nodes = 2, .ranks_per_node = 3};
  CHECK(choose_algorithm(h, OpKind::all_reduce, uneven, 1e5).algorithm == Algorithm::ring);
}

TEST_CASE("an exchange pays one latency and its larger direction") {
  const RooflineModel model(load_hardware("2x8xH100"));
  const Hardware& h = model.hardware();
  const Group near{.ranks = {2, 3, 4}}, far{.ranks = {6, 7, 8, 9}};
  const auto cost_ns = [&](const Group& group, int rank, std::vector<MessageInfo> messages) {
    return model.duration_ns(
        {.kind = OpKind::exchange, .group = &group, .rank = rank, .messages = std::move(messages)});
  };
  const MessageInfo send{.is_send = true, .peer = 2, .bytes = 3'000'000};
  const MessageInfo recv{.is_send = false, .peer = 0, .bytes = 5'000'000};
  const auto inside_ns = [&](double bytes) {
    return ns(h.inside.latency_s + bytes / h.inside.bytes_per_s);
  };
  const auto between_ns = [&](double bytes) {
    return ns(h.between.latency_s + bytes / h.between.bytes_per_s);
  };
  CHECK(cost_ns(near, 1, {}) == 0);
  CHECK(cost_ns(near, 1, {send}) == inside_ns(3e6));
  CHECK(cost_ns(near, 1, {send, recv}) == inside_ns(5e6));
  CHECK(cost_ns(near, 1, {send, send, recv}) == inside_ns(6e6));
  // World ranks 7 and 8 are on two nodes: the send crosses, the recv from 6 does not.
  CHECK(cost_ns(far, 1, {recv}) == inside_ns(5e6));
  CHECK(cost_ns(far, 1, {send, recv}) == between_ns(3e6));
  CHECK(cost_ns(far, 3, {send}) == inside_ns(3e6));
  CHECK(cost_ns(far, -1, {recv}) == between_ns(5e6));  // the own rank is not said
}

TEST_CASE("a group with a rank the machine lacks is refused") {
  const RooflineModel model(load_hardware("8xH100"));
  const Group group{.ranks = {6, 7, 8}};
  try {
    model.duration_ns(collective(OpKind::all_reduce, group, 4));
    FAIL("must throw");
  } catch (const Error& e) {
    CHECK(std::string(e.what()) == "9 ranks do not fit 8xH100: it has 8 (1 node of 8)");
  }
  CHECK_THROWS_AS(model.duration_ns({.kind = OpKind::all_reduce}), Error);
}

// build/test_cost "[speed]": the modelled device asks once for every operation of every rank.
TEST_CASE("nanoseconds of a call", "[.][speed]") {
  const RooflineModel model(load_hardware("2x8xH100"));
  const Group node{.ranks = {0, 1, 2, 3, 4, 5, 6, 7}};
  Group all = node;
  for (int r = 8; r < 16; ++r) all.ranks.push_back(r);
  const auto print_ns_a_call = [&](const char* what, OpInfo op) {
    constexpr int kCalls = 1'000'000;
    std::int64_t sum = 0;
    const std::clock_t start = std::clock();  // processor time
    for (op.bytes = 0; op.bytes < kCalls; ++op.bytes) sum += model.duration_ns(op);
    const double taken_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::cout << what << ": " << taken_s / kCalls * 1e9 << " ns a call (sum " << sum << ")\n";
  };
  print_ns_a_call("compute", matrix_product(512, 512, 512, DType::bf16));
  print_ns_a_call("all_reduce, 8 ranks of one node", collective(OpKind::all_reduce, node, 0));
  print_ns_a_call("all_reduce, 16 ranks of two nodes", collective(OpKind::all_reduce, all, 0));
}

}  // namespace shardpipe
