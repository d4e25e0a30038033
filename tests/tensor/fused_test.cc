// Operations in one pass give the bits of the operations one after the other, whatever blocks of
// rows they are cut into, and say what they read and write.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

constexpr float kEpsilon = 1e-3f;

// T and D around the cpu's blocks: many rows to a block, a part of a block, a row longer than one.
constexpr struct { Index T, D; } kSizes[] = {{1, 1}, {7, 24}, {1000, 40}, {3, 9000}};

struct Norms : MathFixture {
  Tensor numbers(Shape shape, std::uint64_t stream_number) {
    return upload(shape, random_numbers(shape.elements(), stream_number));
  }
  // As an all_reduce in rank order, a bias and a residual addition leave it.
  Tensor added(const Tensor& parts, const Tensor& bias, const Tensor& x) {
    Tensor h = fresh(x.shape());
    math.copy(h, parts.slice(0, 1).reshape(x.shape()), stream);
    for (Index i = 1; i < parts.size(0); ++i)
      math.add(h, h, parts.slice(i, 1).reshape(x.shape()), stream);
    if (!bias.empty()) math.add_bias(h, bias, stream);
    math.add(h, h, x, stream);
    return h;
  }
};

}  // namespace

TEST_CASE("add_norm: sum of parts, bias, residual and norm, in the bits of the four operations") {
  for (const auto [T, D] : kSizes)
    for (const Index n : {1, 2, 4})
      for (const bool rms : {false, true})
        for (const bool has_bias : {false, true}) {
          INFO(T << " x " << D << ", " << n << " parts" << (rms ? ", RMS" : ""));
          Norms f;
          const Tensor parts = f.numbers({n, T, D}, 1), x = f.numbers({T, D}, 2),
                       gamma = f.numbers({D}, 4);
          const Tensor bias = has_bias ? f.numbers({D}, 3) : Tensor();
          const Tensor beta = rms ? Tensor() : f.numbers({D}, 5);
          Tensor h = f.fresh({T, D}), y = f.fresh({T, D}), stats = f.fresh({T, rms ? 1 : 2});
          f.math.add_norm({.h = h,
                           .y = y,
                           .stats = stats,
                           .parts = parts,
                           .bias = bias,
                           .x = x,
                           .gamma = gamma,
                           .beta = beta,
                           .epsilon = kEpsilon},
                          f.stream);
          const Tensor want_h = f.added(parts, bias, x);
          Tensor want_y = f.fresh({T, D}), want_stats = f.fresh({T, rms ? 1 : 2});
          if (rms)
            f.math.rms_norm(want_y, want_stats, want_h, gamma, kEpsilon, f.stream);
          else
            f.math.layer_norm(want_y, want_stats, want_h, gamma, beta, kEpsilon, f.stream);
          CHECK(f.host(h) == f.host(want_h));
          CHECK(f.host(y) == f.host(want_y));
          CHECK(f.host(stats) == f.host(want_stats));
          Tensor only_h = f.fresh({T, D});
          f.math.add_parts(only_h, parts, bias, x, f.stream);
          CHECK(f.host(only_h) == f.host(want_h));

          const Tensor dy = f.numbers({T, D}, 6), dsum = f.numbers({T, D}, 7);
          Tensor dh = f.fresh({T, D}), want_dh = f.fresh({T, D});
          f.math.add_norm_backward_input(
              {.dh = dh, .dy = dy, .dsum = dsum, .h = h, .stats = stats, .gamma = gamma}, f.stream);
          if (rms)
            f.math.rms_norm_backward_input(want_dh, dy, h, stats, gamma, f.stream);
          else
            f.math.layer_norm_backward_input(want_dh, dy, h, stats, gamma, f.stream);
          f.math.add(want_dh, want_dh, dsum, f.stream);
          CHECK(f.host(dh) == f.host(want_dh));
        }
}

TEST_CASE("gemm_bias_gelu: product, bias and GELU, exact on integers") {
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf})
    for (const bool has_bias : {false, true}) {
      Norms f;
      const Index m = 600, n = 700, k = 9;  // more than one of the cpu's blocks
      const Tensor a = f.upload({m, k}, integer_numbers(m * k, 1)),
                   b = f.upload({n, k}, integer_numbers(n * k, 2));
      const Tensor bias = has_bias ? f.numbers({n}, 3) : Tensor();
      Tensor y = f.fresh({m, n}), pre = f.fresh({m, n});
      f.math.gemm_bias_gelu(y, pre, a, b, bias, kind, f.stream);
      Tensor want_pre = f.fresh({m, n}), want = f.fresh({m, n});
      f.math.gemm(want_pre, a, Transpose::no, b, Transpose::yes, {}, f.stream);
      if (has_bias) f.math.add_bias(want_pre, bias, f.stream);
      f.math.gelu(want, want_pre, kind, f.stream);
      CHECK(f.host(pre) == f.host(want_pre));
      CHECK(f.host(y) == f.host(want));
    }
}

TEST_CASE("one pass over memory: each operand is counted once, and so are the flops of all") {
  Norms f;
  const Index T = 8, D = 16, n = 4;
  const Tensor parts = f.numbers({n, T, D}, 1), x = f.numbers({T, D}, 2), bias = f.numbers({D}, 3),
               gamma = f.numbers({D}, 4);
  Tensor h = f.fresh({T, D}), y = f.fresh({T, D}), stats = f.fresh({T, 1});
  f.math.rms_norm(y, stats, x, gamma, kEpsilon, f.stream);
  const double norm_flops = f.last_op().flops;
  f.math.add_norm(
      {.h = h, .y = y, .stats = stats, .parts = parts, .bias = bias, .x = x, .gamma = gamma},
      f.stream);
  CHECK(f.last_op().bytes == 4 * ((n + 3) * T * D + T + 2 * D));
  CHECK(f.last_op().flops == norm_flops + (n - 1 + 2) * T * D);

  Tensor out = f.fresh({T, D});
  f.math.gelu(out, x, GeluKind::erf, f.stream);
  const double gelu = f.last_op().flops;
  const Tensor w = f.numbers({D, D}, 5);
  f.math.gemm_bias_gelu(out, h, x, w, bias, GeluKind::erf, f.stream);
  CHECK(f.last_op().bytes == 4 * (3 * T * D + D * D + D));
  CHECK(f.last_op().flops == 2.0 * T * D * D + T * D + gelu);
}

TEST_CASE("shapes that do not fit are named") {
  Norms f;
  const Tensor x = f.fresh({4, 8}), parts = f.fresh({2, 4, 8});
  CHECK(message_of([&] {
          f.math.add_parts(x, x, {}, f.fresh({4, 8}), f.stream);
        }).find("parts [4,8] should be [n,T,D] for x [4,8]") != std::string::npos);
  CHECK(message_of([&] {
          f.math.add_parts(f.fresh({4, 8}), parts, f.fresh({4}), x, f.stream);
        }).find("bias") != std::string::npos);
  CHECK(
      message_of([&] {
        f.math.gemm_bias_gelu(x, x, f.fresh({4, 3}), f.fresh({8, 2}), {}, GeluKind::erf, f.stream);
      }).find("gemm_bias_gelu: [4,3] x [8,2]^T does not give [4,8]") != std::string::npos);
}

}  // namespace shardpipe
