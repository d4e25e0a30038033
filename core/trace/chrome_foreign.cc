#include "core/trace/chrome_foreign.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/trace/limits.h"

namespace shardpipe {
namespace {

using Type = EventValue::Type;

// Times since 1970 are about 2^60.6 ns; sums of a few differences of such times stay in range.
constexpr std::int64_t kFarthestNs = std::int64_t{1} << 61;
constexpr std::int64_t kLongestNs = std::int64_t{1} << 60;

std::string lower(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return word;
}

bool is_nccl(const std::string& name) {
  return lower(name.substr(0, 4)) == "nccl" || name.starts_with("gloo:");
}

// Of an NCCL kernel or of the argument "Collective name": ncclDevKernel_AllReduce_Sum_bf16_RING_LL,
// _allgather_base, reduce_scatter_tensor_coalesced. What is none of these is between two ranks.
OpKind collective_of(const std::string& words) {
  std::string name = lower(words);
  name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
  const auto says = [&](const char* word) { return name.find(word) != std::string::npos; };
  if (says("allreduce")) return OpKind::all_reduce;
  if (says("allgather")) return OpKind::all_gather;
  if (says("reducescatter")) return OpKind::reduce_scatter;
  if (says("broadcast")) return OpKind::broadcast;
  if (says("barrier")) return OpKind::barrier;
  return OpKind::exchange;
}

std::int64_t bytes_of(const std::string& dtype) {
  const std::string name = lower(dtype);
  if (name == "double" || name == "long" || name == "float64" || name == "int64") return 8;
  if (name == "half" || name == "bfloat16" || name == "short" || name == "float16") return 2;
  if (name == "byte" || name == "char" || name == "bool" || name.starts_with("float8")) return 1;
  return 4;
}

// The numbers in "[0, 1, 2]".
std::vector<int> ranks_in(const std::string& list) {
  std::vector<int> ranks;
  for (std::size_t i = 0; i < list.size();) {
    if (std::isdigit(static_cast<unsigned char>(list[i])) == 0) {
      ++i;
      continue;
    }
    std::int64_t rank = 0;
    for (; i < list.size() && std::isdigit(static_cast<unsigned char>(list[i])) != 0; ++i)
      rank = std::min<std::int64_t>(rank * 10 + (list[i] - '0'), INT32_MAX);
    ranks.push_back(static_cast<int>(rank));
  }
  return ranks;
}

}  // namespace

void ForeignReader::header(const std::string& key, const Json& value) {
  if (key == "schemaVersion" || key == "distributedInfo") read_.is_pytorch = true;
  if (key == "baseTimeNanoseconds" && value.is_integer()) base_ns_ = value.integer();
  const Json* rank = key == "distributedInfo" ? value.find("rank") : nullptr;
  if (rank != nullptr && rank->is_integer())
    read_.rank = static_cast<int>(std::clamp<std::int64_t>(rank->integer(), -1, INT32_MAX));
}

void ForeignReader::event(const ChromeEvent& event) {
  const EventValue& phase = event[EventKey::phase];
  if (phase.type != Type::word) bad(event, "no \"ph\"");
  if (phase.text == "M")
    describe(event);
  else if (phase.text == "X" || phase.text == "B")
    slice(event);
  else if (phase.text == "E")
    close(event);
  else
    ++read_.left_out;
}

void ForeignReader::bad(const ChromeEvent& event, const std::string& what) const {
  usage_error(text(read_.file, ": event ", event.number, " (byte ", event.byte, "): ", what));
}

std::int64_t ForeignReader::time(const ChromeEvent& event, EventKey key, const char* name) const {
  std::int64_t ns = 0;
  if (!to_ns(event[key], &ns) || ns > kFarthestNs || ns < -kFarthestNs)
    bad(event, text(name, " must be a number of microseconds"));
  return ns;
}

void ForeignReader::describe(const ChromeEvent& event) {
  const std::string& what = event[EventKey::name].text;
  const std::string pid = event[EventKey::pid].word();
  if (what == "process_name") process_names_[pid] = event[EventKey::named].text;
  if (what == "thread_name")
    thread_names_[{pid, event[EventKey::tid].word()}] = event[EventKey::named].text;
}

void ForeignReader::slice(const ChromeEvent& event) {
  const std::string& words = event[EventKey::name].text;
  const Use use = use_of(words, event[EventKey::category].text);
  Span span{.lane = lane(event, use), .name = name(words)};
  span.posted_ns = span.ready_ns = time(event, EventKey::time, "ts");
  if (event[EventKey::phase].text == "B") {
    open_[event[EventKey::pid].word() + '\n' + event[EventKey::tid].word()].push_back(
        {span.name, span.lane, span.ready_ns});
    return;
  }
  const std::int64_t length_ns = time(event, EventKey::length, "dur");
  if (length_ns < 0) bad(event, "dur must not be negative");
  span.end_ns = span.ready_ns + length_ns;
  if (use == Use::comm) {
    const std::string& collective = event[EventKey::collective].text;
    span.kind = collective_of(collective.empty() ? words : collective);
    span.group = group(event);
    if (event[EventKey::sequence].type == Type::integer)
      span.sequence = event[EventKey::sequence].integer;
    const EventValue& elements = event[EventKey::elements_in];
    constexpr std::int64_t kMostElements = std::int64_t{1} << 56;
    if (elements.type == Type::integer && elements.integer >= 0 && elements.integer < kMostElements)
      span.bytes = elements.integer * bytes_of(event[EventKey::dtype].text);
  }
  read_.trace.spans.push_back(span);
}

void ForeignReader::close(const ChromeEvent& event) {
  std::vector<Open>& open = open_[event[EventKey::pid].word() + '\n' + event[EventKey::tid].word()];
  const std::int64_t end_ns = time(event, EventKey::time, "ts");
  if (open.empty() || open.back().begin_ns > end_ns) {
    ++read_.unclosed;
    return;
  }
  const Open begun = open.back();
  open.pop_back();
  Span span{.lane = begun.lane, .name = begun.name};
  span.posted_ns = span.ready_ns = begun.begin_ns;
  span.end_ns = end_ns;
  if (threads_[static_cast<std::size_t>(span.lane)].use == Use::comm) {
    span.kind = collective_of(read_.trace.names[static_cast<std::size_t>(span.name)]);
    span.group = group(event);
  }
  read_.trace.spans.push_back(span);
}

ForeignReader::Use ForeignReader::use_of(const std::string& name, const std::string& category) {
  const bool is_kernel = category == "kernel" || category == "Kernel";
  has_device_ = has_device_ || is_kernel;
  if (is_nccl(name) && (is_kernel || name.starts_with("gloo:") || !read_.is_pytorch))
    return Use::comm;
  if (is_kernel) return Use::compute;
  if (category == "gpu_memcpy" || category == "gpu_memset") return Use::copy;
  if (!read_.is_pytorch) return category.find("comm") == 0 ? Use::comm : Use::compute;
  return category == "cpu_op" ? Use::operators : Use::host;
}

std::int32_t ForeignReader::lane(const ChromeEvent& event, Use use) {
  Thread thread{event[EventKey::pid].word(), event[EventKey::tid].word(), use};
  const std::string key = thread.pid + '\n' + thread.tid + '\n' + static_cast<char>(use);
  const auto [at, is_new] = lanes_.emplace(key, static_cast<std::int32_t>(threads_.size()));
  if (is_new) threads_.push_back(std::move(thread));
  return at->second;
}

std::int32_t ForeignReader::name(const std::string& name) {
  std::vector<std::string>& names = read_.trace.names;
  const auto [at, is_new] = names_.emplace(name, static_cast<std::int32_t>(names.size()));
  if (is_new) names.push_back(shortened(name, kMostName));
  return at->second;
}

// Without a name of its group a collective is taken for one of all ranks.
std::int32_t ForeignReader::group(const ChromeEvent& event) {
  const std::string id = event[EventKey::group].word();
  const std::string& ranks = event[EventKey::group_ranks].text;
  const std::string key = id + '\n' + ranks;
  std::vector<Group>& groups = read_.trace.groups;
  const auto [at, is_new] = groups_.emplace(key, static_cast<std::int32_t>(groups.size()));
  if (is_new) {
    const std::string& words = event[EventKey::group_words].text;
    groups.push_back({.id = at->second,
                      .axis = shortened(!words.empty() ? words
                                        : id.empty()   ? "world"
                                                       : id,
                                        kMostLabel),
                      .ranks = ranks_in(ranks)});
    read_.group_keys.push_back(key);
  }
  return at->second;
}

ForeignTrace ForeignReader::finish() {
  Trace& trace = read_.trace;
  for (const auto& [thread, open] : open_) read_.unclosed += static_cast<std::int64_t>(open.size());
  std::int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
  for (const Span& span : trace.spans) {
    first_ns = std::min(first_ns, span.posted_ns);
    last_ns = std::max(last_ns, span.end_ns);
  }
  if (trace.spans.empty()) first_ns = last_ns = 0;
  for (Span& span : trace.spans) {
    span.posted_ns -= first_ns;
    span.ready_ns -= first_ns;
    span.end_ns -= first_ns;
  }
  trace.wall_ns = last_ns - first_ns;
  if (trace.wall_ns > kLongestNs)
    usage_error(text(read_.file, ": its times lie more than 36 years apart"));
  if (__builtin_add_overflow(first_ns, base_ns_, &read_.origin_ns) ||
      read_.origin_ns > kFarthestNs || read_.origin_ns < -kFarthestNs)
    usage_error(text(read_.file, ": baseTimeNanoseconds ", base_ns_, " is out of range"));
  place_lanes();
  trace.sort_spans();
  return std::move(read_);
}

// Ranks and streams: processes in the order of their ids, in each compute, comm, copies, the host.
void ForeignReader::place_lanes() {
  const auto number = [](const std::string& id) {  // ids in numeric order, words after them
    const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
    return std::tuple(!is_number, is_number ? id.size() : 0, id);
  };
  std::vector<std::size_t> order(threads_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    const Thread& t = threads_[i];
    return read_.is_pytorch ? std::tuple(number(""), t.use, number(t.pid), number(t.tid))
                            : std::tuple(number(t.pid), t.use, number(""), number(t.tid));
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<std::int32_t> place(threads_.size());
  std::string pid;
  int rank = read_.is_pytorch ? 0 : -1, stream = 0;
  for (const std::size_t i : order) {
    const Thread& thread = threads_[i];
    if (!read_.is_pytorch && (rank < 0 || thread.pid != pid)) {
      ++rank;
      stream = 0;
      pid = thread.pid;
    }
    place[i] = static_cast<std::int32_t>(read_.trace.lanes.size());
    read_.trace.lanes.push_back({rank, stream++, lane_name(thread)});
  }
  for (Span& span : read_.trace.spans) span.lane = place[static_cast<std::size_t>(span.lane)];
}

// kind_of reads its first word back.
std::string ForeignReader::lane_name(const Thread& thread) const {
  const auto named = thread_names_.find({thread.pid, thread.tid});
  const std::string given =
      named == thread_names_.end() ? "" : shortened(named->second, kMostLabel);
  const std::string tid = shortened(thread.tid, kMostLabel);
  if (!read_.is_pytorch) {
    const auto process = process_names_.find(thread.pid);
    const std::string of =
        shortened(process == process_names_.end() ? thread.pid : process->second, kMostLabel);
    const std::string label = given.empty() ? "thread " + tid : given;
    return (thread.use == Use::comm ? "comm " : "") + label + (of.empty() ? "" : " of " + of);
  }
  switch (thread.use) {
    case Use::compute: return "stream " + tid;
    case Use::comm: return "comm stream " + tid;
    case Use::copy: return "copy stream " + tid;
    case Use::operators: return (has_device_ ? "host thread " : "thread ") + tid;
    case Use::host: break;
  }
  return "host " + tid;
}

}  // namespace shardpipe
