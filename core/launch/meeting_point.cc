#include "core/launch/meeting_point.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace shardpipe {
namespace {

constexpr long kMostPort = 65535;

// The port of "...tcp4://127.0.0.1:33445"; 0: it is another kind of address.
long tcp4_port(const std::string& address) {
  const std::size_t scheme = address.find("tcp4://"), colon = address.rfind(':');
  if (scheme == std::string::npos || colon == std::string::npos) return 0;
  const long port = std::strtol(address.c_str() + colon + 1, nullptr, 10);
  return port > 0 && port <= kMostPort ? port : 0;
}

// Whether somebody of this host listens at the port. /proc/net/tcp has a line for each socket:
// "0: 0100007F:82A5 00000000:0000 0A ...", its own address and its state, 0A of those that listen.
bool is_listened_to(long port) {
  std::ifstream sockets("/proc/net/tcp");  // no InputFile: the kernel's
  std::string line;
  if (!std::getline(sockets, line)) return true;  // not Linux
  while (std::getline(sockets, line)) {
    std::istringstream fields(line);
    std::string number, own, other, state;
    fields >> number >> own >> other >> state;
    const std::size_t colon = own.find(':');
    if (state == "0A" && colon != std::string::npos &&
        std::strtol(own.c_str() + colon + 1, nullptr, 16) == port)
      return true;
  }
  return false;
}

}  // namespace

// Each version of PMIx adds a variable of its own: PMIX_SERVER_URI, PMIX_SERVER_URI2, ...
bool pmix_server_is_there() {
  constexpr const char* kPrefix = "PMIX_SERVER_URI";
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::strncmp(*variable, kPrefix, std::strlen(kPrefix)) != 0) continue;
    const long port = tcp4_port(*variable);
    if (port == 0 || is_listened_to(port)) return true;
  }
  return false;
}

bool pmi_server_is_there() {
  if (std::getenv("PMI_PORT") != nullptr || std::getenv("PMI_CONTROL_PORT") != nullptr) return true;
  const char* set = std::getenv("PMI_FD");
  struct stat descriptor = {};
  return set != nullptr && fstat(std::atoi(set), &descriptor) == 0 && S_ISSOCK(descriptor.st_mode);
}

}  // namespace shardpipe
