#include "core/trace/chrome_events.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace shardpipe {
namespace {

constexpr std::int64_t kMostNs = std::int64_t{1} << 62;

}  // namespace

double EventValue::real() const {
  return type == Type::integer ? static_cast<double>(integer) : std::strtod(text.c_str(), nullptr);
}

std::string EventValue::word() const {
  return type == Type::integer ? std::to_string(integer) : type == Type::absent ? "" : text;
}

void ChromeEvent::clear() {
  for (EventValue& value : values_) {
    value.type = EventValue::Type::absent;
    value.text.clear();
  }
}

bool to_ns(const EventValue& us, std::int64_t* ns) {
  if (us.type == EventValue::Type::integer) {
    if (us.integer > kMostNs / 1000 || us.integer < -kMostNs / 1000) return false;
    *ns = us.integer * 1000;
    return true;
  }
  if (us.type != EventValue::Type::real) return false;
  const std::string& digits = us.text;
  if (digits.find_first_of("eE") != std::string::npos) {
    const double value = std::strtod(digits.c_str(), nullptr) * 1000;
    if (!(std::abs(value) < static_cast<double>(kMostNs))) return false;
    *ns = std::llround(value);
    return true;
  }
  const bool is_negative = digits[0] == '-';
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::int64_t value = 0;
  for (std::size_t i = is_negative ? 1 : 0; i < point; ++i) {
    if (value > kMostNs / 10'000) return false;
    value = value * 10 + (digits[i] - '0');
  }
  for (std::size_t i = point + 1; i < point + 4; ++i)
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  if (point + 4 < digits.size() && digits[point + 4] >= '5') ++value;
  *ns = is_negative ? -value : value;
  return true;
}

}  // namespace shardpipe
