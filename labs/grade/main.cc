// lab-grade: the process that runs a learner's code. It is started for one grading, with limits,
// and writes its report to descriptor 3; what the code prints is shown by who started it.
//   lab-grade ID ANSWER.so KNOWN.so SEED [ENTRY...]
// Without entries: shardpipe_answer. One line of JSON each.
// lab-grade generates sources, too, for the build:
//   lab-grade known ID OUT.cc
// and shows an answer beside the solution:
//   lab-grade beside ID ANSWER.so KNOWN.so PREFIX_OF_TRACES
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>

#include "labs/grade/grade.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/guard.h"
#include "labs/grade/regions.h"
#include "labs/grade/side_by_side.h"

namespace shardpipe {
namespace {

constexpr int kReportDescriptor = 3;

void write_all(const std::string& words) {
  for (std::size_t done = 0; done < words.size();) {
    const ssize_t n = write(kReportDescriptor, words.data() + done, words.size() - done);
    if (n <= 0) fail(ExitCode::fault, "the report could not be written");
    done += static_cast<std::size_t>(n);
  }
}

int write_known(const std::string& id, const std::string& out_file) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const std::string solution = read_file(exercise.solution_file());
  std::map<std::string, std::string> variants;
  for (const WrongAnswer& wrong : exercise.wrong)
    variants[wrong.name] =
        with_bodies(solution, exercise.solution_file(), {{wrong.region, wrong.body}});
  std::ofstream out(out_file, std::ios::binary);
  out << known_source(solution, variants);
  out.close();
  if (!out) usage_error(text(out_file, ": cannot be written"));
  return 0;
}

int grade_entries(const std::vector<std::string>& words) {
  const std::string &id = words[0], &answer_file = words[1];
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const AnswerLibrary known(words[2]), mine(answer_file);
  std::vector<std::string> entries(words.begin() + 4, words.end());
  if (entries.empty()) entries = {"shardpipe_answer"};
  watch_for_faults(kReportDescriptor, answer_file, entries[0]);
  Grading grading(exercise, graded_exercise(id), known);
  for (const std::string& entry : entries)
    write_all(to_json(grading.grade(mine.entry(entry), std::stoull(words[3]))) + "\n");
  std::fflush(nullptr);
  _exit(0);  // what the answer registered to run at the end is not run
}

// Beside the solution; the lines go to the report's descriptor.
int show_beside(const std::string& id, const std::string& answer_file,
                const std::string& known_file, const std::string& prefix) {
  const AnswerLibrary known(known_file), mine(answer_file);
  watch_for_faults(kReportDescriptor, answer_file, "shardpipe_answer");
  const Graded& graded = graded_exercise(id);
  const auto cases = graded.cases(mine.entry("shardpipe_answer"), kSignatureSeed);
  const auto ours = graded.cases(known.entry(known_entry("solution")), kSignatureSeed);
  if (cases.empty()) usage_error(text(id, " runs on no device: there are no traces to compare"));
  for (const std::string& line : side_by_side(cases[0], ours[0], prefix).lines)
    write_all(line + "\n");
  std::fflush(nullptr);
  _exit(0);
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "known") return write_known(words[1], words[2]);
  if (words.size() == 5 && words[0] == "beside")
    return show_beside(words[1], words[2], words[3], words[4]);
  if (words.size() >= 4) return grade_entries(words);
  usage_error("lab-grade is started by ./lab check; type that");
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  try {
    return run({argv + 1, argv + argc});
  } catch (const Error& e) {
    std::fprintf(stderr, "lab-grade: %s\n", e.what());
    return static_cast<int>(e.code());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lab-grade: a fault of the kit: %s\n", e.what());
    return static_cast<int>(ExitCode::fault);
  }
}
