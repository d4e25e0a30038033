#include "core/base/error.h"

#include "core/base/terminal.h"

namespace shardpipe {

void fail(const std::string& message, Where where) { fail(ExitCode::crash, message, where); }

void fail(ExitCode code, const std::string& message, Where where) {
  throw Error(printable_message(message, code), code, where);
}

void usage_error(const std::string& message, Where where) { fail(ExitCode::usage, message, where); }

}  // namespace shardpipe
