#include "labs/grade/day03/qkv_rows.h"

#include <algorithm>

#include "core/tensor_parallel/attention.h"

namespace shardpipe {
namespace {

struct Place {
  char part = '?';  // Q, K, V
  Index head = 0, row = 0;
};

Place place_of(const QkvSizes& sizes, Index row) {
  const Index head = row / sizes.head_size, inside = row % sizes.head_size;
  if (head < sizes.heads) return {'Q', head, inside};
  if (head < sizes.heads + sizes.kv_heads) return {'K', head - sizes.heads, inside};
  return {'V', head - sizes.heads - sizes.kv_heads, inside};
}

}  // namespace

std::string words_of(const QkvSizes& sizes) {
  return text("t=", sizes.ranks, ", H=", sizes.heads, ", K=", sizes.kv_heads,
              ", C=", sizes.head_size);
}

Index rows_of_all(const QkvSizes& sizes) {
  return (sizes.heads + 2 * sizes.kv_heads) * sizes.head_size;
}

std::string words_of_row(const QkvSizes& sizes, Index row) {
  if (row < 0 || row >= rows_of_all(sizes))
    return text("row ", row, ", which there is not (0 to ", rows_of_all(sizes) - 1, ")");
  const Place place = place_of(sizes, row);
  return text("row ", row, ", row ", place.row, " of ", place.part, " head ", place.head);
}

std::vector<Index> right_rows_of_rank(const QkvSizes& sizes, Index rank) {
  const HeadShare share = head_share(sizes.heads, sizes.kv_heads, static_cast<int>(sizes.ranks));
  const Index kv_head = rank / share.kv_replicas * share.kv_heads, C = sizes.head_size;
  std::vector<Index> rows;
  const auto add_heads = [&](Index first, Index count) {
    for (Index row = first * C; row < (first + count) * C; ++row) rows.push_back(row);
  };
  add_heads(rank * share.heads, share.heads);
  add_heads(sizes.heads + kv_head, share.kv_heads);
  add_heads(sizes.heads + sizes.kv_heads + kv_head, share.kv_heads);
  return rows;
}

std::vector<Index> right_places_of_rows(const QkvSizes& sizes) {
  std::vector<Index> places(static_cast<std::size_t>(rows_of_all(sizes)));
  for (Index rank = sizes.ranks - 1; rank >= 0; --rank) {
    const std::vector<Index> rows = right_rows_of_rank(sizes, rank);
    for (std::size_t i = 0; i < rows.size(); ++i)
      places[static_cast<std::size_t>(rows[i])] =
          rank * static_cast<Index>(rows.size()) + static_cast<Index>(i);
  }
  return places;
}

std::string heads_in(const QkvSizes& sizes, const std::vector<Index>& rows) {
  const auto C = static_cast<std::size_t>(sizes.head_size);
  std::string words;
  for (std::size_t i = 0; i < rows.size(); i += C) {
    bool is_head = rows[i] >= 0 && rows[i] % sizes.head_size == 0 && i + C <= rows.size();
    for (std::size_t j = 1; j < C && is_head; ++j)
      is_head = rows[i + j] == rows[i] + static_cast<Index>(j);
    is_head = is_head && rows[i] < rows_of_all(sizes);
    const Place place = is_head ? place_of(sizes, rows[i]) : Place{};
    words += (i == 0 ? "" : " ") + (is_head ? text(place.part, place.head) : std::string(".."));
  }
  return words;
}

}  // namespace shardpipe
