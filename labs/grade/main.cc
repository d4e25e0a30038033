// lab-grade: the process that runs a learner's code. It is started for one grading, with limits,
// and writes its report to descriptor 3; what the code prints is shown by who started it.
//   lab-grade ID ANSWER.so KNOWN.so SEED
// lab-grade generates sources, too, for the build:
//   lab-grade known ID OUT.cc
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>

#include "labs/grade/grade.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/guard.h"
#include "labs/grade/regions.h"

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
  const std::string solution = read_text(exercise.solution_file());
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

int grade_one(const std::string& id, const std::string& answer_file, const std::string& known_file,
              const std::string& seed) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const AnswerLibrary known(known_file), mine(answer_file);
  watch_for_faults(kReportDescriptor, answer_file);
  write_all(to_json(grade(exercise, graded_exercise(id), mine, known, std::stoull(seed))) + "\n");
  std::fflush(nullptr);
  _exit(0);  // what the answer registered to run at the end is not run
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "known") return write_known(words[1], words[2]);
  if (words.size() == 4) return grade_one(words[0], words[1], words[2], words[3]);
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
