// Gloo's collectives, timed as lab bench collectives times ours; ranks are threads of this process
// and talk over TCP on the loopback, Gloo's transport between processes of one host. Started by it:
//   gloo_collective_times RANKS KIND ELEMENTS:CALLS...
// Lines as those of mpi_collective_times. Gloo has no reduce_scatter of any size.
#include <gloo/allgather.h>
#include <gloo/allreduce.h>
#include <gloo/barrier.h>
#include <gloo/math.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/hash_store.h>
#include <gloo/transport/tcp/device.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kBatches = 5;

using Context = std::shared_ptr<gloo::Context>;

struct Case {
  long long elements = 0;
  int calls = 0;
};

void call(const std::string& kind, const Context& context, std::vector<float>& full,
          std::vector<float>& part) {
  if (kind == "all_reduce") {
    gloo::AllreduceOptions options(context);
    options.setOutput(full.data(), full.size());
    options.setReduceFunction([](void* out, const void* a, const void* b, std::size_t n) {
      gloo::sum<float>(out, a, b, n);
    });
    gloo::allreduce(options);
  } else {
    gloo::AllgatherOptions options(context);
    options.setInput(part.data(), part.size());
    options.setOutput(full.data(), full.size());
    gloo::allgather(options);
  }
}

// This rank's mean time of each batch.
std::vector<double> batches_of(const std::string& kind, const Case& c, const Context& context) {
  std::vector<float> full(static_cast<std::size_t>(c.elements));
  std::vector<float> part(full.size() / static_cast<std::size_t>(context->size));
  call(kind, context, full, part);  // memory is touched for the first time
  std::vector<double> times;
  for (int batch = 0; batch < kBatches; ++batch) {
    gloo::BarrierOptions together(context);
    gloo::barrier(together);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < c.calls; ++i) call(kind, context, full, part);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    times.push_back(time.count() / c.calls);
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int ranks = std::atoi(argv[1]);
  const std::string kind = argv[2];
  std::vector<Case> cases(static_cast<std::size_t>(argc - 3));
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (std::sscanf(argv[i + 3], "%lld:%d", &cases[i].elements, &cases[i].calls) != 2) return 2;

  gloo::rendezvous::HashStore store;
  std::vector<std::vector<std::vector<double>>> times(  // by rank, case, batch
      static_cast<std::size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      auto device = gloo::transport::tcp::CreateDevice("127.0.0.1");
      auto context = std::make_shared<gloo::rendezvous::Context>(rank, ranks);
      context->connectFullMesh(store, device);
      for (const Case& c : cases)
        times[static_cast<std::size_t>(rank)].push_back(batches_of(kind, c, context));
    });
  for (std::thread& thread : threads) thread.join();

  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::vector<double> slowest(kBatches, 0);
    for (const auto& of_rank : times)
      for (std::size_t b = 0; b < kBatches; ++b) slowest[b] = std::max(slowest[b], of_rank[i][b]);
    std::sort(slowest.begin(), slowest.end());
    std::printf("%lld %.9f\n", cases[i].elements, slowest[kBatches / 2]);
  }
}
