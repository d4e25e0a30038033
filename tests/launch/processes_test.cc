// Which of how many processes this is, from the environment that mpirun or srun makes, and whether
// the launcher that made it is there.
#include "core/launch/processes.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Processes with(const Variables& variables) {
  for (const char* name :
       {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMI_FD",
        "PMI_PORT", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "PMIX_SERVER_URI2"})
    unsetenv(name);
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  return started_processes();
}

// What listens as the server of a launcher does.
class Server {
 public:
  Server() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket_, 1) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void stop() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  std::pair<std::string, std::string> pmix() const {
    return {"PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:" + std::to_string(port_)};
  }
  std::pair<std::string, std::string> pmi() const { return {"PMI_FD", std::to_string(socket_)}; }

 private:
  int socket_, port_ = 0;
};

Variables operator+(Variables variables, const std::pair<std::string, std::string>& one) {
  variables.push_back(one);
  return variables;
}

const Variables kOpenMpi = {{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}};
const Variables kMpich = {{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}};
const Variables kSlurm = {{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}};

}  // namespace

TEST_CASE("started alone") {
  const Processes p = with({});
  CHECK(p.rank == 0);
  CHECK(p.size == 1);
  CHECK_FALSE(p.several());
  CHECK(p.first());
  CHECK(p.doubt.empty());
}

TEST_CASE("started by Open MPI, MPICH and Slurm") {
  const Server server;
  const Processes open = with(kOpenMpi + server.pmix());
  CHECK(open.rank == 2);
  CHECK(open.size == 4);
  CHECK(open.launcher == "mpirun");
  CHECK(open.rank_variable == "OMPI_COMM_WORLD_RANK");
  CHECK(open.doubt.empty());
  CHECK(with(kMpich + server.pmi()).rank == 1);
  for (const auto& meeting : {server.pmix(), server.pmi()}) {
    const Processes slurm = with(kSlurm + meeting);
    CHECK(slurm.rank == 5);
    CHECK(slurm.size == 8);
    CHECK(slurm.launcher == "srun");
  }
}

TEST_CASE("variables that were left over name what to unset, and this one is alone") {
  for (const Variables& left : {kOpenMpi, kMpich, kSlurm}) {
    const Processes p = with(left);
    CHECK_FALSE(p.several());
    CHECK(p.first());
    CHECK(p.doubt.find(left[0].first + "=" + left[0].second) == 0);
    CHECK(p.doubt.find("unset " + left[0].first + " " + left[1].first) != std::string::npos);
  }
  Variables all = kOpenMpi;
  all.insert(all.end(), kSlurm.begin(), kSlurm.end());
  CHECK(with(all).doubt.find("unset OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE SLURM_PROCID "
                             "SLURM_STEP_NUM_TASKS") != std::string::npos);
}

TEST_CASE("a launcher that has ended does not listen any more") {
  Server server;
  const auto pmix = server.pmix(), pmi = server.pmi();
  CHECK(with(kOpenMpi + pmix).several());
  CHECK(with(kMpich + pmi).several());
  server.stop();
  CHECK_FALSE(with(kOpenMpi + pmix).doubt.empty());
  CHECK_FALSE(with(kMpich + pmi).doubt.empty());
  CHECK_FALSE(with(kMpich + std::pair<std::string, std::string>{"PMI_FD", "no"}).doubt.empty());
  const int file = dup(STDERR_FILENO);  // the same number, but no socket
  CHECK_FALSE(with(kMpich + std::pair{std::string("PMI_FD"), std::to_string(file)}).several());
  close(file);
}

TEST_CASE("a launcher whose address tells no port is taken to be there") {
  for (const char* address : {"", "1.0;tcp6://[::1]:1", "1.0;tcp4://127.0.0.1:0",
                              "1.0;tcp4://127.0.0.1:65536", "1.0;tcp4://127.0.0.1:none"}) {
    INFO(address);
    CHECK(with(kOpenMpi + std::pair<std::string, std::string>{"PMIX_SERVER_URI2", address})
              .several());
  }
}

TEST_CASE("Open MPI's processes meet by PMIx only") {
  const Server server;
  CHECK_FALSE(with(kOpenMpi + server.pmi()).doubt.empty());
}

TEST_CASE("the launcher that is there counts, whatever else was left over") {
  const Server server;
  Variables both = kOpenMpi + server.pmi();
  both.insert(both.end(), kMpich.begin(), kMpich.end());
  const Processes p = with(both);
  CHECK(p.rank == 1);
  CHECK(p.size == 2);
}

TEST_CASE("the command that starts as many as are needed is the launcher's") {
  const Server server;
  CHECK(with({}).command(4) == "mpirun -n 4");
  CHECK(with(kOpenMpi + server.pmix()).command(3) == "mpirun -n 3");
  CHECK(with(kSlurm + server.pmix()).command(8) == "srun --mpi=pmix -n 8");
}

TEST_CASE("a batch script of Slurm is one process, whatever its job may start") {
  const Processes p = with({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}});
  CHECK_FALSE(p.several());
  CHECK(p.doubt.empty());
}

TEST_CASE("mpirun inside of a Slurm job counts its own processes") {
  const Server server;
  const Processes p = with(
      Variables{{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}, kOpenMpi[0], kOpenMpi[1]} +
      server.pmix());
  CHECK(p.rank == 2);
  CHECK(p.size == 4);
}

TEST_CASE("one of one is nothing to doubt") {
  CHECK(with({{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}}).doubt.empty());
}

TEST_CASE("what names no rank of as many processes is doubted") {
  const std::string huge(1000, '9');
  for (const auto& [rank, size] : Variables{{"one", "2"},
                                            {"2", "2"},
                                            {"-1", "2"},
                                            {"0", "-2"},
                                            {"0", ""},
                                            {"1", "2 "},
                                            {"0", "4294967298"},
                                            {huge, huge}}) {
    const Processes p = with({{"PMI_RANK", rank}, {"PMI_SIZE", size}});
    INFO(p.doubt);
    CHECK_FALSE(p.several());
    CHECK(p.doubt.find("unset PMI_RANK PMI_SIZE") != std::string::npos);
    CHECK(p.doubt.size() < 200);
  }
  for (const auto& one : {kMpich[0], kMpich[1], kSlurm[0]}) {
    const Processes p = with({one});
    CHECK(p.doubt.find("unset " + one.first) != std::string::npos);
  }
}

}  // namespace shardpipe
