// A thread, or a sentence why there is none.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace shardpipe {

// what: whose it is, "rank 3", "stream comm". Error(crash) of resources: no more are to be had.
std::thread start_thread(const std::string& what, std::function<void()> body);

}  // namespace shardpipe
