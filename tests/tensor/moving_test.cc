// Moving: exact, in f32, bf16 and i32 alike.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

// 0, 1, 2, ...: an element that went astray shows its origin. Exact in bf16 up to 256.
Numbers counting(Index n) {
  Numbers numbers(at(n));
  for (Index i = 0; i < n; ++i) numbers[at(i)] = static_cast<double>(i);
  return numbers;
}

Tensor in_dtype(MathFixture& f, const Tensor& tensor, DType dtype) {
  const Tensor out = f.fresh(tensor.shape(), dtype);
  f.math.copy(out, tensor, f.stream);
  return out;
}

}  // namespace

TEST_CASE("fill writes every element of its slice and no other") {
  MathFixture f;
  const Tensor x = f.upload({4, 3}, counting(12));
  f.math.fill(x.slice(1, 2), -2.5f, f.stream);
  CHECK(f.host(x) == Numbers{0, 1, 2, -2.5, -2.5, -2.5, -2.5, -2.5, -2.5, 9, 10, 11});
  const Tensor half = f.fresh({3}, DType::bf16);
  f.math.fill(half, 1.00390625f, f.stream);  // a tie between 1 and 1.0078125: to even
  CHECK(f.host(half) == Numbers{1, 1, 1});
  const Tensor tokens = f.fresh({2}, DType::i32);
  f.math.fill(tokens, -3.75f, f.stream);
  CHECK(tokens.view().i32()[0] == -3);
  CHECK(tokens.view().i32()[1] == -3);
}

TEST_CASE("copy keeps i32, takes another shape of as many elements, converts bf16") {
  MathFixture f;
  const Tensor tokens = f.upload({3}, std::vector<std::int32_t>{7, -1, 1 << 30});
  const Tensor copied = f.fresh({3, 1}, DType::i32);
  f.math.copy(copied, tokens, f.stream);
  CHECK(copied.view().i32()[2] == 1 << 30);
  const Tensor x = f.upload({5}, Numbers{1, -2.5, 1.01171875, 1e-30, 3.4e38});
  const Tensor half = in_dtype(f, x, DType::bf16);
  // 1.01171875 = 1 + 1.5 / 128 is a tie: up, to the even 1 + 2 / 128. 3.4e38 rounds to infinity.
  const Numbers back = f.host(in_dtype(f, half, DType::f32));
  CHECK(back[0] == 1);
  CHECK(back[1] == -2.5);
  CHECK(back[2] == 1.015625);
  CHECK(std::abs(back[3] - 1e-30) <= 1e-30 / 256);
  CHECK(std::isinf(back[4]));
  CHECK(f.host(in_dtype(f, half, DType::bf16)) == back);
}

TEST_CASE("copy_columns moves a block of columns and leaves the others") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    MathFixture f;
    const Tensor out = in_dtype(f, f.upload({3, 4}, Numbers(12, -1)), dtype);
    const Tensor in = in_dtype(f, f.upload({3, 5}, counting(15)), dtype);
    f.math.copy_columns(out, 1, in, 3, 2, f.stream);
    CHECK(f.host(out) == Numbers{-1, 3, 4, -1, -1, 8, 9, -1, -1, 13, 14, -1});
    f.math.copy_columns(out, 0, in, 0, 0, f.stream);  // nothing
    CHECK(f.host(out)[0] == -1);
  }
}

TEST_CASE("concat_columns and split_columns undo each other") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    MathFixture f;
    const Tensor parts = in_dtype(f, f.upload({2, 3, 2}, counting(12)), dtype);
    const Tensor whole = f.fresh({3, 4}, dtype);
    f.math.concat_columns(whole, parts, f.stream);
    CHECK(f.host(whole) == Numbers{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11});
    const Tensor again = f.fresh({2, 3, 2}, dtype);
    f.math.split_columns(again, whole, f.stream);
    CHECK(f.host(again) == counting(12));
  }
}

TEST_CASE("split_heads takes heads out of columns, merge_heads puts them back") {
  const Index B = 2, H = 3, S = 4, C = 2, W = 9, first = 2;
  for (const DType dtype : {DType::f32, DType::bf16}) {
    MathFixture f;
    const Tensor x = in_dtype(f, f.upload({B * S, W}, counting(B * S * W)), dtype);
    const Tensor heads = f.fresh({B, H, S, C}, dtype);
    f.math.split_heads(heads, x, first, f.stream);
    Numbers expected;
    for (Index b = 0; b < B; ++b)
      for (Index h = 0; h < H; ++h)
        for (Index s = 0; s < S; ++s)
          for (Index c = 0; c < C; ++c)
            expected.push_back(static_cast<double>((b * S + s) * W + first + h * C + c));
    CHECK(f.host(heads) == expected);

    const Tensor merged = in_dtype(f, f.upload({B * S, W}, Numbers(at(B * S * W), -1)), dtype);
    f.math.merge_heads(merged, heads, first, f.stream);
    const Numbers result = f.host(merged);
    for (Index i = 0; i < B * S * W; ++i) {
      const bool inside = i % W >= first && i % W < first + H * C;
      CHECK(result[at(i)] == (inside ? static_cast<double>(i) : -1.0));
    }
  }
}

}  // namespace shardpipe
