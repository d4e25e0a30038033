#include "labs/grade/day04/row_pieces.h"

namespace shardpipe {

RowTables row_tables(Data data, std::uint64_t seed, const RowSize& size, int group, int batch) {
  const Index T = size.tokens, F = size.outputs, D = size.inputs(), shard = size.shard;
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, 10 * group + tensor, i * D + j); };
  };
  switch (data) {
    case Data::who:
      return {{T, D, [&](Index, Index k) { return digit(size.grid, group, k / shard); }},
              {F, D, [&](Index, Index k) { return k % shard == 0 ? 1 : 0; }}};
    case Data::where:
      return {{T, D, [](Index i, Index k) { return i == k ? 1 : 0; }},
              {F, D, [&](Index j, Index k) { return j * D + k + 1; }}};
    case Data::integers:
    case Data::reals: break;
  }
  return {{T, D, random(1 + batch)}, {F, D, random(0)}};
}

Wanted64 wanted_row_output(const RowTables& tables, const RowSize& size, Data data) {
  const Table y = product(tables.x, transposed(tables.weight));
  // Products and their sum: D; the sum over ranks: t.
  const auto roundings = static_cast<double>(size.inputs() + size.grid.tp);
  return wanted(y, all_of(y), is_exact(data) ? 0 : roundings);
}

}  // namespace shardpipe
