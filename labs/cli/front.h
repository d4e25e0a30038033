// A program of the kit that runs in front of this one, on the same terminal.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

// Waits for it. Its exit code; kInterrupted after Ctrl-C, which is for it and not for this one; 128
// + the number of another signal that ended it. more: variables added to its environment, as "A=b".
int run_in_front(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& more = {});

// As exec wants them; the words must live as long.
std::vector<char*> pointers_to(std::vector<std::string>& words);

}  // namespace shardpipe
