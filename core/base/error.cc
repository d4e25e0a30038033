#include "core/base/error.h"

#include <new>
#include <system_error>

#include "core/base/terminal.h"

namespace shardpipe {
namespace {

bool is_of_resources(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory;
}

}  // namespace

Error error_of(const std::exception& e) {
  if (const auto* error = dynamic_cast<const Error*>(&e)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr ||
      dynamic_cast<const std::length_error*>(&e) != nullptr)
    return Error("out of memory", ExitCode::crash, Where::here(), true);
  const auto* of_system = dynamic_cast<const std::system_error*>(&e);
  return Error(e.what(), ExitCode::crash, Where::here(),
               of_system != nullptr && is_of_resources(of_system->code()));
}

void out_of_resources(const std::string& message, Where where) {
  throw Error(message, ExitCode::crash, where, true);
}

void fail(const std::string& message, Where where) { fail(ExitCode::crash, message, where); }

void fail(ExitCode code, const std::string& message, Where where) {
  throw Error(printable_message(message, code), code, where);
}

void usage_error(const std::string& message, Where where) { fail(ExitCode::usage, message, where); }

}  // namespace shardpipe
