// A program of the kit that runs in front of this one, on the same terminal.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

// Waits for it. Its exit code; kInterrupted after Ctrl-C, which is for it and not for this one; 128
// + the number of another signal that ended it. SIGTERM and SIGHUP end it, too, and this one is
// left to tidy up; it does not outlive this one. more: variables added to its environment, "A=b".
int run_in_front(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& more = {});

// Somebody wanted this program to end, by SIGTERM or SIGHUP: nothing has failed.
bool was_told_to_end(int code);

// As exec wants them; the words must live as long.
std::vector<char*> pointers_to(std::vector<std::string>& words);

}  // namespace shardpipe
