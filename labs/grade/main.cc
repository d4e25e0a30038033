// lab-grade: the process that runs a learner's code. It is started for one grading, with limits,
// and writes its report to descriptor 3; what the code prints is shown by who started it.
//   lab-grade ID ANSWER.so KNOWN.so SEED [ENTRY...]
// Without entries: shardpipe_answer. One line of JSON each.
// lab-grade generates sources, too, for the build:
//   lab-grade known ID OUT.cc
// remembers what known wrong answers do, in known_ID.signatures:
//   lab-grade signatures ID KNOWN.so
// and shows an answer beside the solution:
//   lab-grade beside ID ANSWER.so KNOWN.so PREFIX_OF_TRACES
// and confirms one on another backend; of mpi, mpirun starts one process a rank, and each adds its
// report to a file, for all cases of as many ranks:
//   lab-grade sizes ID                             numbers of ranks of its cases
//   lab-grade confirm ID ANSWER.so SEED cuda
//   lab-grade confirm ID ANSWER.so SEED mpi RANKS REPORT
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "core/base/input_file.h"
#include "core/base/output_file.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "labs/grade/confirm.h"
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

// A file that is as it should be is left alone, so that nothing is compiled again.
int write_known(const std::string& id, const std::string& out_file) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const std::string solution = read_file(exercise.solution_file());
  std::map<std::string, std::string> variants;
  for (const WrongAnswer& wrong : exercise.wrong)
    variants[wrong.name] =
        with_bodies(solution, exercise.solution_file(), {{wrong.region, wrong.body}});
  const std::string source = known_source(solution, variants);
  if (is_there(out_file) && read_file(out_file) == source) return 0;
  OutputFile out(out_file);
  out.write(source);
  out.commit();
  return 0;
}

// In a process of its own, where no learner's code can have changed anything.
int remember_signatures(const std::string& id, const std::string& known_file) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const AnswerLibrary known(known_file);
  const std::string grader = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string key = signatures_key(known_file, grader);
  OutputFile out(signatures_file(known_file));
  out.write(text_of(Grading(exercise, graded_exercise(id), known).signatures(), key));
  out.commit();
  std::fflush(nullptr);
  _exit(0);
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
  if (cases.empty()) return static_cast<int>(ExitCode::absent);  // it runs on no device
  for (const std::string& line : side_by_side(cases[0], ours[0], prefix).lines)
    write_all(printable(line) + "\n");
  std::fflush(nullptr);
  _exit(0);
}

int say_sizes(const std::string& id) {
  const auto unwritten = [](void*) {};  // the cases are made and not run
  for (const int ranks : sizes_of(graded_exercise(id).cases(unwritten, kSignatureSeed)))
    write_all(text(ranks, "\n"));
  return 0;
}

// Processes of mpirun have no descriptor but the three usual ones.
void report_to(const std::string& file) {
  // no OutputFile: several processes add a line each to what the checking one has made
  const int to = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0666);
  if (to < 0 || (to != kReportDescriptor && dup2(to, kReportDescriptor) < 0))
    fail(ExitCode::fault, text(file, ": cannot be opened"));
}

int confirm(const std::vector<std::string>& words) {
  const std::string &id = words[1], &answer_file = words[2], &device = words[4];
  const int ranks = words.size() == 7 ? std::stoi(words[5]) : 0;
  if (ranks > 0) report_to(words[6]);
  const AnswerLibrary mine(answer_file);
  watch_for_faults(kReportDescriptor, answer_file, "shardpipe_answer");
  std::vector<DeviceCase> cases =
      graded_exercise(id).cases(mine.entry("shardpipe_answer"), std::stoull(words[3]));
  if (ranks > 0) std::erase_if(cases, [&](auto& c) { return c.grid.ranks() != ranks; });
  write_all(to_json(confirm_on(device, cases)) + "\n");
  return 0;  // MPI has to be ended
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "known") return write_known(words[1], words[2]);
  if (words.size() == 3 && words[0] == "signatures") return remember_signatures(words[1], words[2]);
  if (words.size() == 5 && words[0] == "beside")
    return show_beside(words[1], words[2], words[3], words[4]);
  if (words.size() == 2 && words[0] == "sizes") return say_sizes(words[1]);
  if ((words.size() == 5 || words.size() == 7) && words[0] == "confirm") return confirm(words);
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
    say_error_as("lab-grade", e.what(), e.code());
    return static_cast<int>(e.code());
  } catch (const std::exception& e) {
    say_error_as("lab-grade", text("a fault of the kit: ", e.what()), ExitCode::fault);
    return static_cast<int>(ExitCode::fault);
  }
}
