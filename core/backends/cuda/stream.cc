#include "core/backends/cuda/stream.h"

#include <algorithm>

#include "core/backends/cuda/device.h"
#include "core/base/terminal.h"

namespace shardpipe::cuda {
namespace {

// Bounds what the host may run ahead, and with it the memory that queued operations keep.
constexpr std::size_t kMaxInFlight = 1024, kMaxQueued = 1024;

}  // namespace

CudaStream::CudaStream(CudaDevice& device, OwnedStream handle, StreamLog* log)
    : Stream(device.tags(), /*runs_bodies=*/true),
      device_(device),
      handle_(std::move(handle)),
      log_(log),
      timing_(log == nullptr ? Timing::no : Timing::yes) {
  if (log_ != nullptr) timeline_ = std::make_unique<Timeline>(handle_.get());
  device_.add(this);
}

CudaStream::~CudaStream() {
  // After an error what is still queued is dropped, but the GPU must have stopped reading buffers.
  try {
    if (!device_.board().stopped()) synchronize();
    if (device_.board().stopped()) device_.abort();
    check(cudaStreamSynchronize(handle_.get()));
  } catch (const std::exception& e) {
    say_error(text("a stream ended early: ", e.what()), ExitCode::crash);
  }
  device_.remove(this);
}

cublasHandle_t CudaStream::blas() {
  if (!blas_) {
    cublasHandle_t handle = nullptr;
    check(cublasCreate(&handle));
    blas_.reset(handle);
    check(cublasSetStream(handle, handle_.get()));
    // Else cuBLAS may add up parts of a sum over k in bf16, which is not "sums in f32".
    check(cublasSetMathMode(
        handle, static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH |
                                          CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)));
    if (device_.sms() > 0) check(cublasSetSmCountTarget(handle, device_.sms()));
  }
  return blas_.get();
}

void CudaStream::do_submit(OpInfo&& info, std::function<void()> body) {
  auto operation = std::make_unique<Operation>();
  const bool one_step = info.kind == OpKind::compute || info.kind == OpKind::exchange;
  operation->span = record_of(info);
  operation->span.ready_ns = one_step ? 0 : -1;  // -1: the Recorder finds the last to come
  operation->body = std::move(body);
  push({.operation = std::move(operation)});
  if (in_flight_.size() > kMaxInFlight)
    device_.wait_for_gpu([this] { return in_flight_.size() <= kMaxInFlight / 2; });
  if (queue_.size() > kMaxQueued)
    device_.wait_for_ranks([this] { return queue_.size() <= kMaxQueued / 2; });
}

Event CudaStream::record() {
  auto state = std::make_shared<CudaEvent>();
  push({.record = state});
  return Event(state);
}

void CudaStream::wait(const Event& event) {
  if (event.state() == nullptr) return;
  push({.wait = std::static_pointer_cast<CudaEvent>(event.state())});
}

void CudaStream::push(Item item) {
  queue_.push_back(std::move(item));
  device_.progress();
}

void CudaStream::synchronize() {
  device_.wait_for_ranks([this] { return queue_.empty(); });
  device_.wait_for_gpu([this] { return in_flight_.empty(); });
  check(cudaStreamSynchronize(handle_.get()));
  if (timeline_) timeline_->renew_if_old();
}

bool CudaStream::advance() {
  moved_ = false;
  while (!queue_.empty() && enqueue(queue_.front())) {
    queue_.pop_front();
    moved_ = true;
  }
  return retire_finished() || moved_;
}

bool CudaStream::enqueue(Item& item) {
  if (item.record) {
    check(cudaEventRecord(item.record->handle.get(), handle_.get()));
    item.record->recorded = true;
    return true;
  }
  if (item.wait) {
    if (!item.wait->recorded) return false;
    check(cudaStreamWaitEvent(handle_.get(), item.wait->handle.get(), 0));
    return true;
  }
  if (!item.started) {
    item.started = true;
    start(*item.operation);
  }
  if (!run_steps()) return false;
  item.operation->end = take_event();
  check(cudaEventRecord(item.operation->end.get(), handle_.get()));
  in_flight_.push_back(std::move(item.operation));
  return true;
}

void CudaStream::start(Operation& operation) {
  moved_ = true;
  operation.span.posted_ns = now_ns();
  if (log_ != nullptr) {
    operation.begin = take_event();
    check(cudaEventRecord(operation.begin.get(), handle_.get()));
  }
  operation.body();
}

bool CudaStream::run_steps() {
  while (!steps_.empty()) {
    if (!steps_.front().done()) return false;
    steps_.pop_front();
    moved_ = true;
  }
  return true;
}

void CudaStream::mark_ready() {
  Operation& operation = *queue_.front().operation;
  if (log_ == nullptr || operation.ready) return;
  operation.ready = take_event();
  check(cudaEventRecord(operation.ready.get(), handle_.get()));
}

std::string CudaStream::held_by() const {
  return steps_.empty() ? std::string() : steps_.front().held_by();
}

bool CudaStream::retire_finished() {
  bool moved = false;
  while (!in_flight_.empty()) {
    Operation& operation = *in_flight_.front();
    const cudaError_t state = cudaEventQuery(operation.end.get());
    if (state == cudaErrorNotReady) break;
    check(state);
    if (log_ != nullptr) write_span(operation);
    for (OwnedEvent* event : {&operation.begin, &operation.ready, &operation.end})
      if (*event) free_events_.push_back(std::move(*event));
    in_flight_.pop_front();
    moved = true;
  }
  return moved;
}

void CudaStream::write_span(Operation& operation) {
  SpanRecord& span = operation.span;
  // No operation begins before the host has enqueued it: that bounds the error of the anchor.
  span.posted_ns = std::max(span.posted_ns, timeline_->ns_of(operation.begin.get()));
  if (operation.ready)
    span.ready_ns = std::max(span.posted_ns, timeline_->ns_of(operation.ready.get()));
  else if (span.ready_ns != -1)
    span.ready_ns = span.posted_ns;
  span.end_ns = std::max({span.posted_ns, span.ready_ns, timeline_->ns_of(operation.end.get())});
  log_->add(span);
}

OwnedEvent CudaStream::take_event() {
  if (free_events_.empty()) return make_event_handle(timing_);
  OwnedEvent event = std::move(free_events_.back());
  free_events_.pop_back();
  return event;
}

}  // namespace shardpipe::cuda
