// What lies in solutions/<day>/<id>: everything that is known of an exercise but how it is graded.
//   exercise.toml   title, points, hints, ...      solution.cc    the truth; stubs come from it
//   explain.md      why it is so                   wrong/CODE.inc one region with one known bug
#pragma once

#include <map>
#include <string>
#include <vector>

namespace shardpipe {

// implement and fix have a .cc file, and so has test: a test that is to tell right from wrong.
// predict has a .toml file of numbers.
enum class ExerciseKind { implement, fix, predict, test };

const char* name_of(ExerciseKind kind);

struct Points {
  int correctness = 0, communication = 0, schedule = 0, memory = 0;
  int sum() const { return correctness + communication + schedule + memory; }
};

// A known wrong answer. Its file: "// region 1, score 50", "// say: ..." and the body. The same
// mistake may have several, which do different things: CODE.inc, CODE.2.inc.
struct WrongAnswer {
  std::string code = {};
  std::string name = {};  // of the file, without .inc
  int region = 1;
  int score = 0;         // of the whole exercise, where the rest is right
  std::string say = {};  // one sentence to the learner
  std::string body = {};
};

struct ExerciseFile {
  std::string id = {}, folder = {};  // "day01_collectives/day01_reduce_scatter"
  int day = 0, order = 0;            // in its day
  std::string title = {}, chapter = {};
  std::string task = {};  // predict: what the questions are about; elsewhere it is in the solution
  ExerciseKind kind = ExerciseKind::implement;
  int minutes = 0;
  Points points = {};
  std::vector<int> shares = {};               // of the regions, per cent of every dimension
  std::vector<std::string> not_allowed = {};  // functions of the core that are the answer
  std::vector<std::string> planted = {};      // fix: by region, the code of its bug
  std::vector<std::string> hints = {};        // levels 1 to 4
  std::vector<std::string> labs = {};         // that run it: --technique mine
  std::vector<WrongAnswer> wrong = {};        // by code

  std::string solution_file() const { return folder + "/solution.cc"; }
  std::string stub_file() const;                                 // exercises/<day>/<id>.cc or .toml
  std::string answer_file() const;                               // mine/<id>.cc or .toml
  const WrongAnswer* find_wrong(const std::string& code) const;  // nullptr: none
};

// All of them, in the order of the course: read from <data root>/solutions. Error(fault), with the
// file and the key, for one that is not as it should be.
std::vector<ExerciseFile> all_exercises();
// By id, or by the id without its day where that is unique. Usage error: names those that are near.
ExerciseFile find_exercise(const std::vector<ExerciseFile>& all, const std::string& name);

// The numbers of a file of answers, those that are not "" (not answered). Usage error, with the
// place, for what is no number.
std::map<std::string, double> read_answers(const std::string& file);

// A text: an answer, a page, a table. Error(usage) if it cannot be read.
std::string read_file(const std::string& file);

}  // namespace shardpipe
