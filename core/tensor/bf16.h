// bf16: the upper half of an f32, so the same range with 8 bits of precision.
#pragma once

#include <bit>
#include <cstdint>

namespace shardpipe {

// Rounds to nearest, ties to even. NaN stays NaN: rounding could carry it over to infinity.
inline std::uint16_t to_bf16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

inline float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace shardpipe
