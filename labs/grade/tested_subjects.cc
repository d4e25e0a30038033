#include "labs/grade/tested_subjects.h"

#include <algorithm>

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
  explicit Trying(std::string noun) : noun_(std::move(noun)) {}

  Trial run(const std::vector<Subject>& subjects) {
    for (const Subject& subject : subjects)
      if (subject.is_right) show_right(subject);
    int wrong = 0, killed = 0;
    for (const Subject& subject : subjects) {
      if (subject.is_right) continue;
      ++wrong;
      killed += kills(subject) ? 1 : 0;
    }
    trial_.earned = static_cast<double>(killed) / wrong;
    trial_.kills_nothing = !has_objected_;
    return std::move(trial_);
  }

 private:
  Said ask(const Subject& subject, const SubjectOfSize& size);
  void show_right(const Subject& subject);
  bool kills(const Subject& subject);
  void missed(const Subject& subject, const SubjectOfSize& size, const Said& said);

  std::string noun_;
  bool has_objected_ = false;
  Trial trial_;
};

Said Trying::ask(const Subject& subject, const SubjectOfSize& size) {
  ++trial_.checks;
  Said said;
  const Guarded guarded("checker", text(subject.what, ", ", size.words), -1);
  try {
    said.words = size.ask();
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

void Trying::show_right(const Subject& subject) {
  bool is_told = false;
  for (const SubjectOfSize& size : subject.sizes) {
    const Said said = ask(subject, size);
    if (said.verdict == Verdict::right || is_told) continue;
    is_told = true;
    trial_.findings.push_back({Dimension::correctness,
                               text("a false alarm: a right ", noun_, ", ", subject.what,
                                    said.verdict == Verdict::wrong ? ", is called wrong: \""
                                                                   : ", makes the test throw: \"",
                                    said.words, "\" (", size.words, ")"),
                               size.picture ? size.picture() : std::vector<std::string>{}});
  }
}

bool Trying::kills(const Subject& subject) {
  bool in_all = true;
  for (const SubjectOfSize& size : subject.sizes) {
    const Said said = ask(subject, size);
    if (said.verdict == Verdict::wrong) continue;
    if (in_all) missed(subject, size, said);
    in_all = false;
  }
  return in_all;
}

// What is missed costs its share and no more, so it is no finding of correctness.
void Trying::missed(const Subject& subject, const SubjectOfSize& size, const Said& said) {
  const Finding fault = size.fault();
  trial_.findings.push_back(
      {Dimension::schedule,
       said.verdict == Verdict::none
           ? text("the test throws on ", subject.what, ": ", said.words, " (", size.words, ")")
           : text("nothing found in ", subject.what, ": ", fault.said),
       fault.picture});
}

}  // namespace

Trial try_test(const std::string& noun, const std::vector<Subject>& subjects) {
  return Trying(noun).run(subjects);
}

}  // namespace shardpipe
