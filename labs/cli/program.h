// What the kit's programs lab and lab-learn have in common: how errors end them, and each other.
#pragma once

#include <string>
#include <vector>

#include "labs/cli/verbs.h"

namespace shardpipe {

// Runs `work` on the words after the program's name; its exit code. What it throws is said in one
// line.
int run_program(int argc, char** argv, int (*work)(const Arguments& words));

// A program beside this one. Error(absent), with what to type, where it is not built. needs: what
// to install where it cannot be.
std::string find_program(const char* what, const char* name, const char* needs = "");

// Ends this program and begins that one in its place.
[[noreturn]] void become(const std::string& program, const Arguments& words);

}  // namespace shardpipe
