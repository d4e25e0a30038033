// Graded: how one exercise is tried. One subclass a kind of answer; graded_exercises.h lists all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "labs/grade/device_cases.h"

namespace shardpipe {

// The exported function of a library of answers: fills in the struct of its exercise.
using Entry = void (*)(void* answer);

// The inputs on which answers are compared with known wrong ones, so that what those do need not be
// computed again for every check.
inline constexpr std::uint64_t kSignatureSeed = 1;

class Graded {
 public:
  virtual ~Graded() = default;
  virtual int regions() const = 0;
  // Region `region` is that of `mine`, the others are the reference's: each is graded alone.
  virtual Trial try_out(int region, Entry mine, Entry reference, std::uint64_t seed) const = 0;
  // Of device programs, all of `mine`; empty for other kinds.
  virtual std::vector<DeviceCase> cases(Entry /*mine*/, std::uint64_t /*seed*/) const { return {}; }
};

// Of an exercise whose answer is a struct of function pointers, a member a region. `trying` runs a
// complete answer on the inputs of a seed.
template <class Answer, class... Members>
class GradedAnswer : public Graded {
 public:
  using Trying = std::function<Trial(const Answer&, std::uint64_t seed)>;
  GradedAnswer(Trying trying, Members Answer::*... regions)
      : trying_(std::move(trying)), members_(regions...) {}

  int regions() const override { return sizeof...(Members); }
  Trial try_out(int region, Entry mine, Entry reference, std::uint64_t seed) const override {
    Answer answer, theirs;
    reference(&answer);
    mine(&theirs);
    take(region - 1, answer, theirs, std::index_sequence_for<Members...>());
    return trying_(answer, seed);
  }

 private:
  template <std::size_t... I>
  void take(int wanted, Answer& to, const Answer& from, std::index_sequence<I...>) const {
    const auto take_one = [&](int i, auto member) {
      if (i == wanted) to.*member = from.*member;
    };
    (take_one(static_cast<int>(I), std::get<I>(members_)), ...);
  }

  Trying trying_;
  std::tuple<Members Answer::*...> members_;
};

// The same of a device program.
template <class Answer, class... Members>
class GradedProgram : public GradedAnswer<Answer, Members...> {
 public:
  using MakeCases = std::vector<DeviceCase> (*)(const Answer&, std::uint64_t seed);
  GradedProgram(MakeCases make, Members Answer::*... regions)
      : GradedAnswer<Answer, Members...>(
            [make](const Answer& a, std::uint64_t seed) { return run_cases(make(a, seed)); },
            regions...),
        make_(make) {}

  std::vector<DeviceCase> cases(Entry mine, std::uint64_t seed) const override {
    Answer answer;
    mine(&answer);
    return make_(answer, seed);
  }

 private:
  MakeCases make_;
};

template <class Answer, class... Members>
std::unique_ptr<Graded> make_graded(std::vector<DeviceCase> (*cases)(const Answer&, std::uint64_t),
                                    Members Answer::*... regions) {
  return std::make_unique<GradedProgram<Answer, Members...>>(cases, regions...);
}

template <class Answer, class... Members>
std::unique_ptr<Graded> make_graded(Trial (*trying)(const Answer&, std::uint64_t seed),
                                    Members Answer::*... regions) {
  return std::make_unique<GradedAnswer<Answer, Members...>>(trying, regions...);
}

}  // namespace shardpipe
