// Verdict: whether ranks computed what one rank computes. What a rank holds is compared where it
// lies, without communication: its part of every tensor, copies and replicas too, and every loss.
//
// What is one number (core/model/error_bound.h): the losses of the first steps up to one, and of
// all tensors that share a scale the number that is furthest off. Tensors share a scale if they are
// parts of one fused parameter: the gradient of a key bias is zero but for rounding, and is
// measured by those of query and value.
#pragma once

#include "core/model/error_bound.h"
#include "core/model/host_tensors.h"
#include "labs/lab.h"

namespace shardpipe {

// A rank's part of some tensors.
struct RankPart {
  std::string scale = {};          // those of the same name share one
  std::vector<Piece> pieces = {};  // which part of which tensors the values are
  Shape local = {};
  std::vector<float> values = {};  // [local]
  bool copy = false;               // of a weight that is counted elsewhere
};

// Gradients where they lie; they must be complete.
std::vector<RankPart> parts_of_gradients(RankContext& ctx,
                                         const std::vector<Parameter*>& parameters);
// A tensor that this rank has whole, of numbers or of integers below 2^24.
RankPart whole_part(const std::string& name, const Tensor& tensor, RankContext& ctx);

// What a rank gives to compare.
struct RankOutcome {
  std::vector<RankPart> tensors = {};
  std::vector<double> losses = {};  // of the first kJudgedSteps
};

// How far a number is from one rank's: a ComparedResult without words.
struct Deviation {
  double difference = 0, bound = 0, scale = 0;
  int where = -1;  // which tensor, in order of name; which step; -1: none
};

// How far a rank is from one rank's results.
struct RankComparison {
  bool bitwise = true;
  Deviation tensors = {}, losses = {};  // those closest to their bound
  Index counted = 0;                    // numbers that this rank counts
  bool diverged = false;                // a loss is not a number, on one rank neither
};

// What one rank computes, and how far off others may be.
class OneRankResult {
 public:
  // Nothing may differ from it, bit for bit, until it is widened.
  explicit OneRankResult(const RankOutcome& plain);
  // By how far it moved when its weights were shaken: kShakes times.
  void widen(const RankOutcome& shaken);

  // Every number that a rank has. Not a number is infinitely far off.
  RankComparison compare(const RankOutcome& got) const;

  Index numbers() const { return numbers_; }
  std::vector<std::string> names() const;
  std::size_t losses() const { return losses_.size(); }
  std::vector<double> loss_bounds() const;  // absolute, by step

 private:
  struct Scale {
    double largest = 0;  // magnitude
    double moved = 0;    // the furthest, when the weights were shaken
  };
  double bound_of(double moved, double magnitude, double margin) const;
  void compare(const RankPart& part, RankComparison& comparison) const;

  HostTensors tensors_;
  std::map<std::string, std::string> scale_of_;  // a tensor
  std::map<std::string, Scale> scales_;
  Index numbers_ = 0;
  std::vector<double> losses_, losses_moved_;  // as far as any loss up to this step
  bool exact_ = true;
};

// Of all ranks, in any order.
Check check_of(const OneRankResult& one, const std::vector<RankComparison>& ranks,
               const std::string& against);

}  // namespace shardpipe
