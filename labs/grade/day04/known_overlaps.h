// The programs on which a test for overlap is tried: right ones, and five that people write.
#pragma once

#include "exercises/day04_communication/day04_test_overlap.h"
#include "labs/grade/day04/row_pieces.h"

namespace shardpipe {

struct OverlapSize {
  RowSize row = {};
  int pieces = 1;
  std::string words() const;  // "tp=3, T=10, 4 pieces"
};

// y [T,F], x [T,D/t], weight [F,D/t].
using OverlappedProgram = void (*)(const Tensor& y, const Tensor& x, const Tensor& weight,
                                   int pieces, RankContext& ctx);

struct KnownOverlap {
  const char* what = "";
  bool is_right = false;
  OverlappedProgram program = nullptr;
  const char* fault = "";  // what a test could have found
};

const std::vector<KnownOverlap>& known_overlaps();

// What the program does on the machine of the grader.
OverlapRun run_overlap(const KnownOverlap& known, const OverlapSize& size);

}  // namespace shardpipe
