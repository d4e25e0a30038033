// The numbers of a row-parallel linear without bias, for the exercises that overlap its sums.
#pragma once

#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// T tokens, F outputs, D/t inputs a rank.
struct RowSize {
  GridShape grid = {};
  Index tokens = 1, outputs = 1, shard = 1;

  Index inputs() const { return shard * grid.tp; }
};

// Whole, of one tensor-parallel group. batch: numbers of their own for x.
struct RowTables {
  Table x, weight;  // [T,D] [F,D]
};

// who: rank r's partial sum is 8^r everywhere. where: row i of x picks column i of the weight,
// whose numbers are their places.
RowTables row_tables(Data data, std::uint64_t seed, const RowSize& size, int group, int batch = 0);

// y = x W^T; 0 roundings: exact.
Wanted64 wanted_row_output(const RowTables& tables, const RowSize& size, Data data);

}  // namespace shardpipe
