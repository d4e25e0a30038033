// Communicators are non-blocking: a call that cannot end returns ncclInProgress, and we poll with a
// time limit. A blocking one may hang for ever inside NCCL, where nothing can stop it. NCCL has no
// time limit for a collective on the GPU: the rank polls while it waits for its stream, and aborts
// the communicator when the run has failed.
// Source: NCCL user guide, "Fault tolerance" and "Point-to-point communication".
#include <nccl.h>

#include <algorithm>
#include <cstring>

#include "core/backends/cuda/nccl_transport.h"

namespace shardpipe::cuda {
namespace {

void check(ncclResult_t e, Where where = Where::here()) {
  if (e != ncclSuccess && e != ncclInProgress)
    fail(text("NCCL says ", ncclGetErrorString(e), " (", ncclGetLastError(nullptr), ")"), where);
}

ncclDataType_t type_of(DType dtype) {
  return dtype == DType::f32 ? ncclFloat32 : dtype == DType::bf16 ? ncclBfloat16 : ncclInt32;
}

std::size_t count_of(const View& view) { return static_cast<std::size_t>(view.elements()); }

class NcclTransport : public Transport, public Watched {
 public:
  NcclTransport(CudaDevice& device, std::shared_ptr<PeerGroup> group, PeerTransport::Open open)
      : device_(device), group_(std::move(group)), open_(std::move(open)) {
    device_.add(this);
  }
  ~NcclTransport() override {
    device_.remove(this);
    if (device_.board().stopped())
      abort();
    else if (comm_ != nullptr)
      ncclCommDestroy(comm_);
    cudaFree(token_);
  }

  // Collective over the group: all members wait for each other inside NCCL.
  void connect(const std::string& key, Bootstrap& bootstrap) {
    const std::vector<int>& ranks = group_->group.ranks;
    const auto me = std::find(ranks.begin(), ranks.end(), device_.rank()) - ranks.begin();
    const std::string id_bytes = bootstrap.share(key, me == 0, new_id, device_);
    ncclUniqueId id = {};
    std::memcpy(&id, id_bytes.data(), sizeof id);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    cuda::check(cudaMalloc(&token_, sizeof(std::int32_t)));
    cuda::check(cudaMemset(token_, 0, sizeof(std::int32_t)));
    check(ncclCommInitRankConfig(&comm_, group_->group.size(), id, static_cast<int>(me), &config));
    settle("the start");
  }

  void run(const CommCall& call, Stream& stream) override {
    if (call.turn != next_turn_++)
      fail(ExitCode::fault,
           text("call #", call.turn, " of ", group_->group.label(), " came out of turn"));
    call.kind == OpKind::exchange ? exchange(call, native(stream).handle())
                                  : collective(call, native(stream).handle());
    if (!in_launch_) settle(name_of(call.kind));
  }

  void begin_launch() override {
    in_launch_ = true;
    check(ncclGroupStart());
  }
  void end_launch() override {
    in_launch_ = false;
    check(ncclGroupEnd());
    settle("several all_reduces");
  }

  Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where) override {
    std::vector<int> world_ranks;
    for (const int r : ranks)
      world_ranks.push_back(group_->group.ranks[static_cast<std::size_t>(r)]);
    return open_(keys_.next(group_->group, ranks, axis), world_ranks, axis);
  }

  void poll() override {
    if (comm_ == nullptr) return;
    ncclResult_t state = ncclSuccess;
    check(ncclCommGetAsyncError(comm_, &state));
    check(state);
  }
  void abort() noexcept override {
    if (comm_ != nullptr) ncclCommAbort(comm_);
    comm_ = nullptr;
  }

 private:
  static std::string new_id() {
    ncclUniqueId id = {};
    check(ncclGetUniqueId(&id));
    return std::string(reinterpret_cast<const char*>(&id), sizeof id);
  }

  // Until NCCL has taken the call in: it may first have to connect to its peers.
  void settle(const char* what) {
    const auto settled = [this] {
      ncclResult_t state = ncclInProgress;
      check(ncclCommGetAsyncError(comm_, &state));
      check(state);
      return state == ncclSuccess;
    };
    device_.board().wait(device_.rank(), EndedBy::itself, settled, [&] {
      return text("waits in NCCL for ", what, " of ", group_->group.label());
    });
    device_.board().moved();
  }

  void collective(const CommCall& c, cudaStream_t s) {
    const ncclRedOp_t op = c.reduce == ReduceOp::max ? ncclMax : ncclSum;
    const ncclDataType_t type = type_of(c.out.dtype);
    switch (c.kind) {
      case OpKind::all_reduce:
        return check(ncclAllReduce(c.out.data, c.out.data, count_of(c.out), type, op, comm_, s));
      case OpKind::all_gather:
        return check(ncclAllGather(c.in.data, c.out.data, count_of(c.in), type, comm_, s));
      case OpKind::reduce_scatter:
        return check(ncclReduceScatter(c.in.data, c.out.data, count_of(c.out), type, op, comm_, s));
      case OpKind::broadcast:
        return check(
            ncclBroadcast(c.out.data, c.out.data, count_of(c.out), type, c.root, comm_, s));
      default:  // barrier
        return check(ncclAllReduce(token_, token_, 1, ncclInt32, ncclSum, comm_, s));
    }
  }

  void exchange(const CommCall& call, cudaStream_t stream) {
    check(ncclGroupStart());  // or a send and a recv of two ranks may wait for each other for ever
    for (const MessageView& m : call.messages)
      check(m.direction == Direction::send
                ? ncclSend(m.data.data, count_of(m.data), type_of(m.data.dtype), m.peer, comm_,
                           stream)
                : ncclRecv(m.data.data, count_of(m.data), type_of(m.data.dtype), m.peer, comm_,
                           stream));
    check(ncclGroupEnd());
  }

  CudaDevice& device_;
  std::shared_ptr<PeerGroup> group_;
  PeerTransport::Open open_;
  GroupKeys keys_;
  ncclComm_t comm_ = nullptr;
  void* token_ = nullptr;  // what a barrier reduces
  std::int64_t next_turn_ = 0;
  bool in_launch_ = false;
};

}  // namespace

bool has_nccl() { return true; }

std::unique_ptr<Transport> make_nccl_transport(CudaDevice& device, std::shared_ptr<PeerGroup> group,
                                               const std::string& key, Bootstrap& bootstrap,
                                               PeerTransport::Open open) {
  auto transport = std::make_unique<NcclTransport>(device, std::move(group), std::move(open));
  transport->connect(key, bootstrap);
  return transport;
}

}  // namespace shardpipe::cuda
