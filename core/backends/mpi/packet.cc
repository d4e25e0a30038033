#include "core/backends/mpi/packet.h"

#include <algorithm>
#include <map>
#include <type_traits>

namespace shardpipe::mpi {
namespace {

class Sink {
 public:
  template <class Number>
  void put(const Number& number) {
    static_assert(std::is_trivially_copyable_v<Number> && !std::is_pointer_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(const std::string& words) {
    put(words.size());
    bytes_ += words;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Pointers of a record become indices into these.
struct Tables {
  std::map<std::string, int> names;
  std::map<int, const Group*> groups;  // by id
};

std::vector<const SpanRecord*> records_of(const RecordedStream& stream) {
  std::vector<const SpanRecord*> records = stream.log->records();
  if (stream.open) records.push_back(&*stream.open);
  return records;
}

Tables tables_of(const Packet& packet) {
  Tables tables;
  for (const RecordedStream& stream : packet.streams)
    for (const SpanRecord* record : records_of(stream)) {
      tables.names.emplace(record->name, 0);
      if (record->group != nullptr) tables.groups.emplace(record->group->id, record->group);
    }
  int index = 0;
  for (auto& [name, at] : tables.names) at = index++;
  return tables;
}

void put_tables(const Tables& tables, Sink& out) {
  out.put(tables.names.size());
  for (const auto& [name, at] : tables.names) out.put(name);
  out.put(tables.groups.size());
  for (const auto& [id, group] : tables.groups) {
    out.put(id);
    out.put(group->axis);
    out.put(group->ranks.size());
    for (const int rank : group->ranks) out.put(rank);
  }
}

void put_report(const RankReport& report, Sink& out) {
  for (const std::int64_t n : {report.peak_bytes, report.live_bytes, report.physical_bytes})
    out.put(n);
  out.put(report.communication.size());
  for (const CommCount& c : report.communication) {
    out.put(c.group);
    out.put(c.kind);
    for (const std::int64_t n : {c.calls, c.bytes, c.wire_bytes}) out.put(n);
  }
}

void put_streams(const Packet& packet, const Tables& tables, Sink& out) {
  out.put(packet.streams.size());
  for (const RecordedStream& stream : packet.streams) {
    out.put(stream.stream);
    out.put(stream.name);
    const std::vector<const SpanRecord*> records = records_of(stream);
    out.put(records.size());
    for (const SpanRecord* at : records) {
      SpanRecord record = *at;
      out.put(tables.names.at(record.name));
      out.put(record.group == nullptr ? -1 : record.group->id);
      record.name = nullptr;
      record.group = nullptr;
      out.put(record);
    }
  }
}

}  // namespace

std::string to_bytes(const Packet& packet) {
  Sink out;
  out.put(packet.begin_ns);
  out.put(packet.end_ns);
  put_report(packet.report, out);
  const Tables tables = tables_of(packet);
  put_tables(tables, out);
  put_streams(packet, tables, out);
  return out.take();
}

// Reads what Sink wrote, in the same order.
class Merger::Source {
 public:
  explicit Source(const std::string& bytes) : bytes_(bytes) {}

  template <class Number>
  Number take() {
    Number number;
    std::memcpy(&number, next(sizeof number), sizeof number);
    return number;
  }
  std::string words() {
    const auto size = take<std::size_t>();
    return {next(size), size};
  }
  RankReport report() {
    RankReport r;
    for (std::int64_t* n : {&r.peak_bytes, &r.live_bytes, &r.physical_bytes})
      *n = take<std::int64_t>();
    r.communication.resize(take<std::size_t>());
    for (CommCount& c : r.communication) {
      c.group = words();
      c.kind = take<OpKind>();
      for (std::int64_t* n : {&c.calls, &c.bytes, &c.wire_bytes}) *n = take<std::int64_t>();
    }
    return r;
  }
  Group group() {
    Group g{.id = take<int>(), .axis = words()};
    g.ranks.resize(take<std::size_t>());
    for (int& rank : g.ranks) rank = take<int>();
    return g;
  }

 private:
  const char* next(std::size_t size) {
    require(at_ + size <= bytes_.size(), "a process sent less than it should");
    at_ += size;
    return bytes_.data() + (at_ - size);
  }

  const std::string& bytes_;
  std::size_t at_ = 0;
};

void Merger::add(int rank, const std::string& bytes) {
  Source in(bytes);
  begin_ns_.push_back(in.take<std::int64_t>());
  end_ns_.push_back(in.take<std::int64_t>());
  reports_.push_back(in.report());
  std::vector<const char*> names(in.take<std::size_t>());
  for (const char*& name : names) name = names_.emplace_back(in.words()).c_str();
  std::map<int, const Group*> groups;
  for (auto left = in.take<std::size_t>(); left > 0; --left) {
    const Group& group = groups_.emplace_back(in.group());
    groups[group.id] = &group;
  }
  for (auto left = in.take<std::size_t>(); left > 0; --left) {
    const int number = in.take<int>();
    StreamLog& log = recorder_.make_log(rank, number, in.words());
    for (auto spans = in.take<std::size_t>(); spans > 0; --spans) {
      const char* name = names.at(static_cast<std::size_t>(in.take<int>()));
      const int group = in.take<int>();
      auto record = in.take<SpanRecord>();
      record.name = name;
      record.group = group < 0 ? nullptr : groups.at(group);
      log.add(record);
    }
  }
}

// The first rank past the barrier that opens the window begins it for all.
RunReport Merger::finish() {
  return {.trace = recorder_.finish(*std::min_element(begin_ns_.begin(), begin_ns_.end()),
                                    *std::max_element(end_ns_.begin(), end_ns_.end()), end_ns_),
          .ranks = std::move(reports_)};
}

Trace Merger::last_picture(std::int64_t now_ns) const {
  Trace trace = recorder_.finish(*std::min_element(begin_ns_.begin(), begin_ns_.end()), now_ns);
  trace.clock = "measured";
  return trace;
}

}  // namespace shardpipe::mpi
