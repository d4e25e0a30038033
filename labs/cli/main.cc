// lab: one verb for each thing a person wants. ./lab at the top of the checkout builds and starts
// it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <new>
#include <thread>

#include "core/base/error.h"
#include "core/launch/processes.h"
#include "labs/cli/verbs.h"
#include "labs/lab.h"
#include "labs/learn/mine.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

struct Verb {
  const char* name;
  const char* help;
  std::function<int(const Arguments&)> run;
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
      {"start", "an exercise, as a file of yours: lab start EXERCISE", verb_start},
      {"next", "the first exercise that is not solved", verb_next},
      {"status", "every exercise, and how far you are", verb_status},
      {"check", "compile and grade your file", verb_check},
      {"grade", "the same as check", verb_check},
      {"watch", "check at every save", verb_watch},
      {"diff", "your answer beside ours: calls, figures, traces", verb_diff},
      {"quiz", "questions of a day: lab quiz day02", verb_quiz},
      {"predict", "asks for the numbers of a predict exercise", verb_predict},
      {"hint", "the next hint", verb_hint},
      {"why", "one mistake explained: lab why CODE", verb_why},
      {"reset", "put the untouched file of an exercise back", verb_reset},
      {"reveal", "our solution, and why it is so", verb_reveal},
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
      {"dev", "for those who write exercises: lab dev verify", verb_dev},
      {"help", "this list", help},
  };
  return all;
}

int help(const Arguments&) {
  std::cout << "usage: ./lab VERB ...   (every verb has --help)\n\n";
  for (const Verb& v : verbs()) std::printf("  %-8s  %s\n", v.name, v.help);
  std::cout << "\nexit codes:\n";
  for (const auto& [code, words] : kExitCodes)
    std::printf("  %d  %s\n", static_cast<int>(code), words);
  return 0;
}

int run(const Arguments& words) {
  if (words.empty()) return verb_welcome();
  if (const auto code = run_with_answers(words)) return *code;
  const std::string name = words[0] == "--help" || words[0] == "-h" ? "help" : words[0];
  for (const Verb& v : verbs())
    if (name == v.name) return v.run({words.begin() + 1, words.end()});
  std::string names;
  for (const Verb& v : verbs()) names += (names.empty() ? "" : ", ") + std::string(v.name);
  usage_error(text("there is no verb '", name, "' (verbs: ", names, ")"));
}

// Under mpirun all processes compute the same answer; the first one gives it.
void leave_answers_to_first(const Processes& processes) {
  if (!processes.first() && std::freopen("/dev/null", "w", stdout) == nullptr)
    std::exit(static_cast<int>(ExitCode::fault));
}

// Bad input is the same on all processes and is said once, by the first one. mpirun ends all when
// one has failed, so the others give it time to speak.
void say(const Error& e, const Processes& processes) {
  if (is_about_input(e.code()) && !processes.first())
    std::this_thread::sleep_for(std::chrono::seconds(1));
  else
    std::cerr << "lab: " << e.what() << "\n";
}

}  // namespace

bool colour_wanted() { return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

bool wants_help(const Arguments& a) {
  return std::any_of(a.begin(), a.end(), [](auto& w) { return w == "--help" || w == "-h"; });
}

}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  const Processes processes = started_processes();
  try {
    leave_answers_to_first(processes);
    return run({argv + 1, argv + argc});
  } catch (const Error& e) {
    std::cout.flush();
    say(e, processes);
    return static_cast<int>(e.code());
  } catch (const std::bad_alloc&) {
    std::cout.flush();
    std::cerr << "lab: out of memory\n";
    return static_cast<int>(ExitCode::crash);
  } catch (const std::exception& e) {
    std::cout.flush();
    std::cerr << "lab: a fault of the kit: " << e.what() << "\n";
    return static_cast<int>(ExitCode::fault);
  }
}
