// Where the learner's things lie: below the checkout, ignored by git.
//   mine/<id>.cc           their answers
//   .lab/progress.jsonl    what was checked, one line each (progress.h)
//   .lab/backup/           files that reset replaced
#pragma once

#include <string>

namespace shardpipe {

std::string state_folder();                  // <root>/.lab, made if it is missing
std::string build_folder();                  // of this program
std::string shown(const std::string& file);  // below the root: "mine/x.cc", else as it is

// What replaces a file is on the disk before the old one goes. Usage error if it cannot be written.
void write_file(const std::string& file, const std::string& content);
// A file that is as it should be keeps its time, so that nothing is compiled again.
void write_if_other(const std::string& file, const std::string& content);

}  // namespace shardpipe
