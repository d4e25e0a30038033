#include "labs/grade/day04/known_overlaps.h"

#include <algorithm>

#include "labs/grade/schedule_picture.h"

namespace shardpipe {
namespace {

// Rows of a piece. The number of the piece travels in the tag of the micro-batch, so that the trace
// tells pieces apart.
struct Rows {
  int piece = 0;
  Index first = 0, count = 0;
};

std::vector<Rows> even_cut(Index T, int pieces) {
  std::vector<Rows> all;
  for (int i = 0; i < pieces; ++i) {
    const Index first = T * i / pieces;
    all.push_back({i, first, T * (i + 1) / pieces - first});
  }
  return all;
}

void multiply(const Rows& rows, const Tensor& y, const Tensor& x, const Tensor& weight,
              RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = rows.piece});
  ctx.math.gemm(y.slice(rows.first, rows.count), x.slice(rows.first, rows.count), Transpose::no,
                weight, Transpose::yes, {}, ctx.compute);
}

void sum(const Rows& rows, const Tensor& y, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = rows.piece});
  ctx.tp.all_reduce(y.slice(rows.first, rows.count), ctx.comm);
}

void in_order(const std::vector<Rows>& cut, const Tensor& y, const Tensor& x, const Tensor& weight,
              RankContext& ctx) {
  for (const Rows& rows : cut) {
    multiply(rows, y, x, weight, ctx);
    ctx.comm.wait(ctx.compute.record());
    sum(rows, y, ctx);
  }
}

void right_one(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
               RankContext& ctx) {
  in_order(even_cut(y.size(0), pieces), y, x, weight, ctx);
  ctx.compute.wait(ctx.comm.record());
}

// Rows are independent of each other, so which piece comes first, and whether the rows that do not
// divide are in it, is a matter of taste.
void last_piece_first(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
                      RankContext& ctx) {
  std::vector<Rows> cut;
  const Index T = y.size(0), least = T / pieces, longer = T % pieces;
  Index end = T;
  for (int i = pieces - 1; i >= 0; --i) {
    const Index count = least + (i < longer ? 1 : 0);
    end -= count;
    cut.push_back({i, end, count});
  }
  in_order(cut, y, x, weight, ctx);
  ctx.compute.wait(ctx.comm.record());
}

// The piece that has as many rows as an earlier one is not summed: that one is, again. Calls, bytes
// and times are those of a right program. Rows are cut in two lengths, so three pieces are enough.
void one_piece_twice(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
                     RankContext& ctx) {
  const std::vector<Rows> cut = even_cut(y.size(0), pieces);
  const auto as_long = [&](std::size_t i) {
    return std::find_if(cut.begin(), cut.end(),
                        [&](const Rows& rows) { return rows.count == cut[i].count; });
  };
  std::size_t forgotten = 1;
  while (as_long(forgotten)->piece == cut[forgotten].piece) ++forgotten;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    multiply(cut[i], y, x, weight, ctx);
    ctx.comm.wait(ctx.compute.record());
    sum(i == forgotten ? *as_long(i) : cut[i], y, ctx);
  }
  ctx.compute.wait(ctx.comm.record());
}

void remainder_dropped(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
                       RankContext& ctx) {
  std::vector<Rows> cut;
  const Index count = y.size(0) / pieces;
  for (int i = 0; i < pieces; ++i) cut.push_back({i, i * count, count});
  in_order(cut, y, x, weight, ctx);
  ctx.compute.wait(ctx.comm.record());
}

void wait_too_early(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
                    RankContext& ctx) {
  for (const Rows& rows : even_cut(y.size(0), pieces)) {
    in_order({rows}, y, x, weight, ctx);
    ctx.compute.wait(ctx.comm.record());
  }
}

void sums_last(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
               RankContext& ctx) {
  const std::vector<Rows> cut = even_cut(y.size(0), pieces);
  for (const Rows& rows : cut) multiply(rows, y, x, weight, ctx);
  ctx.comm.wait(ctx.compute.record());
  for (const Rows& rows : cut) sum(rows, y, ctx);
  ctx.compute.wait(ctx.comm.record());
}

void never_waits_for_the_sums(const Tensor& y, const Tensor& x, const Tensor& weight, int pieces,
                              RankContext& ctx) {
  in_order(even_cut(y.size(0), pieces), y, x, weight, ctx);
}

// The trace of rank 0 as a learner's test sees it.
void fill_in(OverlapRun& run, const Trace& trace) {
  for (const Span& span : trace.spans) {
    const bool is_sum = span.kind == OpKind::all_reduce;
    const bool is_product = span.kind == OpKind::compute && span.tags.microbatch >= 0;
    if (trace.lanes[static_cast<std::size_t>(span.lane)].rank != 0 || (!is_sum && !is_product))
      continue;
    (is_sum ? run.sums : run.products)
        .push_back({.piece = span.tags.microbatch,
                    .bytes = is_sum ? span.bytes : 0,
                    .begin_ns = span.ready_ns,
                    .end_ns = span.end_ns});
  }
}

}  // namespace

std::string OverlapSize::words() const {
  return text(words_of(row.grid), ", T=", row.tokens, ", ", pieces,
              pieces == 1 ? " piece" : " pieces");
}

const std::vector<KnownOverlap>& known_overlaps() {
  static const std::vector<KnownOverlap> all = {
      {"sums under the next products", true, right_one, ""},
      {"one that begins with the last piece", true, last_piece_first, ""},
      {"an overlap that sums one piece twice and another never", false, one_piece_twice,
       "two of its sums are of the same piece"},
      {"an overlap that leaves out the rows that do not divide", false, remainder_dropped,
       "its sums do not have all bytes of y"},
      {"an overlap that waits for each sum at once", false, wait_too_early,
       "its products wait for sums that they do not need"},
      {"an overlap whose sums begin behind the last product", false, sums_last,
       "the sum of its first piece begins when the last product has ended"},
      {"an overlap that never waits for its sums", false, never_waits_for_the_sums,
       "it races: what reads y next is not ordered behind the sums"},
  };
  return all;
}

OverlapRun run_overlap(const KnownOverlap& known, const OverlapSize& size) {
  const RowSize& row = size.row;
  const DeviceCase c{.name = known.what, .grid = row.grid, .program = [&](RankContext& ctx) {
                       const Tensor x(ctx.device, {row.tokens, row.shard});
                       const Tensor weight(ctx.device, {row.outputs, row.shard});
                       const Tensor y(ctx.device, {row.tokens, row.outputs});
                       ctx.begin_window();
                       touch({x}, ctx);
                       known.program(y, x, weight, size.pieces, ctx);
                       touch({y}, ctx);
                       ctx.end_window();
                       return HeldTensors{};
                     }};
  OverlapRun run{.pieces = size.pieces, .tokens = row.tokens, .outputs = row.outputs};
  Trace trace;
  try {
    trace = run_on_grading_machine(c, &trace).trace;
  } catch (const Error& e) {
    run.stopped_by = lines_of(e.what())[0];
  }
  fill_in(run, trace);
  return run;
}

}  // namespace shardpipe
