// Variables of a launcher that outlive it: whether its server still listens.
#include "core/launch/meeting_point.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// On a port of this host that the system chooses, as long as it lives.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(socket_, any, size) == 0);
    REQUIRE(listen(socket_, 1) == 0);
    REQUIRE(getsockname(socket_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int port() const { return port_; }

 private:
  int socket_ = -1, port_ = 0;
};

bool is_there(const std::string& address) {
  constexpr const char* kVariable = "PMIX_SERVER_URI_of_a_test";
  setenv(kVariable, address.c_str(), 1);
  const bool there = pmix_server_is_there();
  unsetenv(kVariable);
  return there;
}

}  // namespace

TEST_CASE("a server of PMIx is there as long as somebody listens at its port") {
  if (pmix_server_is_there()) return;  // this test runs under a launcher
  std::string address;
  {
    const Listener server;
    address = text("pmix-server.1;tcp4://127.0.0.1:", server.port());
    CHECK(is_there(address));
  }
  CHECK_FALSE(is_there(address));
  CHECK_FALSE(pmix_server_is_there());  // no variable
}

TEST_CASE("a server whose address tells no port is taken to be there") {
  for (const char* address : {"", "pmix-server.1;tcp6://[::1]:1", "tcp4://127.0.0.1:0",
                              "tcp4://127.0.0.1:65536", "tcp4://127.0.0.1:none"}) {
    INFO(address);
    CHECK(is_there(address));
  }
}

}  // namespace shardpipe
