// A library that stands between a program and MPI (LD_PRELOAD): at one call of MPI something
// happens to its rank, or to mpirun. Calls that only look (MPI_Test, MPI_Iprobe) do not count, so
// the same number is the same moment of the run, whatever the machine is busy with.
//
//   AT_RANK=R AT_CALL=N  the moment: before the N-th call that this rank makes
//   AT_DO=STOP|KILL|TERM the signal; LOOP: the rank goes round in circles there
//   AT_WHOM=rank|mpirun  who gets the signal
//   AT_LIFE=FIFO         held open as long as the process lives, so a reader learns when all have
//                        gone; lines "process N" and, at the moment, "now MICROSECONDS MPIRUN"
//   AT_COUNT=FILE        rank AT_RANK writes there how many calls it makes up to MPI_Finalize
#include <fcntl.h>
#include <mpi.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

namespace {

std::string set(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMI_RANK"})
    if (!set(name).empty()) return std::stoi(set(name));
  return -1;
}

class Life {
 public:
  Life() : pipe_(open(set("AT_LIFE").c_str(), O_RDWR | O_CLOEXEC)) {
    tell("process " + std::to_string(getpid()));
  }
  void tell(const std::string& words) const {
    const std::string line = words + "\n";
    if (pipe_ >= 0 && write(pipe_, line.data(), line.size()) < 0) std::perror("AT_LIFE");
  }

 private:
  int pipe_;
};

const Life life;

// mpirun itself, not a proxy of it that started this process.
pid_t mpirun() {
  pid_t at = getppid();
  while (at > 1) {
    std::string number, name, state;
    pid_t parent = 0;
    std::ifstream("/proc/" + std::to_string(at) + "/stat") >> number >> name >> state >> parent;
    if (name.rfind("(mpi", 0) == 0) return at;
    at = parent;
  }
  return getppid();
}

void happen() {
  const std::string what = set("AT_DO");
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  life.tell("now " + std::to_string(now.tv_sec * 1000000L + now.tv_nsec / 1000) + " " +
            std::to_string(mpirun()));
  if (what == "LOOP")
    for (std::atomic<bool> never{false}; !never.load();) {
    }
  const int number = what == "STOP" ? SIGSTOP : what == "KILL" ? SIGKILL : SIGTERM;
  kill(set("AT_WHOM") == "mpirun" ? mpirun() : getpid(), number);
}

int next_call() {
  static std::atomic<int> calls{0};
  return ++calls;
}

void at_call() {
  if (next_call() == std::atoi(set("AT_CALL").c_str()) && std::stoi(set("AT_RANK")) == rank())
    happen();
}

}  // namespace

extern "C" {

int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  at_call();
  const int code = PMPI_Init_thread(argc, argv, required, provided);
  at_call();
  return code;
}

int MPI_Finalize() {
  at_call();
  if (!set("AT_COUNT").empty() && std::stoi(set("AT_RANK")) == rank())
    std::ofstream(set("AT_COUNT")) << next_call() - 1 << "\n";
  return PMPI_Finalize();
}

int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* made) {
  at_call();
  return PMPI_Comm_dup(comm, made);
}

int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm* made) {
  at_call();
  return PMPI_Comm_split_type(comm, type, key, info, made);
}

int MPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm* made) {
  at_call();
  return PMPI_Comm_create_group(comm, group, tag, made);
}

int MPI_Comm_free(MPI_Comm* comm) {
  at_call();
  return PMPI_Comm_free(comm);
}

int MPI_Send(const void* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
  at_call();
  return PMPI_Send(data, count, type, to, tag, comm);
}

int MPI_Isend(const void* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  at_call();
  return PMPI_Isend(data, count, type, to, tag, comm, request);
}

int MPI_Irecv(void* data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
  at_call();
  return PMPI_Irecv(data, count, type, from, tag, comm, request);
}

int MPI_Bcast(void* data, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  at_call();
  return PMPI_Bcast(data, count, type, root, comm);
}

int MPI_Allreduce(const void* in, void* out, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  at_call();
  return PMPI_Allreduce(in, out, count, type, op, comm);
}

int MPI_Allgather(const void* in, int sent, MPI_Datatype type, void* out, int received,
                  MPI_Datatype received_type, MPI_Comm comm) {
  at_call();
  return PMPI_Allgather(in, sent, type, out, received, received_type, comm);
}

int MPI_Ibarrier(MPI_Comm comm, MPI_Request* request) {
  at_call();
  return PMPI_Ibarrier(comm, request);
}

int MPI_Iallreduce(const void* in, void* out, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request* request) {
  at_call();
  return PMPI_Iallreduce(in, out, count, type, op, comm, request);
}

int MPI_Iallgather(const void* in, int sent, MPI_Datatype type, void* out, int received,
                   MPI_Datatype received_type, MPI_Comm comm, MPI_Request* request) {
  at_call();
  return PMPI_Iallgather(in, sent, type, out, received, received_type, comm, request);
}

}  // extern "C"
