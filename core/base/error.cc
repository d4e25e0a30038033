#include "core/base/error.h"

namespace shardpipe {

void fail(const std::string& message, Where where) { throw Error(message, ExitCode::crash, where); }

void fail(ExitCode code, const std::string& message, Where where) {
  throw Error(message, code, where);
}

void usage_error(const std::string& message, Where where) {
  throw Error(message, ExitCode::usage, where);
}

}  // namespace shardpipe
