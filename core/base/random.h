// Random numbers by counter: the value is a function of (seed, stream, index) and of nothing else.
// A rank that holds a shard of a weight computes exactly the numbers of its shard, so weights are
// the same for every tensor-parallel size. Mixer: splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
#pragma once

#include <cstdint>
#include <string_view>

namespace shardpipe {

// 64 well-mixed bits.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

// Uniform in [0, 1).
double random_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

// Mean 0, variance 1 (Box-Muller).
double random_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

// A stream number from a name (FNV-1a), for random_*(seed, stream_of("blocks.0.mlp.up"), i).
std::uint64_t stream_of(std::string_view name);

}  // namespace shardpipe
