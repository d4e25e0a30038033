// How day06_test_1f1b is graded: the answer judges schedules of which it is known what they are.
#include "exercises/day06_schedules/day06_test_1f1b.h"

#include "core/schedule/text.h"
#include "labs/grade/day06/known_schedules.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/guard.h"
#include "labs/grade/schedule_picture.h"

namespace shardpipe {
namespace {

enum class Verdict { right, wrong, none };  // none: it did not come to one

struct Said {
  Verdict verdict = Verdict::none;
  std::string words = {};
};

class Trying {
 public:
  Trying(const OneFOneBTestAnswer& answer, std::uint64_t seed) : answer_(answer) {
    // Wrong schedules of few micro-batches may do what right ones do.
    sizes_ = {{3, 7}, {4, 8}, seeded_size(seed)};
    sizes_of_right_ = sizes_;
    sizes_of_right_.insert(sizes_of_right_.end(), {{4, 2}, {1, 3}});
  }

  Trial run() {
    for (const KnownSchedule& known : known_schedules())
      if (known.is_right) show_right(known);
    int wrong = 0, killed = 0;
    for (const KnownSchedule& known : known_schedules()) {
      if (known.is_right) continue;
      ++wrong;
      killed += kills(known) ? 1 : 0;
    }
    trial_.earned = static_cast<double>(killed) / wrong;
    trial_.kills_nothing = !has_objected_;
    return std::move(trial_);
  }

 private:
  Said ask(const KnownSchedule& known, PipelineSize size);
  void show_right(const KnownSchedule& known);
  bool kills(const KnownSchedule& known);
  void missed(const KnownSchedule& known, PipelineSize size, const Said& said);

  const OneFOneBTestAnswer& answer_;
  std::vector<PipelineSize> sizes_, sizes_of_right_;
  bool has_objected_ = false;
  Trial trial_;
};

// A throw is no verdict: a test that breaks on a wrong schedule might break on a right one.
Said Trying::ask(const KnownSchedule& known, PipelineSize size) {
  ++trial_.checks;
  Said said;
  const Schedule schedule = known.build(size.ranks, size.microbatches);
  const Guarded guarded("checker", text(known.what, ", ", size.words()), -1);
  try {
    said.words = answer_.what_is_wrong(schedule, size.ranks, size.microbatches);
    said.verdict = said.words.empty() ? Verdict::right : Verdict::wrong;
  } catch (const Error& e) {
    trial_.not_written = trial_.not_written || e.code() == ExitCode::not_written;
    said.words = lines_of(e.what())[0];
  } catch (const std::exception& e) {
    said.words = e.what();
  }
  has_objected_ = has_objected_ || said.verdict != Verdict::right;
  trial_.signature += ".x!"[static_cast<int>(said.verdict)];
  return said;
}

void Trying::show_right(const KnownSchedule& known) {
  bool is_told = false;
  for (const PipelineSize size : sizes_of_right_) {
    const Said said = ask(known, size);
    if (said.verdict == Verdict::right || is_told) continue;
    is_told = true;
    const Schedule right = known.build(size.ranks, size.microbatches);
    trial_.findings.push_back({Dimension::correctness,
                               text("a false alarm: a right schedule, ", known.what,
                                    said.verdict == Verdict::wrong ? ", is called wrong: \""
                                                                   : ", makes the test throw: \"",
                                    said.words, "\" (", size.words(), ")"),
                               lines_of(draw_grid(right, simulate(right, {}), {.columns = 88}))});
  }
}

// In every size: a test that knows one size by heart has not understood what is wrong.
bool Trying::kills(const KnownSchedule& known) {
  bool in_all = true;
  for (const PipelineSize size : sizes_) {
    const Said said = ask(known, size);
    if (said.verdict == Verdict::wrong) continue;
    if (in_all) missed(known, size, said);
    in_all = false;
  }
  return in_all;
}

// What is missed costs its share (Trial::earned) and no more, so it is no finding of correctness.
void Trying::missed(const KnownSchedule& known, PipelineSize size, const Said& said) {
  const Trial truth = judge_1f1b(known.build(size.ranks, size.microbatches), size);
  const Finding& fault = truth.findings.at(0);
  trial_.findings.push_back(
      {Dimension::schedule,
       said.verdict == Verdict::none
           ? text("the test throws on ", known.what, ": ", said.words, " (", size.words(), ")")
           : text("nothing found in ", known.what, ": ", fault.said),
       fault.picture});
}

Trial try_answer(const OneFOneBTestAnswer& answer, std::uint64_t seed) {
  return Trying(answer, seed).run();
}

}  // namespace

std::unique_ptr<Graded> graded_test_1f1b() {
  return make_graded(try_answer, &OneFOneBTestAnswer::what_is_wrong);
}

}  // namespace shardpipe
