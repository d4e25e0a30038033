// Mutations: a text of C++ with one statement left out, or one operator or number changed.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct Mutation {
  std::string name = {};           // "l7_left_out": the line, from 1 at `begin`, and what
  std::size_t begin = 0, end = 0;  // what of the text is replaced
  std::string by = {};
};

// Those of [begin, end), which is whole lines. Comments and preprocessor lines have none.
// Exercises: few, so that each of them can be judged.
std::vector<Mutation> mutations_of(const std::string& text, std::size_t begin, std::size_t end);
// And more, for sources of which a sample is drawn: both sides of bounds, and, or, not, arguments
// in the other order.
std::vector<Mutation> source_mutations_of(const std::string& text);

std::string with(const std::string& text, const Mutation& mutation);

}  // namespace shardpipe
