// Math: numbers from and to the host. bf16 is rounded and widened here, so Kernels only move bytes.
#include <algorithm>
#include <cstring>
#include <memory>

#include "core/tensor/bf16.h"
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

void check_count(const Tensor& out, std::size_t values) {
  if (static_cast<Index>(values) != out.elements())
    fail(text("upload: ", values, " values for ", out.shape(), ", which has ", out.elements(),
              " elements"));
}

// True on the modelled device, where bytes have no address.
bool lacks_numbers(const View& view) { return view.data == nullptr && view.elements() > 0; }

// `values` as the elements of a tensor of type `dtype`.
std::vector<std::byte> encode(const std::vector<float>& values, DType dtype) {
  std::vector<std::byte> bytes(values.size() * static_cast<std::size_t>(size_of(dtype)));
  if (bytes.empty()) return bytes;
  if (dtype == DType::f32) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
  } else {
    auto* to = reinterpret_cast<std::uint16_t*>(bytes.data());
    std::transform(values.begin(), values.end(), to, to_bf16);
  }
  return bytes;
}

std::vector<float> decode(const std::vector<std::byte>& bytes, DType dtype) {
  std::vector<float> values(bytes.size() / static_cast<std::size_t>(size_of(dtype)));
  if (bytes.empty()) return values;
  if (dtype == DType::f32) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
  } else {
    const auto* from = reinterpret_cast<const std::uint16_t*>(bytes.data());
    std::transform(from, from + values.size(), values.begin(), from_bf16);
  }
  return values;
}

void submit_upload(Kernels& kernels, const Tensor& out, std::vector<std::byte> bytes, OnStream on) {
  OpBuilder op("upload", out.dtype());
  op.writes("out", out, out.shape());
  on.submit(op.info(0), [&kernels, &stream = on.stream, to = out.view(), host = std::move(bytes)] {
    kernels.upload(to, host.data(), stream);
  });
}

// The bytes of `in`, after all work submitted so far.
std::vector<std::byte> download(Kernels& kernels, const Tensor& in, OpBuilder op, OnStream on) {
  const View from = in.view();
  if (lacks_numbers(from))
    fail("to_host: the modelled device has no numbers; ask device.has_numbers() first");
  // Shared with the body: if synchronize throws, the body may still run after this frame is gone.
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(in.bytes()));
  on.submit(op.info(0), [&kernels, &stream = on.stream, bytes, from] {
    kernels.download(bytes->data(), from, stream);
  });
  on.stream.synchronize();
  return std::move(*bytes);
}

}  // namespace

void Math::upload(Tensor out, const std::vector<float>& values, OnStream on) {
  check_count(out, values.size());
  if (out.dtype() == DType::i32) fail("upload: floats do not go into an i32 tensor");
  const bool drop = lacks_numbers(out.view());
  submit_upload(kernels_, out, drop ? std::vector<std::byte>() : encode(values, out.dtype()), on);
}

void Math::upload(Tensor out, const std::vector<std::int32_t>& values, OnStream on) {
  check_count(out, values.size());
  if (out.dtype() != DType::i32)
    fail(text("upload: integers do not go into a ", name_of(out.dtype()), " tensor"));
  std::vector<std::byte> bytes;
  if (!lacks_numbers(out.view()) && !values.empty()) {
    bytes.resize(values.size() * sizeof(std::int32_t));
    std::memcpy(bytes.data(), values.data(), bytes.size());
  }
  submit_upload(kernels_, out, std::move(bytes), on);
}

std::vector<float> Math::to_host(Tensor in, OnStream on) {
  OpBuilder op("to_host", in);
  op.reads("in", in, in.shape());
  return decode(download(kernels_, in, std::move(op), on), in.dtype());
}

std::vector<std::int32_t> Math::to_host_integers(Tensor in, OnStream on) {
  OpBuilder op("to_host", DType::i32);
  op.reads("in", in, in.shape());
  const auto bytes = download(kernels_, in, std::move(op), on);
  std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace shardpipe
