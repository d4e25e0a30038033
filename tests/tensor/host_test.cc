// Numbers from and to the host, and what rounding to bf16 does.
#include <bit>

#include "core/tensor/bf16.h"
#include "tests/tensor/math_fixture.h"

namespace shardpipe {

TEST_CASE("upload and to_host return every number") {
  MathFixture f;
  const Numbers numbers = random_numbers(7 * 13, 1);
  CHECK(f.host(f.upload({7, 13}, numbers)) == numbers);
  CHECK(f.host(f.upload({7, 13}, numbers).slice(2, 3)) ==
        Numbers(numbers.begin() + 26, numbers.begin() + 65));
  CHECK(f.host(f.upload({0, 13}, Numbers())).empty());
}

TEST_CASE("upload copies at the call") {
  ImmediateDevice device;
  CpuKernels kernels;
  Math math(kernels);
  // A stream that runs bodies only when asked.
  class LateStream : public Stream {
   public:
    explicit LateStream(const Tags& tags) : Stream(tags, true) {}
    Event record() override { return {}; }
    void wait(const Event&) override {}
    void synchronize() override {
      for (const auto& body : bodies_) body();
      bodies_.clear();
    }

   private:
    void do_submit(OpInfo&&, std::function<void()> body) override {
      bodies_.push_back(std::move(body));
    }
    std::vector<std::function<void()>> bodies_;
  };
  const Tags tags;
  LateStream stream(tags);
  std::vector<float> values = {1, 2, 3};
  const Tensor x(device, {3});
  math.upload(x, values, stream);
  values.assign(3, -1);
  CHECK(math.to_host(x, stream) == std::vector<float>{1, 2, 3});
}

TEST_CASE("bf16 rounds to nearest, ties to even") {
  struct Row {
    float in, out;
  };
  const float infinity = std::numeric_limits<float>::infinity();
  // Neighbours of 1 in bf16 are 1 - 1/256 and 1 + 1/128.
  const Row rows[] = {{0.0f, 0.0f},
                      {-1.5f, -1.5f},
                      {1.00390625f, 1.0f},        // halfway: to the even 1
                      {1.00390637f, 1.0078125f},  // just above halfway
                      {1.01171875f, 1.015625f},   // halfway: to the even 1 + 2/128
                      {-1.01171875f, -1.015625f},
                      {3.3961775e38f, infinity},       // halfway beyond the largest
                      {3.3895314e38f, 3.3895314e38f},  // the largest
                      {infinity, infinity},
                      {-infinity, -infinity}};
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(from_bf16(to_bf16(row.in)) == row.out);
  }
  CHECK(std::signbit(from_bf16(to_bf16(-0.0f))));
  CHECK(std::isnan(from_bf16(to_bf16(std::numeric_limits<float>::quiet_NaN()))));
  CHECK(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7fffffffu)))));
  CHECK(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7f800001u)))));
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {  // every bf16 is its own rounding
    const float value = from_bf16(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value)) REQUIRE(to_bf16(value) == bits);
  }
}

TEST_CASE("upload rounds floats into a bf16 tensor, to_host widens") {
  MathFixture f;
  const Numbers numbers = random_numbers(1001, 2);
  const Tensor half = f.fresh({1001}, DType::bf16);
  f.math.upload(half, std::vector<float>(numbers.begin(), numbers.end()), f.stream);
  CHECK(f.last_op().bytes == 2 * 1001);
  const Numbers back = f.host(half);
  CHECK(worst(back, numbers, 0x1p-8) <= 1);  // half a unit of 8 bits of precision
  CHECK(back != numbers);
}

TEST_CASE("a device without numbers takes uploads and refuses to_host") {
  ImmediateDevice device(false);
  CpuKernels kernels;
  Math math(kernels);
  const auto stream = device.make_stream("compute");
  const Tensor x(device, {2, 3}), nothing(device, {0, 3});
  math.upload(x, std::vector<float>(6), *stream);
  REQUIRE(device.log().size() == 1);
  CHECK(device.log()[0].bytes == 24);
  CHECK(message_of([&] { math.to_host(x, *stream); }) ==
        "to_host: the modelled device has no numbers; ask device.has_numbers() first");
  CHECK(math.to_host(nothing, *stream).empty());
}

}  // namespace shardpipe
