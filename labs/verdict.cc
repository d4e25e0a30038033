#include "labs/verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace shardpipe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double distance(double a, double b) {
  const double d = std::abs(a - b);
  return std::isnan(d) ? kInfinity : d;
}

double furthest(const RankPart& part, const Piece& piece, const HostTensor& from) {
  double most = 0;
  for_each_number(piece, part.local, [&](Index full, Index here) {
    most = std::max(most, distance(part.values[static_cast<std::size_t>(here)],
                                   from.values[static_cast<std::size_t>(full)]));
  });
  return most;
}

double of_bound(const Deviation& d) {
  return ComparedResult{.difference = d.difference, .bound = d.bound}.of_bound();
}

void keep_closest(Deviation& closest, const Deviation& one) {
  if (one.where >= 0 && (closest.where < 0 || of_bound(one) > of_bound(closest))) closest = one;
}

Deviation over(double scale, double difference, double bound, std::size_t where) {
  const double by = scale > 0 ? scale : 1;
  return {difference / by, bound / by, by, static_cast<int>(where)};
}

ComparedResult compared(const std::string& what, const std::string& where,
                        const Deviation& closest) {
  return {what, where, closest.difference, closest.bound, closest.scale};
}

}  // namespace

std::vector<RankPart> parts_of_gradients(RankContext& ctx,
                                         const std::vector<Parameter*>& parameters) {
  std::vector<RankPart> all;
  for (const Parameter* p : parameters) {
    std::vector<Piece> pieces = p->pieces(ctx.coord.tp);
    const std::string scale = pieces.at(0).name;
    all.push_back({.scale = scale,
                   .pieces = std::move(pieces),
                   .local = p->grad.shape(),
                   .values = ctx.math.to_host(p->grad, ctx.compute),
                   .copy = p->copy});
  }
  return all;
}

RankPart whole_part(const std::string& name, const Tensor& tensor, RankContext& ctx) {
  RankPart part{
      .scale = name, .pieces = replicated(name, tensor.shape())(0), .local = tensor.shape()};
  if (tensor.dtype() == DType::i32) {
    const auto integers = ctx.math.to_host_integers(tensor, ctx.compute);
    part.values.assign(integers.begin(), integers.end());
  } else {
    part.values = ctx.math.to_host(tensor, ctx.compute);
  }
  return part;
}

OneRankResult::OneRankResult(const RankOutcome& plain)
    : losses_(plain.losses), losses_moved_(plain.losses.size()) {
  for (const RankPart& part : plain.tensors)
    for (const Piece& piece : part.pieces) {
      HostTensor& whole = tensors_[piece.name];
      whole.shape = piece.full;
      whole.values.resize(static_cast<std::size_t>(piece.full.elements()));
      scale_of_[piece.name] = part.scale;
      double& largest = scales_[part.scale].largest;
      for_each_number(piece, part.local, [&](Index full, Index here) {
        const float value = part.values[static_cast<std::size_t>(here)];
        whole.values[static_cast<std::size_t>(full)] = value;
        largest = std::max(largest, std::abs(static_cast<double>(value)));
      });
    }
  for (const auto& [name, whole] : tensors_) numbers_ += whole.shape.elements();
}

void OneRankResult::widen(const RankOutcome& shaken) {
  exact_ = false;
  for (const RankPart& part : shaken.tensors)
    for (const Piece& piece : part.pieces) {
      double& moved = scales_.at(part.scale).moved;
      moved = std::max(moved, furthest(part, piece, tensors_.at(piece.name)));
    }
  double moved = 0;
  for (std::size_t step = 0; step < losses_.size(); ++step) {
    if (!std::isfinite(losses_[step])) return;  // diverged: what follows is not compared
    moved = std::max(moved, distance(shaken.losses.at(step), losses_[step]));
    losses_moved_[step] = std::max(losses_moved_[step], moved);
  }
}

double OneRankResult::bound_of(double moved, double magnitude, double margin) const {
  return exact_ ? 0 : margin * moved + kOwnRoundings * kUnitRoundoff * magnitude;
}

std::vector<double> OneRankResult::loss_bounds() const {
  std::vector<double> all;
  for (std::size_t step = 0; step < losses_.size(); ++step)
    all.push_back(bound_of(losses_moved_[step], std::abs(losses_[step]), kLossMargin));
  return all;
}

double ComparedResult::of_bound() const {
  if (difference == 0) return 0;
  return bound > 0 ? difference / bound : kInfinity;
}

bool Check::passed() const {
  return missing == 0 && std::all_of(compared.begin(), compared.end(),
                                     [](const ComparedResult& c) { return c.of_bound() <= 1; });
}

std::vector<std::string> OneRankResult::names() const {
  std::vector<std::string> all;
  for (const auto& [name, tensor] : tensors_) all.push_back(name);
  return all;
}

void OneRankResult::compare(const RankPart& part, RankComparison& comparison) const {
  for (const Piece& piece : part.pieces) {
    const auto found = tensors_.find(piece.name);
    if (found == tensors_.end() || !(found->second.shape == piece.full))
      fail(ExitCode::fault,
           text("the lab compares ", piece.name, ", which one rank does not have"));
    const Scale& scale = scales_.at(scale_of_.at(piece.name));
    const double off = furthest(part, piece, found->second);
    const auto where = static_cast<std::size_t>(std::distance(tensors_.begin(), found));
    keep_closest(
        comparison.tensors,
        over(scale.largest, off, bound_of(scale.moved, scale.largest, kShakeMargin), where));
    comparison.bitwise = comparison.bitwise && off == 0;
    if (piece.counts && !part.copy) comparison.counted += elements_of(piece);
  }
}

RankComparison OneRankResult::compare(const RankOutcome& got) const {
  RankComparison comparison;
  for (const RankPart& part : got.tensors) compare(part, comparison);
  for (std::size_t step = 0; step < losses_.size(); ++step) {
    comparison.diverged = !std::isfinite(losses_[step]) && !std::isfinite(got.losses.at(step));
    if (comparison.diverged) break;
    const double off = distance(got.losses.at(step), losses_[step]);
    const double loss = std::abs(losses_[step]);
    keep_closest(comparison.losses,
                 over(loss, off, bound_of(losses_moved_[step], loss, kLossMargin), step));
    comparison.bitwise = comparison.bitwise && off == 0;
  }
  return comparison;
}

Check check_of(const OneRankResult& one, const std::vector<RankComparison>& ranks,
               const std::string& against) {
  Check check{.against = against, .bitwise = true, .loss_bounds = one.loss_bounds()};
  RankComparison all;
  for (const RankComparison& rank : ranks) {
    check.bitwise = check.bitwise && rank.bitwise;
    check.diverged = check.diverged || rank.diverged;
    all.counted += rank.counted;
    keep_closest(all.tensors, rank.tensors);
    keep_closest(all.losses, rank.losses);
  }
  check.missing = std::max<Index>(0, one.numbers() - all.counted);
  const std::vector<std::string> names = one.names();
  if (all.tensors.where >= 0)
    check.compared.push_back(
        compared(text(names.size(), names.size() == 1 ? " tensor" : " tensors"),
                 names.at(static_cast<std::size_t>(all.tensors.where)), all.tensors));
  if (all.losses.where >= 0)
    check.compared.push_back(
        compared(one.losses() == 1 ? "the first loss" : text("the first ", one.losses(), " losses"),
                 text("step ", all.losses.where), all.losses));
  return check;
}

}  // namespace shardpipe
