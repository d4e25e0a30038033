#include "core/trace/chrome_kit.h"

#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

// The value of an enum by its printed name. `last`: its last enumerator.
template <class Enum>
std::optional<Enum> enum_of(std::string_view name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (name == name_of(static_cast<Enum>(i))) return static_cast<Enum>(i);
  return {};
}

}  // namespace

KitReader::KitReader(const std::string& file, const Json& metadata)
    : file_(file), trace_(trace_of_metadata(metadata, file)), ranks_(trace_.ranks()) {
  const auto position = [](std::size_t i) { return static_cast<std::int32_t>(i); };
  for (std::size_t i = 0; i < trace_.lanes.size(); ++i) {
    const Lane& lane = trace_.lanes[i];
    lanes_[(lane.rank + 1) * std::int64_t{100} + lane.stream + 1] = position(i);
  }
  for (std::size_t i = 0; i < trace_.groups.size(); ++i)
    groups_[std::to_string(trace_.groups[i].id)] = position(i);
  for (std::size_t i = 0; i < trace_.names.size(); ++i)
    names_.emplace(trace_.names[i], position(i));
  for (std::size_t i = 0; i < trace_.shapes.size(); ++i)
    shapes_.emplace(trace_.shapes[i], position(i));
}

void KitReader::event(const ChromeEvent& event) {
  const EventValue& category = event[EventKey::category];
  if (event[EventKey::phase].type == EventValue::Type::absent) bad(event, "no \"ph\"");
  if (event[EventKey::phase].text != "X" || category.text == "wait") return;
  Span span{.lane = lane(event), .group = group(event), .kind = kind(event)};
  const auto name = names_.find(event[EventKey::name].text);
  if (name == names_.end())
    bad(event, text("name \"", event[EventKey::name].text, "\" is not in metadata.names"));
  span.name = name->second;
  if (const EventValue& shape = event[EventKey::shape]; shape.type != EventValue::Type::absent) {
    const auto at = shapes_.find(shape.text);
    if (at == shapes_.end())
      bad(event, text("shape \"", shape.text, "\" is not in metadata.shapes"));
    span.shape = at->second;
  }
  span.sequence = integer(event, EventKey::sequence, -1);
  span.bytes = integer(event, EventKey::bytes, 0);
  if (event[EventKey::flops].is_number()) span.flops = event[EventKey::flops].real();
  span.waits_for = index(event, EventKey::waits_for);
  span.tags = {.step = index(event, EventKey::step),
               .stage = index(event, EventKey::stage),
               .microbatch = index(event, EventKey::microbatch),
               .layer = index(event, EventKey::layer),
               .phase = phase(event)};
  const std::int64_t wait_ns = integer(event, EventKey::wait, 0);
  const std::int64_t busy_ns = time(event, EventKey::length, "dur");
  span.ready_ns = time(event, EventKey::time, "ts");
  if (wait_ns < 0 || busy_ns < 0) bad(event, "wait_ns and dur must not be negative");
  if (__builtin_sub_overflow(span.ready_ns, wait_ns, &span.posted_ns) ||
      __builtin_add_overflow(span.ready_ns, busy_ns, &span.end_ns))
    bad(event, "its time is out of range");
  if (const std::string fault = fault_of(span, trace_, ranks_); !fault.empty()) bad(event, fault);
  trace_.spans.push_back(span);
}

Trace KitReader::finish() {
  trace_.sort_spans();
  return std::move(trace_);
}

void KitReader::bad(const ChromeEvent& event, const std::string& what) const {
  usage_error(text(file_, ": event ", event.number, " (byte ", event.byte, "): ", what));
}

std::int64_t KitReader::time(const ChromeEvent& event, EventKey key, const char* name) const {
  std::int64_t ns = 0;
  if (!to_ns(event[key], &ns)) bad(event, text(name, " must be a number of microseconds"));
  return ns;
}

std::int64_t KitReader::integer(const ChromeEvent& event, EventKey key, std::int64_t absent) const {
  const EventValue& value = event[key];
  if (value.type == EventValue::Type::absent) return absent;
  if (value.type != EventValue::Type::integer) bad(event, "an argument must be an integer");
  return value.integer;
}

std::int32_t KitReader::index(const ChromeEvent& event, EventKey key) const {
  const std::int64_t value = integer(event, key, -1);
  if (value < -1 || value > INT32_MAX) bad(event, text("an argument is ", value));
  return static_cast<std::int32_t>(value);
}

OpKind KitReader::kind(const ChromeEvent& event) const {
  const std::string_view category = event[EventKey::category].text;
  if (category.starts_with("compute")) return OpKind::compute;
  const auto kind =
      category.starts_with("comm,") ? enum_of(category.substr(5), OpKind::barrier) : std::nullopt;
  if (!kind) bad(event, text("unknown category \"", category, "\""));
  return *kind;
}

Phase KitReader::phase(const ChromeEvent& event) const {
  const EventValue& name = event[EventKey::part];
  if (name.type == EventValue::Type::absent) return Phase::none;
  const auto phase = enum_of(name.text, Phase::optimizer);
  if (!phase) bad(event, text("unknown phase \"", name.text, "\""));
  return *phase;
}

std::int32_t KitReader::group(const ChromeEvent& event) const {
  const EventValue& id = event[EventKey::group];
  if (id.type == EventValue::Type::absent) return -1;
  const auto at = groups_.find(id.text);
  if (at == groups_.end()) bad(event, text("process group ", id.word(), " is not in metadata"));
  return at->second;
}

std::int32_t KitReader::lane(const ChromeEvent& event) const {
  const EventValue& tid = event[EventKey::tid];
  const auto at = lanes_.find(tid.integer);
  if (tid.type != EventValue::Type::integer || at == lanes_.end())
    bad(event, text("tid ", tid.word(), " is not in metadata"));
  return at->second;
}

}  // namespace shardpipe
