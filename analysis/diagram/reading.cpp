// What is read from a function of a Diagram, and makes no node: its value for a packet, its size,
// its values, its weight, one way through it.
#include <algorithm>
#include <bitset>
#include <utility>

#include "analysis/diagram/diagram.hpp"

namespace untrack {

std::uint32_t Diagram::evaluate(Ref f, std::span<const Atom> atoms) const {
  while (!is_constant(f)) {
    const Atom atom = atoms[level(f)];
    const auto list = edges(f);
    f = std::ranges::lower_bound(list, atom, {}, &Edge::last)->child;
  }
  return value(f);
}

bool Diagram::is_first_visit(Ref f) const {
  if (visited_.size() < nodes_.size()) visited_.resize(nodes_.size());
  if (visited_[f.id] == visit_) return false;
  visited_[f.id] = visit_;
  return true;
}

std::size_t Diagram::size(Ref f) const {
  ++visit_;
  std::vector<Ref> open{f};
  std::size_t count = 0;
  while (!open.empty()) {
    const Ref next = open.back();
    open.pop_back();
    if (is_constant(next) || !is_first_visit(next)) continue;
    ++count;
    for (const Edge& edge : edges(next)) open.push_back(edge.child);
  }
  return count;
}

std::span<const std::uint32_t> Diagram::values_of(Ref f) const {
  if (const auto at = known_values_.find(f.id); at != known_values_.end()) return at->second;
  ++visit_;
  // A node of a million edges has a few children, most of them many times: each is noted once.
  constexpr std::size_t small = 4096;
  std::bitset<small> is_known;
  std::vector<std::uint32_t> values;
  open_.clear();
  const auto note = [&](Ref next) {
    if (!is_constant(next)) {
      if (is_first_visit(next)) open_.push_back(next);
    } else if (value(next) >= small) {
      values.push_back(value(next));
    } else if (!is_known[value(next)]) {
      is_known.set(value(next));
      values.push_back(value(next));
    }
  };
  note(f);
  while (!open_.empty()) {
    const Ref next = open_.back();
    open_.pop_back();
    for (const Edge& edge : edges(next)) note(edge.child);
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  values.shrink_to_fit();
  return known_values_.emplace(f.id, std::move(values)).first->second;
}

std::vector<std::pair<Diagram::Atom, Diagram::Atom>> Diagram::atoms_within(
    Ref set, Level level, std::span<const Constraint> above, Ref below) {
  std::vector<std::pair<Atom, Atom>> found;
  open_.assign(1, set);
  ++visit_;
  while (!open_.empty()) {
    const Ref next = open_.back();
    open_.pop_back();
    if (top(next) > level) {
      if (intersects(next, below)) return {{0, sizes_[level] - 1}};
      continue;
    }
    if (!is_first_visit(next)) continue;
    const auto at = std::ranges::lower_bound(above, this->level(next), {}, &Constraint::level);
    const bool is_asked = at != above.end() && at->level == this->level(next);
    Atom begin = 0;
    for (const Edge& edge : edges(next)) {
      count_step();
      const Atom first = std::exchange(begin, edge.last + 1);
      if (edge.child == no) continue;
      if (this->level(next) == level) {
        if (intersects(edge.child, below)) found.emplace_back(first, edge.last);
      } else if (!is_asked || (edge.last >= at->first && first <= at->last)) {
        open_.push_back(edge.child);
      }
    }
  }
  std::ranges::sort(found);
  std::vector<std::pair<Atom, Atom>> runs;
  for (const auto& [first, last] : found) {
    if (!runs.empty() && first <= runs.back().second + 1) {
      runs.back().second = std::max(runs.back().second, last);
    } else {
      runs.emplace_back(first, last);
    }
  }
  return runs;
}

// Of sums of neighbours, and sums of these: whatever the run, a few of them are all of it, and none
// is found as a difference, in which what is small would be lost.
void Diagram::know_weights(const Weights& weights) const {
  if (weights_of_known_ != &weights) {
    known_weights_.clear();
    sums_.assign(weights.size(), {});
    for (Level level = 0; level < weights.size(); ++level) {
      const std::vector<double>& each = weights[level];
      std::vector<double>& sums = sums_[level];
      sums.assign(each.size(), 0);
      sums.insert(sums.end(), each.begin(), each.end());
      for (std::size_t i = each.size(); i-- > 1;) sums[i] = sums[2 * i] + sums[2 * i + 1];
    }
  }
  weights_of_known_ = &weights;
  known_weights_.resize(nodes_.size(), -1.0);
}

double Diagram::share(Level level, Atom first, Atom last) const {
  const std::vector<double>& sums = sums_[level];
  double sum = 0;
  std::size_t begin = first + sums.size() / 2;
  std::size_t end = last + sums.size() / 2 + 1;
  for (; begin < end; begin /= 2, end /= 2) {
    if (begin % 2 == 1) sum += sums[begin++];
    if (end % 2 == 1) sum += sums[--end];
  }
  return sum;
}

double Diagram::weight_below(Ref set) const {
  if (is_constant(set)) return set == no ? 0 : 1;
  if (known_weights_[set.id] >= 0) return known_weights_[set.id];
  double sum = 0;
  Atom begin = 0;
  for (const Edge& edge : edges(set)) {
    const double child = weight_below(edge.child);
    if (child > 0) sum += child * share(level(set), begin, edge.last);
    begin = edge.last + 1;
  }
  return known_weights_[set.id] = sum;
}

double Diagram::weight(Ref set, const Weights& weights) const {
  know_weights(weights);
  return weight_below(set);
}

std::vector<Diagram::Constraint> Diagram::heaviest_path(Ref set, const Weights& weights) const {
  know_weights(weights);
  std::vector<Constraint> path;
  while (!is_constant(set)) {
    Constraint best;
    Ref chosen = no;
    double most = -1;
    Atom begin = 0;
    for (const Edge& edge : edges(set)) {
      if (edge.child != no) {
        const double heavy = share(level(set), begin, edge.last) * weight_below(edge.child);
        if (heavy > most) {
          most = heavy;
          chosen = edge.child;
          best = {level(set), begin, edge.last};
        }
      }
      begin = edge.last + 1;
    }
    path.push_back(best);
    set = chosen;
  }
  return path;
}

}  // namespace untrack
