// The verbs of the learner's loop. Each returns its exit code; bad input throws Error(usage).
#pragma once

#include "labs/cli/verbs.h"

namespace shardpipe {

int verb_start(const Arguments& arguments);
int verb_next(const Arguments& arguments);
int verb_status(const Arguments& arguments);
int verb_check(const Arguments& arguments);
int verb_watch(const Arguments& arguments);
int verb_diff(const Arguments& arguments);
int verb_quiz(const Arguments& arguments);
int verb_predict(const Arguments& arguments);
int verb_hint(const Arguments& arguments);
int verb_why(const Arguments& arguments);
int verb_reset(const Arguments& arguments);
int verb_reveal(const Arguments& arguments);
int verb_plant(const Arguments& arguments);
int verb_dev(const Arguments& arguments);     // for those who write exercises
int verb_claims(const Arguments& arguments);  // dev claims

// "exercises  2 of 9 solved; now day01_all_gather: ./lab check", for ./lab alone.
std::string where_the_learner_is();

}  // namespace shardpipe
