// lab-learn: the verbs of the learner's loop, and `./lab` alone. A program of its own, so that who
// only runs labs need not build it; lab becomes it.
#include <functional>
#include <iostream>
#include <map>

#include "core/base/error.h"
#include "labs/answers.h"
#include "labs/cli/program.h"
#include "labs/learn/mine.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

int welcome() {
  std::cout
      << "Shardpipe: how one model runs on many GPUs, in labs that also run on this machine.\n\n"
         "  ./lab demo                              see it: two minutes, a model trained three "
         "ways\n"
         "  ./lab list                              the labs\n"
         "  ./lab run tp-mlp --technique naive      run one, then again with --technique paired\n"
         "  ./lab start                             write it yourself: exercises that are graded\n"
         "  ./lab doctor                            what this machine can run\n"
         "  ./lab help                              all verbs\n\n"
      << where_the_learner_is() << "\n";
  return 0;
}

int run(const Arguments& words) {
  using Verb = int (*)(const Arguments&);
  static const std::map<std::string, Verb> verbs = {
      {"start", verb_start},   {"next", verb_next},   {"status", verb_status},
      {"check", verb_check},   {"grade", verb_check}, {"watch", verb_watch},
      {"diff", verb_diff},     {"quiz", verb_quiz},   {"predict", verb_predict},
      {"hint", verb_hint},     {"why", verb_why},     {"reset", verb_reset},
      {"reveal", verb_reveal}, {"plant", verb_plant}, {"dev", verb_dev},
  };
  if (words.empty()) return welcome();
  if (!answers_in(words).empty()) return run_with_answers(words);
  const auto verb = verbs.find(words[0]);
  if (verb == verbs.end()) usage_error(text("lab-learn is started by lab: ./lab ", words[0]));
  return verb->second({words.begin() + 1, words.end()});
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) { return shardpipe::run_program(argc, argv, shardpipe::run); }
