// Reads the events that write_chrome_json writes; whatever it would not write is a usage_error.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "core/base/json.h"
#include "core/trace/chrome_events.h"
#include "core/trace/trace.h"

namespace shardpipe {

class KitReader {
 public:
  // The metadata of the file, which stand before its events.
  KitReader(const std::string& file, const Json& metadata);

  void event(const ChromeEvent& event);
  Trace finish();

 private:
  [[noreturn]] void bad(const ChromeEvent& event, const std::string& what) const;
  std::int64_t time(const ChromeEvent& event, EventKey key, const char* name) const;
  std::int64_t integer(const ChromeEvent& event, EventKey key, std::int64_t absent) const;
  std::int32_t index(const ChromeEvent& event, EventKey key) const;  // -1: absent
  OpKind kind(const ChromeEvent& event) const;
  Phase phase(const ChromeEvent& event) const;
  std::int32_t group(const ChromeEvent& event) const;
  std::int32_t lane(const ChromeEvent& event) const;

  const std::string file_;
  Trace trace_;
  const int ranks_;
  std::map<std::int64_t, std::int32_t> lanes_;  // by tid
  std::unordered_map<std::string, std::int32_t> groups_, names_, shapes_;
};

}  // namespace shardpipe
