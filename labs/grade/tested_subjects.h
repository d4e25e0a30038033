// A test that a learner writes, tried on subjects of which it is known whether they are right.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "labs/grade/trial.h"

namespace shardpipe {

// A subject in one size.
struct SubjectOfSize {
  std::string words = {};  // "3 ranks, 6 micro-batches"
  // What the test says of it: "" if it finds nothing. May throw.
  std::function<std::string()> ask = {};
  // Shown beside a false alarm; may be empty.
  std::function<std::vector<std::string>()> picture = {};
  // Of a wrong one: what a test could have found.
  std::function<Finding()> fault = {};
};

struct Subject {
  std::string what = {};  // "GPipe", "a 1F1B whose last backwards are missing"
  bool is_right = false;
  std::vector<SubjectOfSize> sizes = {};
};

// A wrong subject counts as found if it is in every size: a test that knows one size by heart has
// not understood what is wrong. Each one that is found earns the same part (Trial::earned); a false
// alarm is a finding of correctness and costs all. A test that throws has found nothing, since it
// might as well throw on right ones. noun: "schedule".
Trial try_test(const std::string& noun, const std::vector<Subject>& subjects);

}  // namespace shardpipe
