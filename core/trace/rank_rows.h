// Which ranks a table or a picture shows, and what its rows are called. Ranks that do the same at
// the same times are one row, with their number: of 2,048 ranks of a pipeline of 16 stages 16 rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

using RankRow = std::vector<int>;  // ascending, never empty

inline constexpr const char* kRanksHelp =
    "which are shown, such as 0-3,12 (default: 24 rows, docs/cli.md)";

inline constexpr std::size_t kMostRankRows = 24;  // where nobody asked for certain ranks

struct RankRows {
  std::vector<RankRow> rows = {};  // by their first rank
  std::vector<int> left_out = {};  // beyond kMostRankRows, ascending
};

// Equal in every span: name, size, tags and times, and kind and size of its group. O(spans)
std::vector<RankRow> alike_ranks(const Trace& trace);

// list: "0-3,12", ranks that are shown whatever their number, those of them that there are; "":
// all.
RankRows rank_rows(const Trace& trace, const std::string& list = "");

// The ranks of a list, ascending, each once. usage_error that names --ranks unless it is numbers
// and ranges of ranks below num_ranks.
std::vector<int> ranks_in_list(const std::string& list, int num_ranks);

std::string list_of(const RankRow& ranks);   // "0-3,12"
std::string label_of(const RankRow& ranks);  // "rank 3"; "ranks 0-7 (8)", cut to 22 characters
// The widest label of the rows, for their column.
int label_width(const std::vector<RankRow>& rows);

// "and 8 ranks more: --ranks 24-31\n", or "" where all are shown.
std::string left_out_line(const RankRows& rows);

}  // namespace shardpipe
