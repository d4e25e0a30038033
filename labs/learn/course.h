// docs/course.md, the course on one page. What stands there between
//   <!-- course: days -->, <!-- course: exercises --> or <!-- course: mistakes -->
// and the next <!-- end --> is written from what there is: labs, their READMEs, exercises, quizzes
// and docs/mistakes.toml.
#pragma once

#include <string>

namespace shardpipe {

std::string course_file();  // docs/course.md

// The page with its tables as they should be. Error(fault): a marker that is not known or not
// closed, or something that a table points at and that is not there.
std::string made_course(const std::string& page);

}  // namespace shardpipe
