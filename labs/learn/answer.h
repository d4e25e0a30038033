// The learner's file, compiled. The build tool does it, with the flags that editors read from the
// compile database, under the build's lock; a file that is broken breaks nothing else.
#pragma once

#include <string>
#include <vector>

#include "labs/grade/exercise_file.h"

namespace shardpipe {

struct CompiledAnswer {
  std::string library = {};             // of the answer; "": it does not compile
  std::string known = {};               // of the solution and the known wrong answers
  std::string error = {};               // the first one, with its line in the learner's file
  std::vector<std::string> taken = {};  // functions of the core that are what there is to write
  int compiles = 0;                     // files that had to be compiled
  double seconds = 0;
};

// file: mine/<id>.cc, or another one, which is compiled as if it were that. Usage error if there is
// no file yet: it says what to type.
CompiledAnswer compile_answer(const ExerciseFile& exercise, const std::string& file);

std::string first_line_of(const std::string& error);  // of the compiler

// Of a line of nm -C, "0000 t shardpipe::f(int)::{lambda()#1}", "U dlsym@GLIBC_2.34": shardpipe::f,
// dlsym. "U vtable for shardpipe::Mlp": shardpipe::Mlp::Mlp, because only making one needs that,
// and of a constructor in a header nothing else may be left.
std::string function_in(const std::string& symbol);

struct Built {
  bool ok = false;
  std::string output = {};
};
Built build_targets(const std::vector<std::string>& targets);  // in ./lab's build, under its lock
std::string library_of(const std::string& target);             // the file

// What known wrong answers do is found out once for each build of them and of the grader, in a
// process of its own (labs/grade/signatures.h); where that fails a check finds it out itself.
void remember_signatures(const ExerciseFile& exercise);

// Builds what the first check would have to wait for.
void prepare(const ExerciseFile& exercise);

}  // namespace shardpipe
