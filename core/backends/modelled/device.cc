#include "core/backends/modelled/device.h"

#include <limits>
#include <utility>

#include "core/base/error.h"

namespace shardpipe::modelled {
namespace {

struct NoBytes final : Buffer {
  std::byte* data() override { return nullptr; }
};

struct LoggedEvent final : Event::State {
  LoggedEvent(const RankLog& of, std::uint32_t number) : log(of), event(number) {}
  const RankLog& log;
  std::uint32_t event;
};

class LoggingStream final : public Stream {
 public:
  LoggingStream(const Tags& tags, RankLog& log, std::atomic<std::uint64_t>& steps,
                std::uint16_t stream)
      : Stream(tags, false), log_(log), steps_(steps), stream_(stream) {}

  Event record() override {
    const auto event = static_cast<std::uint32_t>(log_.event_waits.size());
    log_.event_waits.push_back(0);
    add(LogEntry::record_event, event);
    return Event(std::make_shared<LoggedEvent>(log_, event));
  }

  void wait(const Event& event) override {
    if (event.state() == nullptr) return;
    const auto* logged = dynamic_cast<const LoggedEvent*>(event.state().get());
    if (logged == nullptr || &logged->log != &log_)
      fail(text("stream ", log_.streams[stream_],
                ": wait() for an event of another rank (ranks order their work by communication)"));
    ++log_.event_waits[logged->event];
    add(LogEntry::wait_event, logged->event);
  }

  void synchronize() override { add(LogEntry::synchronize, 0); }

 private:
  void do_submit(OpInfo&& info, std::function<void()>) override {
    add(LogEntry::run_op, static_cast<std::uint32_t>(log_.ops.size()));
    log_.ops.push_back(std::move(info));
  }

  void add(LogEntry::What what, std::uint32_t item) {
    log_.entries.push_back({.what = what, .stream = stream_, .item = item});
    steps_.store(log_.entries.size(), std::memory_order_relaxed);
  }

  RankLog& log_;
  std::atomic<std::uint64_t>& steps_;
  std::uint16_t stream_;
};

}  // namespace

std::unique_ptr<Stream> ModelledDevice::make_stream(const std::string& name) {
  const std::size_t number = log_.streams.size();
  if (number > std::numeric_limits<std::uint16_t>::max())
    fail(text("stream ", name, ": a rank has at most 65536 streams"));
  log_.streams.push_back(name);
  return std::make_unique<LoggingStream>(tags(), log_, steps_, static_cast<std::uint16_t>(number));
}

std::shared_ptr<Buffer> ModelledDevice::do_allocate(std::int64_t) {
  return std::make_shared<NoBytes>();
}

}  // namespace shardpipe::modelled
