// CudaStream: one CUDA stream, and a host queue of what cannot be enqueued yet.
//
// submit() never blocks on other ranks. An operation that has to meet other ranks' host threads
// first (peer_transport.h) holds its stream: it leaves steps behind, and what is submitted later
// queues up on the host. The rank's thread tries the steps again at each of its later calls. So
// host threads meet in whatever order their programs allow, as with NCCL or with worker threads.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/backends/cuda/timeline.h"
#include "core/device/device.h"
#include "core/trace/recorder.h"

namespace shardpipe::cuda {

class CudaDevice;

struct CudaEvent : Event::State {
  OwnedEvent handle = make_event_handle(Timing::no);
  bool recorded = false;  // waiting for an event that is not recorded yet would be no wait at all
};

class CudaStream : public Stream {
 public:
  // log: nullptr if nothing is recorded.
  CudaStream(CudaDevice& device, OwnedStream handle, StreamLog* log);
  ~CudaStream() override;

  Event record() override;
  void wait(const Event& event) override;
  void synchronize() override;

  // ---- for bodies
  cudaStream_t handle() const { return handle_.get(); }
  cublasHandle_t blas();  // one per stream: handles share a workspace among their streams

  // The operation is not enqueued completely until `done` has said true. Steps run in order.
  struct Step {
    std::function<bool()> done;
    std::function<std::string()> held_by;  // "waits in all_reduce #3 of tp[0,1] for rank 1"
  };
  void hold(Step step) { steps_.push_back(std::move(step)); }
  // All participants of the operation are there: its waiting ends and its work begins.
  void mark_ready();

  // ---- for the device
  bool advance();  // enqueues and retires what it can; true if anything moved
  bool held() const { return !queue_.empty(); }
  std::string held_by() const;  // "" if no step holds this stream

 private:
  struct Operation {
    SpanRecord span = {};
    std::function<void()> body = {};  // holds the operation's buffers
    OwnedEvent begin = {}, ready = {}, end = {};
  };
  struct Item {  // one of the three
    std::unique_ptr<Operation> operation = {};
    std::shared_ptr<CudaEvent> record = {}, wait = {};
    bool started = false;
  };
  void do_submit(OpInfo&& info, std::function<void()> body) override;
  void push(Item item);
  bool enqueue(Item& item);  // false: it is held
  void start(Operation& operation);
  bool run_steps();
  bool retire_finished();
  void write_span(Operation& operation);
  OwnedEvent take_event();

  CudaDevice& device_;
  OwnedStream handle_;
  OwnedBlas blas_;
  StreamLog* log_;
  Timing timing_;
  std::unique_ptr<Timeline> timeline_;
  std::deque<Item> queue_;                            // not enqueued yet
  std::deque<Step> steps_;                            // of the operation at its front
  std::deque<std::unique_ptr<Operation>> in_flight_;  // enqueued, not known to have finished
  std::vector<OwnedEvent> free_events_;
  bool moved_ = false;
};

inline CudaStream& native(Stream& stream) { return static_cast<CudaStream&>(stream); }

}  // namespace shardpipe::cuda
