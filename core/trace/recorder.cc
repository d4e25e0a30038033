// From the logs of all streams to one Trace. "The rank that came last" to a collective is found
// here, where the logs of all its ranks are at hand: no rank can know it while it runs.
#include "core/trace/recorder.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"

namespace shardpipe {
namespace {

struct Arrival {
  std::int64_t posted_ns = 0;
  int rank = -1;
};

// One collective of a run: (group id, sequence).
using Meeting = std::pair<int, std::int64_t>;
using Arrivals = std::map<Meeting, Arrival>;

// What a stream recorded so far.
struct LaneLog {
  Lane lane;
  std::vector<const SpanRecord*> records;  // by posted_ns
};

bool is_meeting(const SpanRecord& record) {
  return is_communication(record.kind) && record.kind != OpKind::exchange &&
         record.group != nullptr && record.sequence >= 0;
}

// Index of a key in a table of first appearances.
template <class Key, class Value>
std::int32_t intern(std::unordered_map<Key, std::int32_t>& index, std::vector<Value>& table,
                    const Key& key, const Value& value) {
  const auto [at, is_new] = index.emplace(key, static_cast<std::int32_t>(table.size()));
  if (is_new) table.push_back(value);
  return at->second;
}

std::int32_t shape_of(const Dims& dims, std::map<Dims, std::int32_t>& index,
                      std::vector<std::string>& shapes) {
  if (dims.count == 0) return -1;
  const auto [at, is_new] = index.emplace(dims, static_cast<std::int32_t>(shapes.size()));
  if (is_new) shapes.push_back(dims.words());
  return at->second;
}

std::vector<const SpanRecord*> sorted_by_posted(std::vector<const SpanRecord*> records) {
  const auto earlier = [](const SpanRecord* a, const SpanRecord* b) {
    return a->posted_ns < b->posted_ns;
  };
  std::stable_sort(records.begin(), records.end(), earlier);
  return records;
}

// The last rank to come to each collective. Records outside the window count too: a rank may come
// to one before the window opens. Logs are in rank order, so of two that came at once the lowest
// stays.
Arrivals last_arrivals(const std::vector<LaneLog>& logs) {
  Arrivals last;
  for (const LaneLog& log : logs)
    for (const SpanRecord* record : log.records) {
      if (!is_meeting(*record)) continue;
      Arrival& arrival = last[{record->group->id, record->sequence}];
      if (arrival.rank < 0 || record->posted_ns > arrival.posted_ns)
        arrival = {record->posted_ns, log.lane.rank};
    }
  return last;
}

// The first rank of a collective that did not come to it; -1 if all did.
int missing_rank(const std::vector<LaneLog>& logs, const SpanRecord& record) {
  std::vector<int> missing = record.group->ranks;
  for (const LaneLog& log : logs)
    for (const SpanRecord* other : log.records)
      if (is_meeting(*other) && other->group->id == record.group->id &&
          other->sequence == record.sequence)
        std::erase(missing, log.lane.rank);
  return missing.empty() ? -1 : *std::min_element(missing.begin(), missing.end());
}

// All but the indices into the trace's tables. A measured end may lie before the last arrival (a
// broadcast's root need not wait for its last receiver): then the span is all waiting.
Span span_of(const SpanRecord& record, int rank, const Arrivals& last) {
  Span span{.kind = record.kind,
            .tags = record.tags,
            .sequence = record.kind == OpKind::exchange ? -1 : record.sequence,
            .bytes = record.bytes,
            .flops = record.flops,
            .posted_ns = record.posted_ns,
            .ready_ns = record.ready_ns,
            .end_ns = record.end_ns,
            .waits_for = record.waits_for};
  if (span.ready_ns != -1) return span;
  span.ready_ns = span.posted_ns;
  if (!is_meeting(record)) return span;
  const Arrival& arrival = last.at({record.group->id, record.sequence});
  span.ready_ns = std::max(span.posted_ns, std::min(arrival.posted_ns, span.end_ns));
  span.waits_for = arrival.rank == rank ? -1 : arrival.rank;
  return span;
}

}  // namespace

void StreamLog::add(const SpanRecord& record) {
  const std::size_t size = size_.load(std::memory_order_relaxed);
  if (size % kBlock == 0) {
    std::unique_ptr<Block>& next = size == 0 ? first_ : last_->next;
    next = std::make_unique<Block>();
    last_ = next.get();
  }
  last_->records[size % kBlock] = record;
  size_.store(size + 1, std::memory_order_release);
}

std::vector<const SpanRecord*> StreamLog::records() const {
  const std::size_t size = size_.load(std::memory_order_acquire);
  std::vector<const SpanRecord*> records;
  records.reserve(size);
  const Block* block = nullptr;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % kBlock == 0) block = i == 0 ? first_.get() : block->next.get();
    records.push_back(&block->records[i % kBlock]);
  }
  return records;
}

StreamLog& Recorder::make_log(int rank, int stream, const std::string& name) {
  std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_)
    if (entry.lane.rank == rank && entry.lane.stream == stream)
      fail(ExitCode::fault, text("trace: rank ", rank, " has two streams with number ", stream));
  entries_.push_back({{rank, stream, name}, std::make_unique<StreamLog>()});
  return *entries_.back().log;
}

Trace Recorder::finish(std::int64_t begin_ns, std::int64_t end_ns,
                       const std::vector<std::int64_t>& rank_end_ns) const {
  if (end_ns < begin_ns)
    fail(ExitCode::fault, text("trace: window ends at ", end_ns, " before ", begin_ns, " ns"));

  std::vector<LaneLog> logs;
  {
    std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
      logs.push_back({entry.lane, sorted_by_posted(entry.log->records())});
  }
  std::sort(logs.begin(), logs.end(), [](const LaneLog& a, const LaneLog& b) {
    return std::pair(a.lane.rank, a.lane.stream) < std::pair(b.lane.rank, b.lane.stream);
  });
  const Arrivals last = last_arrivals(logs);

  Trace trace{.wall_ns = end_ns - begin_ns};
  std::unordered_map<std::string, std::int32_t> name_index;
  std::map<Dims, std::int32_t> shape_index;
  std::unordered_map<int, std::int32_t> group_index;
  for (const LaneLog& log : logs) {
    const std::int64_t last_ns =
        rank_end_ns.empty() ? end_ns : rank_end_ns.at(static_cast<std::size_t>(log.lane.rank));
    for (const SpanRecord* record : log.records) {
      if (record->posted_ns < begin_ns || record->posted_ns >= last_ns) continue;
      Span span = span_of(*record, log.lane.rank, last);
      std::string name = record->name;
      if (record->never_ended) {
        name += kNeverEnded;
        span.end_ns = end_ns;  // threads notice the failure one after another
        if (is_communication(span.kind)) span.ready_ns = end_ns;
        if (is_meeting(*record)) span.waits_for = missing_rank(logs, *record);
      }
      span.lane = static_cast<std::int32_t>(trace.lanes.size());
      span.name = intern(name_index, trace.names, name, name);
      span.shape = shape_of(record->dims, shape_index, trace.shapes);
      if (record->group != nullptr)
        span.group = intern(group_index, trace.groups, record->group->id, *record->group);
      span.posted_ns -= begin_ns;
      span.ready_ns -= begin_ns;
      span.end_ns -= begin_ns;
      trace.spans.push_back(span);
    }
    trace.lanes.push_back(log.lane);
  }
  return trace;
}

}  // namespace shardpipe
