#include "core/backends/mpi/library.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/base/terminal.h"
#include "core/launch/processes.h"
#include "core/tensor/bf16.h"

namespace shardpipe::mpi {
namespace {

// MPI knows no bf16. It reduces pairs of vectors, so a sum is rounded after every pair, as NCCL's
// is; the cpu backend adds all ranks in float and rounds once.
template <class Combine>
void combine_bf16(void* in, void* inout, int* count, Combine combine) {
  const auto* a = static_cast<const std::uint16_t*>(in);
  auto* b = static_cast<std::uint16_t*>(inout);
  for (int i = 0; i < *count; ++i) b[i] = to_bf16(combine(from_bf16(a[i]), from_bf16(b[i])));
}

void sum_bf16(void* in, void* inout, int* count, MPI_Datatype*) {
  combine_bf16(in, inout, count, [](float a, float b) { return a + b; });
}

void max_bf16(void* in, void* inout, int* count, MPI_Datatype*) {
  combine_bf16(in, inout, count, [](float a, float b) { return std::max(a, b); });
}

// Open MPI's blocking calls (start, end, new communicators) then give way to other processes. With
// more processes than cores they are a thousand times slower without: docs/mpi.md.
void let_waits_yield() { setenv("OMPI_MCA_mpi_yield_when_idle", "1", /*overwrite=*/0); }

constexpr const char* kOutside = "its program, outside of runs";
constexpr const char* kInStart = "having started MPI";

std::string where_they_are_named() {
  const std::string variables = launch_variables();
  return variables.empty() ? "" : " (" + variables + ")";
}

bool& is_in_init() {
  static bool is_inside = false;
  return is_inside;
}

Library*& the_open_one() {
  static Library* open = nullptr;
  return open;
}

// MPI ends the process where it finds nobody; it then speaks of its own parts only.
void say_if_init_failed() {
  if (!is_in_init()) return;
  say_error(text("MPI_Init failed", where_they_are_named(),
                 ": if no mpirun started this, unset what one left"),
            ExitCode::usage);
  std::_Exit(static_cast<int>(ExitCode::usage));
}

}  // namespace

void check(int code, Where where) {
  if (code == MPI_SUCCESS) return;
  char words[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, words, &length);
  fail(text("MPI says: ", std::string(words, static_cast<std::size_t>(length))), where);
}

Library& Library::open(double time_limit_s) {
  static Library library(time_limit_s);
  return library;
}

Library::Library(double time_limit_s)
    : started_(started_processes()),
      watch_(started_),
      board_(1, time_limit_s, &watch_),
      program_(&board_.add_party(started_.rank, "program")) {
  program_->enter(kOutside);
  start();
  learn_places();
  for (MPI_Comm* comm : {&letters_, &between_}) {
    check(block(text("for the others, ", kInStart),
                [&] { return MPI_Comm_dup(MPI_COMM_WORLD, comm); }));
    check(MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN));
    if (comm == &letters_) watch_.connect(letters_);
  }
  MPI_Comm here = MPI_COMM_NULL;
  check(block("for the others of its host", [&] {
    return MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  }));
  check(MPI_Comm_size(here, &ranks_here_));
  check(MPI_Comm_free(&here));
  board_.set_ranks(ranks_here_);
  check(MPI_Op_create(sum_bf16, /*commute=*/1, &bf16_sum_));
  check(MPI_Op_create(max_bf16, /*commute=*/1, &bf16_max_));
  the_open_one() = this;
}

void Library::start() {
  int running = 0, level = 0;
  check(MPI_Initialized(&running));
  is_ours_ = running == 0;
  let_waits_yield();
  if (is_ours_) {
    std::atexit(say_if_init_failed);
    is_in_init() = true;
    const auto before = std::signal(SIGPIPE, SIG_IGN);  // MPI, too, may write to who has gone
    check(block(text("in MPI_Init for the others", where_they_are_named()),
                [&] { return MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &level); }));
    is_in_init() = false;
    std::signal(SIGPIPE, before);
  } else {
    check(MPI_Query_thread(&level));
  }
  if (level < MPI_THREAD_MULTIPLE)
    fail(ExitCode::absent, version() +
                               " does not let several threads call it here "
                               "(MPI_THREAD_MULTIPLE), which streams need");
}

// A launcher that we do not know leaves nothing that tells the rank before MPI has started.
void Library::learn_places() {
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_));
  check(MPI_Comm_size(MPI_COMM_WORLD, &size_));
  if (rank_ == started_.rank) return;
  board_.remove(*program_);
  program_ = &board_.add_party(rank_, "program");
  program_->enter(kOutside);
}

// The others may be at work for long, say write a file; nobody leaves while they may still want an
// answer.
Library::~Library() {
  if (in_run_.load()) {
    say_error(text("rank ", rank_, " ended its process inside a run"), ExitCode::crash);
    abort(ExitCode::crash);
  }
  the_open_one() = nullptr;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(letters_, &request);
  finish(request, "for the others to end: its work is done");
  watch_.disconnect();
  if (is_ours_) block("in MPI_Finalize for the others", [] { return MPI_Finalize(); });
}

void Library::abort(ExitCode code) {
  watch_.tell_said(static_cast<int>(code));
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  std::_Exit(static_cast<int>(code));
}

void Library::abort_if_open(ExitCode code) {
  Library* library = the_open_one();
  if (library != nullptr && library->size() > 1) library->abort(code);
}

void Library::finish(MPI_Request request, const std::string& what) {
  board_.poll(
      *program_,
      [&] {
        int done = 0;
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
        return done != 0;
      },
      [&] { return what; });
}

void Library::run_begins(double time_limit_s) {
  ++runs_;
  in_run_.store(true);
  board_.set_time_limit(time_limit_s);
  program_->enter("");
}

void Library::run_ends() {
  in_run_.store(false);
  program_->enter(kOutside);
}

void Library::keep(std::vector<std::shared_ptr<void>> unread) const {
  const std::lock_guard lock(mutex_);
  for (auto& one : unread) kept_.push_back(std::move(one));
}

MPI_Op Library::op(DType dtype, ReduceOp reduce) const {
  if (dtype == DType::bf16) return reduce == ReduceOp::sum ? bf16_sum_ : bf16_max_;
  return reduce == ReduceOp::sum ? MPI_SUM : MPI_MAX;
}

MPI_Datatype type_of(DType dtype) {
  if (dtype == DType::bf16) return MPI_UINT16_T;
  return dtype == DType::f32 ? MPI_FLOAT : MPI_INT32_T;
}

std::string version() {
  char words[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(words, &length);
  const std::string all(words, static_cast<std::size_t>(length));
  return all.substr(0, all.find_first_of(",\n"));
}

}  // namespace shardpipe::mpi
