// The numbers that answers are tried on. Two probes make a wrong sum readable: under `who` rank r
// brings 8^r everywhere, so the octal digits of a result say how often each rank is in it; under
// `where` number i is i + 1 on every rank, so a result says where it came from. Integers are
// exact in any order of summing; reals are compared within a bound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace shardpipe {

enum class Data { who, where, integers, reals };

const char* words_of(Data data);
constexpr bool is_exact(Data data) { return data != Data::reals; }

// Number `index` of the tensor that rank `rank` brings.
double number_of(Data data, std::uint64_t seed, int rank, Index index);
std::vector<float> numbers_of(Data data, std::uint64_t seed, int rank, Index count);

// What sums under `who` are made of: octal digit i counts terms[i]. One that is not wanted is named
// only where it is in.
struct Term {
  std::string name = {};
  bool wanted = true;
};

// "made of rank 0 once, rank 2 twice; missing: rank 1": what a sum under `who` says of itself; ""
// if it is no such sum.
std::string terms_in(double sum, const std::vector<Term>& terms);

// The same of n ranks.
enum class Missing { is_said, is_fine };
std::string ranks_in(double sum, int ranks, Missing missing = Missing::is_said);

}  // namespace shardpipe
