// Limits on the calls of programs that use more than one kind of collective.
#pragma once

#include "labs/grade/budgets.h"

namespace shardpipe {

Budget calls_at_most(const Collectives& these, int most);
// No other kind on communicators of that axis, and nothing on others.
Budget no_calls_but_those_of(const std::string& axis, std::vector<OpKind> kinds);

}  // namespace shardpipe
