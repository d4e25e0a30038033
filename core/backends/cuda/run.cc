#include "core/backends/cuda/run.h"

#include <algorithm>
#include <memory>
#include <thread>

#include "core/backends/cuda/cuda_kernels.h"
#include "core/backends/cuda/nccl_transport.h"
#include "core/launch/run_rank.h"

namespace shardpipe::cuda {
namespace {

class Run {
 public:
  Run(const RunOptions& options, const RankProgram& program, int gpus);
  RunReport go();

 private:
  int gpu_of(int rank) const { return rank * gpus_ / grid_.shape().ranks(); }
  void share_gpus();
  void run_one(int rank);
  StreamLog* make_log(int rank, int stream, const std::string& name);
  Transport::Part open(CudaDevice& device, const std::string& key, const std::vector<int>& ranks,
                       const std::string& axis);

  const RunOptions& options_;
  const RankProgram& program_;
  const int gpus_;
  const ProcessGrid grid_;
  const bool use_nccl_;
  Board board_;
  GroupTable groups_;
  ThreadBootstrap bootstrap_;
  Recorder recorder_;
  std::vector<std::unique_ptr<GpuShare>> shares_;
  // Live until all ranks have ended: a failing rank must not free what its peers still read.
  std::vector<std::unique_ptr<CudaDevice>> devices_;
  std::vector<std::int64_t> begin_ns_, end_ns_;
  RunReport report_;
};

Run::Run(const RunOptions& options, const RankProgram& program, int gpus)
    : options_(options),
      program_(program),
      gpus_(gpus),
      grid_(options.grid, options.order),
      use_nccl_(has_nccl() && options.grid.ranks() > 1 && options.grid.ranks() <= gpus),
      board_(options.grid.ranks(), options.time_limit_s),
      devices_(static_cast<std::size_t>(options.grid.ranks())),
      begin_ns_(devices_.size()),
      end_ns_(devices_.size()) {
  if (options.make_kernels) usage_error("make_kernels is for the cpu backend only");
  report_.ranks.resize(devices_.size());
}

void Run::share_gpus() {
  const int ranks = grid_.shape().ranks();
  for (int rank = 0; rank < ranks;) {
    const int gpu = gpu_of(rank), first = rank;
    while (rank < ranks && gpu_of(rank) == gpu) ++rank;
    check(cudaSetDevice(gpu));
    GpuShares here = share_gpu(gpu, rank - first);
    for (auto& share : here.shares) shares_.push_back(std::move(share));
    if (!here.note.empty()) report_.notes.push_back(here.note);
    for (int other = 0; other < ranks && !use_nccl_; ++other) {
      if (gpu_of(other) == gpu || (other > 0 && gpu_of(other) == gpu_of(other - 1))) continue;
      int can = 0;
      check(cudaDeviceCanAccessPeer(&can, gpu, gpu_of(other)));
      if (can == 0)
        fail(ExitCode::absent, text("GPU ", gpu, " cannot read the memory of GPU ", gpu_of(other),
                                    ", which ranks without NCCL need"));
      const cudaError_t e = cudaDeviceEnablePeerAccess(gpu_of(other), 0);
      if (e != cudaErrorPeerAccessAlreadyEnabled) check(e);
      cudaGetLastError();
    }
  }
}

StreamLog* Run::make_log(int rank, int stream, const std::string& name) {
  if (!options_.record_trace) return nullptr;
  return &recorder_.make_log(rank, stream, name);
}

Transport::Part Run::open(CudaDevice& device, const std::string& key, const std::vector<int>& ranks,
                          const std::string& axis) {
  std::shared_ptr<PeerGroup> group = groups_.open(key, ranks, axis);
  const auto open_part = [this, &device](const std::string& k, const std::vector<int>& r,
                                         const std::string& a) { return open(device, k, r, a); };
  Transport::Part part{.group = &group->group, .transport = nullptr};
  if (use_nccl_ && ranks.size() > 1)
    part.transport = make_nccl_transport(device, group, key, bootstrap_, open_part);
  else
    part.transport = std::make_unique<PeerTransport>(device, group, open_part);
  return part;
}

void Run::run_one(int rank) {
  const auto r = static_cast<std::size_t>(rank);
  check(cudaSetDevice(gpu_of(rank)));
  devices_[r] = std::make_unique<CudaDevice>(
      board_, rank, *shares_[r],
      [this, rank](int stream, const std::string& name) { return make_log(rank, stream, name); });
  CudaDevice& device = *devices_[r];
  CudaKernels kernels;
  std::vector<int> all(devices_.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  Transport::Part world = open(device, "world", all, "world");

  // An error of the program stops the other ranks before this one waits for anything.
  const auto guarded = [&](RankContext& ctx) {
    begin_ns_[r] = now_ns();
    try {
      program_(ctx);
    } catch (...) {
      board_.stop(std::current_exception());
      throw;
    }
  };
  report_.ranks[r] = run_rank(
      {.device = device,
       .kernels = kernels,
       .grid = grid_,
       .world = std::make_unique<Communicator>(*world.group, rank, std::move(world.transport),
                                               std::make_shared<CommCounters>()),
       .mark_begin = [&] { begin_ns_[r] = now_ns(); },
       .mark_end = [&] { end_ns_[r] = now_ns(); }},
      guarded);
  board_.finished(rank);
}

RunReport Run::go() {
  share_gpus();
  std::vector<std::thread> threads;
  for (int rank = 0; rank < grid_.shape().ranks(); ++rank)
    threads.emplace_back([this, rank] {
      try {
        run_one(rank);
      } catch (...) {
        board_.stop(std::current_exception());
      }
    });
  for (std::thread& thread : threads) thread.join();
  board_.rethrow();
  if (options_.record_trace)
    report_.trace = recorder_.finish(*std::min_element(begin_ns_.begin(), begin_ns_.end()),
                                     *std::max_element(end_ns_.begin(), end_ns_.end()), end_ns_);
  return std::move(report_);
}

}  // namespace

RunReport run_ranks(const RunOptions& options, const RankProgram& program, int gpus) {
  return Run(options, program, gpus).go();
}

}  // namespace shardpipe::cuda
