// lab: one verb for each thing a person wants. ./lab at the top of the checkout builds and starts
// it.
#include <algorithm>
#include <functional>
#include <iostream>

#include "core/base/error.h"
#include "core/base/terminal.h"
#include "labs/answers.h"
#include "labs/cli/program.h"
#include "labs/cli/verbs.h"
#include "labs/lab.h"

namespace shardpipe {
namespace {

struct Verb {
  const char* name;
  const char* help;
  std::function<int(const Arguments&)> run;  // nullptr: of the learner's loop, another program
};

int help(const Arguments&);

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"demo", "train a small language model with tensor parallelism, naive and paired", verb_demo},
      {"test", "build and run all tests (./lab test)",
       [](const Arguments&) -> int {
         usage_error("tests are run by the script: type ./lab test");
       }},
      {"doctor", "what this machine has and which backends run here", verb_doctor},
      {"start", "an exercise, as a file of yours: lab start EXERCISE", nullptr},
      {"next", "the first exercise that is not solved", nullptr},
      {"status", "every exercise, and how far you are", nullptr},
      {"check", "compile and grade your file", nullptr},
      {"grade", "the same as check", nullptr},
      {"watch", "check at every save", nullptr},
      {"diff", "your answer beside ours: calls, figures, traces", nullptr},
      {"quiz", "questions of a day: lab quiz day02", nullptr},
      {"predict", "asks for the numbers of a predict exercise", nullptr},
      {"hint", "the next hint", nullptr},
      {"why", "one mistake explained: lab why CODE", nullptr},
      {"reset", "put the untouched file of an exercise back", nullptr},
      {"reveal", "our solution, and why it is so", nullptr},
      {"plant", "what a bug does to a run: lab plant NAME -- run LAB ...", nullptr},
      {"list", "the labs and their toggles", verb_list},
      {"run", "run one lab: lab run LAB [toggles]", verb_run},
      {"compare", "one lab two ways: lab compare LAB --a \"...\" --b \"...\"", verb_compare},
      {"schedule", "a pipeline schedule: order, picture, bubble, memory: lab schedule 1f1b",
       verb_schedule},
      {"bench", "what is measured over a sweep: lab bench collectives", verb_bench},
      {"trace", "figures of trace files: lab trace stats FILE...", verb_trace},
      {"view", "a trace as a timeline, in a picture: lab view FILE --screenshot out.png",
       verb_view},
      {"report", "traces as one HTML page: lab report FILE... --out report.html", verb_report},
      {"dev", "for those who write exercises: lab dev verify", nullptr},
      {"help", "this list", help},
  };
  return all;
}

int help(const Arguments&) {
  std::cout << "usage: ./lab VERB ...   (every verb has --help)\n\n";
  for (const Verb& v : verbs()) print("  %-8s  %s\n", v.name, v.help);
  std::cout << "\nexit codes:\n";
  for (const auto& [code, words] : kExitCodes) print("  %d  %s\n", static_cast<int>(code), words);
  return 0;
}

[[noreturn]] void learn(const Arguments& words) {
  become(find_program("learner's loop", "lab-learn"), words);
}

int run(const Arguments& words) {
  if (words.empty() || !answers_in(words).empty()) learn(words);
  const std::string name = words[0] == "--help" || words[0] == "-h" ? "help" : words[0];
  for (const Verb& v : verbs())
    if (name == v.name) {
      if (!v.run) learn(words);
      return v.run({words.begin() + 1, words.end()});
    }
  std::string names;
  for (const Verb& v : verbs()) names += (names.empty() ? "" : ", ") + std::string(v.name);
  usage_error(text("there is no verb '", name, "' (verbs: ", names, ")"));
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) { return shardpipe::run_program(argc, argv, shardpipe::run); }
