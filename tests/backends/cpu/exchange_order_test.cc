// Messages of one exchange from one rank go to its recvs in their order, whenever they come. What
// used to cross two of them lies within one look over the open recvs: rank 1's messages come after
// rank 0 has found none for its first recv, and before it looks for its last. In between it copies
// what rank 2 has sent, into memory that may not be written yet: the fault is the moment at which
// rank 1 is let go. Rank 3 tells when the others have sent: a rank hands out its messages in their
// order, so who has the last one knows that the others have theirs.
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Opened once. Both ends may be used in a signal handler.
class Gate {
 public:
  Gate() {
    if (pipe(ends_.data()) != 0) fail("no pipe");
  }
  ~Gate() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void open() { is_open_ = write(ends_[1], "", 1) == 1; }
  void pass() {
    pollfd until = {ends_[0], POLLIN, 0};
    if (poll(&until, 1, kPatience_ms) != 1) is_open_ = false;  // it never comes: the test fails
  }
  bool was_open() const { return is_open_; }

 private:
  static constexpr int kPatience_ms = 30'000;
  std::array<int, 2> ends_ = {};
  std::atomic<bool> is_open_{false};
};

struct Moment {
  std::byte* page = nullptr;  // that faults
  std::size_t bytes = 0;
  Gate copying, sent;
};

// Of the signal handler.
Moment*& moment() {
  static Moment* of_process = nullptr;
  return of_process;
}

void on_fault(int number, siginfo_t* info, void*) {
  const auto* at = static_cast<std::byte*>(info->si_addr);
  if (at < moment()->page || at >= moment()->page + moment()->bytes) {
    signal(number, SIG_DFL);  // another fault: a real one
    return;
  }
  moment()->copying.open();
  moment()->sent.pass();
  mprotect(moment()->page, moment()->bytes, PROT_READ | PROT_WRITE);
}

class FaultsHandled {
 public:
  FaultsHandled() {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &before_);
  }
  ~FaultsHandled() { sigaction(SIGSEGV, &before_, nullptr); }
  FaultsHandled(const FaultsHandled&) = delete;
  FaultsHandled& operator=(const FaultsHandled&) = delete;

 private:
  struct sigaction before_ = {};
};

// A page in the middle of the tensor, which spans three.
void protect_page_of(const Tensor& tensor, Moment& moment) {
  moment.bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(tensor.view().data);
  moment.page = reinterpret_cast<std::byte*>((first / moment.bytes + 1) * moment.bytes);
  if (mprotect(moment.page, moment.bytes, PROT_READ) != 0) fail("no page can be protected");
}

Tensor filled(RankContext& ctx, Index count, float value) {
  const Tensor tensor(ctx.device, {count});
  ctx.math.fill(tensor, value, ctx.compute);
  return tensor;
}

}  // namespace

TEST_CASE("two messages of one rank that come while a third is copied are not crossed") {
  Moment now;
  moment() = &now;
  const FaultsHandled handled;
  Gate waiting;  // rank 2's message is there
  const Index many = 3 * sysconf(_SC_PAGESIZE) / 4;
  std::vector<float> first, last, third;
  run_on_cpu({.grid = {.tp = 4}}, [&](RankContext& ctx) {
    const Tensor a = filled(ctx, 1, 1), b = filled(ctx, 1, 2), c = filled(ctx, many, 3);
    const Tensor token = filled(ctx, 1, 0);
    const auto exchange = [&](const std::vector<Message>& messages) {
      ctx.tp.exchange(messages, ctx.compute);
      ctx.compute.synchronize();
    };
    ctx.compute.synchronize();
    using enum Direction;
    switch (ctx.rank) {
      case 0: {
        const Tensor x = filled(ctx, 1, 0), y = filled(ctx, 1, 0), z = filled(ctx, many, 0);
        ctx.compute.synchronize();
        protect_page_of(z, now);
        waiting.pass();
        exchange({{recv, 1, x}, {recv, 2, z}, {recv, 1, y}});
        first = ctx.math.to_host(x, ctx.compute);
        last = ctx.math.to_host(y, ctx.compute);
        third = ctx.math.to_host(z, ctx.compute);
        return;
      }
      case 1: now.copying.pass(); return exchange({{send, 0, a}, {send, 0, b}, {send, 3, token}});
      case 2: return exchange({{send, 0, c}, {send, 3, token}});
      default:
        exchange({{recv, 2, token}});
        waiting.open();
        exchange({{recv, 1, token}});
        now.sent.open();
    }
  });
  REQUIRE(now.copying.was_open());  // the moment came
  CHECK(first == std::vector<float>{1});
  CHECK(last == std::vector<float>{2});
  CHECK(third == std::vector<float>(static_cast<std::size_t>(many), 3));
}

}  // namespace shardpipe
