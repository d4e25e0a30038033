// Bounds of shapes and of Math from both sides: what lies on one is taken, one step beyond it is
// not. The words of the refusals: errors_test.cc.
#include "tests/support/refuses.h"
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
TEST_CASE("a shape has up to 4 dimensions, none below 0, and up to 2^60 elements") {
  const Index most = Index{1} << 60;
  const auto refused = [](std::initializer_list<Index> dims, const char* words) {
    return refuses(words, [&] { static_cast<void>(Shape(dims)); });
  };
  CHECK(!refused({1, 1, 1, 1}, ""));
  CHECK(refused({1, 1, 1, 1, 1}, "at most 4 dimensions"));
  CHECK(!refused({0}, ""));
  CHECK(refused({-1}, "negative dimension"));
  CHECK(refused({0, -1}, "negative dimension"));
  CHECK(!refused({most}, ""));
  CHECK(!refused({most / 2, 2}, ""));
  CHECK(refused({most + 1}, "more than 2^60"));
  CHECK(refused({most / 2, 3}, "more than 2^60"));
  CHECK(refused({most / 2 + 1, 2}, "more than 2^60"));
}

TEST_CASE("a slice lies in its tensor; a reshape has as many elements") {
  MathFixture f;
  const Tensor x = f.fresh({4, 6});
  const auto slice = [](const Tensor& of, Index first, Index count) {
    return refuses("is outside of", [&] { of.slice(first, count); });
  };
  for (const auto& [first, count] : {std::pair<Index, Index>(0, 4), {3, 1}, {4, 0}, {0, 0}})
    CHECK(!slice(x, first, count));
  for (const auto& [first, count] :
       {std::pair<Index, Index>(0, 5), {3, 2}, {5, 0}, {-1, 1}, {1, -1}})
    CHECK(slice(x, first, count));
  CHECK(slice(Tensor(), 0, 0));
  const auto reshape = [&](Index elements) {
    return refuses("elements", [&] { x.reshape({elements}); });
  };
  CHECK(!reshape(24));
  CHECK(reshape(23));
  CHECK(reshape(25));
}

TEST_CASE("columns that are copied lie in both tensors") {
  MathFixture f;
  const Tensor out = f.fresh({4, 6}), in = f.fresh({4, 5});
  const auto copy = [&](const char* words, Index out_first, Index in_first, Index count) {
    return refuses(words,
                   [&] { f.math.copy_columns(out, out_first, in, in_first, count, f.stream); });
  };
  CHECK(!copy("", 0, 0, 5));
  CHECK(!copy("", 1, 0, 5));
  CHECK(!copy("", 6, 5, 0));
  CHECK(copy("5 columns from 2 are outside of out", 2, 0, 5));
  CHECK(copy("1 columns from -1 are outside of out", -1, 0, 1));
  CHECK(copy("-1 columns from 1 are outside of out", 1, 1, -1));
  CHECK(copy("6 columns from 0 are outside of in", 0, 0, 6));
  CHECK(copy("5 columns from 1 are outside of in", 0, 1, 5));
  CHECK(copy("1 columns from -1 are outside of in", 0, -1, 1));
  CHECK(refuses("differ in rows", [&] {
    f.math.copy_columns(out, 0, f.fresh({5, 5}), 0, 1, f.stream);
  }));
}

TEST_CASE("parts make up the whole, and numbers fill their tensor") {
  MathFixture f;
  const Tensor whole = f.fresh({4, 6});
  const auto concat = [&](Shape parts) {
    return refuses("do not make up",
                   [&] { f.math.concat_columns(whole, f.fresh(parts), f.stream); });
  };
  for (const Shape& fits : {Shape{1, 4, 6}, Shape{2, 4, 3}, Shape{6, 4, 1}}) CHECK(!concat(fits));
  for (const Shape& other : {Shape{1, 4, 3}, Shape{3, 4, 3}, Shape{2, 3, 3}, Shape{2, 5, 3},
                             Shape{2, 4, 2}, Shape{2, 4, 4}, Shape{4, 6}})
    CHECK(concat(other));
  const auto add = [&](Shape parts, Shape x) {
    return refuses("should be [n,T,D]",
                   [&] { f.math.add_parts(f.fresh(x), f.fresh(parts), {}, f.fresh(x), f.stream); });
  };
  for (const Shape& fits : {Shape{1, 4, 6}, Shape{2, 4, 6}}) CHECK(!add(fits, {4, 6}));
  for (const Shape& other : {Shape{0, 4, 6}, Shape{2, 3, 6}, Shape{2, 5, 6}, Shape{2, 4, 5},
                             Shape{2, 4, 7}, Shape{4, 6}})
    CHECK(add(other, {4, 6}));
  CHECK(add({2, 4, 6}, {1, 4, 6}));
  const auto upload = [&](std::size_t numbers) {
    return refuses("which has 24 elements",
                   [&] { f.math.upload(whole, std::vector<float>(numbers), f.stream); });
  };
  CHECK(!upload(24));
  CHECK(upload(23));
  CHECK(upload(25));
  const auto gate = [&](Index rows, Index columns) {
    return refuses("should have 4 rows of 12 columns", [&] {
      f.math.silu_gate(whole, f.fresh({rows, columns}), f.stream);
    });
  };
  CHECK(!gate(4, 12));
  for (const Index beyond : {-1, 1}) {
    CHECK(gate(4 + beyond, 12));
    CHECK(gate(4, 12 + beyond));
  }
}

TEST_CASE("products use the rows of b that there are, and fuse what is no batch") {
  MathFixture f;
  const Tensor a = f.fresh({2, 1, 4}), b = f.fresh({2, 9, 4});
  const auto rows = [&](Index count) {
    return refuses("b_rows is", [&] {
      f.math.gemm(f.fresh({2, 1, count}), a, Transpose::no, b, Transpose::yes, {.b_rows = count},
                  f.stream);
    });
  };
  CHECK(!rows(1));
  CHECK(!rows(9));
  CHECK(rows(10));
  const auto fused = [&](Shape x, Shape y) {
    return refuses("does not give", [&] {
      f.math.gemm_bias_gelu(f.fresh(y), f.fresh(y), f.fresh(x), f.fresh({8, 3}), {}, GeluKind::erf,
                            f.stream);
    });
  };
  CHECK(!fused({4, 3}, {4, 8}));
  for (const Shape& y : {Shape{3, 8}, Shape{5, 8}, Shape{4, 7}, Shape{4, 9}})
    CHECK(fused({4, 3}, y));
  CHECK(fused({4, 2}, {4, 8}));
}

TEST_CASE("attention: whole rounds of queries, heads that lie in x, even heads, positions from 0") {
  MathFixture f;
  const auto softmax = [&](Shape scores, Index first) {
    return refuses("is not [N,R,S]", [&] {
      f.math.causal_softmax(f.fresh(scores), f.fresh(scores), first, f.stream);
    });
  };
  CHECK(!softmax({2, 6, 3}, 0));
  CHECK(!softmax({2, 6, 3}, 1));
  CHECK(!softmax({2, 5, 3}, 2));
  CHECK(!softmax({2, 5, 0}, 0));
  CHECK(softmax({2, 5, 3}, 0));
  CHECK(softmax({2, 7, 3}, 0));
  CHECK(softmax({2, 5, 3}, 1));
  CHECK(softmax({2, 5, 3}, 3));
  CHECK(softmax({2, 4, 3}, -1));
  CHECK(softmax({6, 3}, 0));
  const Tensor x = f.fresh({4, 6});
  const auto split = [&](Shape heads, Index first) {
    return refuses("do not fit x", [&] { f.math.split_heads(f.fresh(heads), x, first, f.stream); });
  };
  CHECK(!split({2, 2, 2, 3}, 0));
  CHECK(!split({2, 1, 2, 3}, 3));
  CHECK(split({2, 1, 2, 3}, 4));
  CHECK(split({2, 1, 2, 3}, -1));
  CHECK(split({2, 1, 2, 7}, 0));
  CHECK(split({1, 1, 2, 3}, 0));
  CHECK(split({3, 1, 2, 3}, 0));
  CHECK(split({2, 1, 3, 3}, 0));
  const auto rotary = [&](Shape shape, Index first) {
    return refuses("rotary: ", [&] {
      f.math.rotary(f.fresh(shape), f.fresh(shape), 1e4f, false, first, f.stream);
    });
  };
  CHECK(!rotary({1, 1, 2, 2}, 0));
  CHECK(rotary({1, 1, 2, 3}, 0));
  CHECK(rotary({1, 2, 2}, 0));
  CHECK(rotary({1, 1, 2, 2}, -1));
}

TEST_CASE("a vocabulary's columns are those of x, and f32 counts them") {
  MathFixture f;
  const Index counted = 1 << 24;
  const Tensor x = f.upload({4, 6}, Numbers(24, 1)), ids = f.fresh({4}, DType::i32);
  const auto largest = [&](Index columns) {
    return refuses("columns of x", [&] { f.math.row_max(f.fresh({4}), x, columns, f.stream); });
  };
  const auto where = [&](Index first, Index columns) {
    return refuses("more than f32 counts", [&] {
      f.math.row_arg_max(f.fresh({4, 2}), x, columns, first, f.stream);
    });
  };
  CHECK(!largest(0));
  CHECK(!largest(6));
  CHECK(largest(-1));
  CHECK(largest(7));
  CHECK(!where(0, 6));
  CHECK(!where(counted - 6, 6));
  CHECK(where(-1, 6));
  CHECK(where(counted - 5, 6));
  const auto pick = [&](Shape pairs) {
    return refuses("are not [n,T,2]", [&] { f.math.pick_largest(ids, f.fresh(pairs), f.stream); });
  };
  CHECK(!pick({1, 4, 2}));
  for (const Shape& other : {Shape{0, 4, 2}, Shape{1, 4, 1}, Shape{1, 4, 3}, Shape{4, 2}})
    CHECK(pick(other));
  const auto embed = [&](Shape y, Shape table) {
    return refuses("do not give",
                   [&] { f.math.embedding(f.fresh(y), f.fresh(table), ids, 0, f.stream); });
  };
  CHECK(!embed({4, 6}, {9, 6}));
  for (const Shape& y : {Shape{3, 6}, Shape{5, 6}, Shape{4, 5}, Shape{4, 7}})
    CHECK(embed(y, {9, 6}));
  CHECK(embed({4, 6}, {1, 9, 6}));
}

TEST_CASE("steps of an optimizer count from 1") {
  MathFixture f;
  const Tensor w = f.fresh({2}), g = f.fresh({2}), m = f.fresh({2}), v = f.fresh({2});
  const auto adamw = [&](int step) {
    return refuses("steps count from 1",
                   [&] { f.math.adamw(w, g, m, v, {.step = step}, f.stream); });
  };
  CHECK(!adamw(1));
  CHECK(adamw(0));
}

}  // namespace shardpipe
