#include "merge.h"

#include <algorithm>

namespace atalaya {

Merge::Merge(int lanes, int cpus) : cpus_(cpus), streams_(static_cast<size_t>(lanes * cpus)) {
  for (int lane = 0; lane < lanes; lane++) {
    for (int cpu = 0; cpu < cpus; cpu++) {
      stream(lane, cpu).lane = static_cast<uint8_t>(lane);
      stream(lane, cpu).cpu = static_cast<uint16_t>(cpu);
    }
  }
}

void Merge::Add(int lane, int cpu, const Record &record) {
  Stream &to = stream(lane, cpu);
  Count(to, record.sequence, record.time_ns);
  Push(to, record);
}

void Merge::Note(int lane, int cpu, uint64_t sequence, uint64_t time_ns) {
  Count(stream(lane, cpu), sequence, time_ns);
}

void Merge::Close(int lane, int cpu, uint64_t last_sequence, uint64_t time_ns) {
  Stream &of = stream(lane, cpu);
  if (last_sequence < of.next) return;
  lost_ += last_sequence - of.next + 1;
  PushGap(of, {of.lane, of.cpu, of.next, last_sequence, of.last_time, time_ns}, time_ns);
  of.next = last_sequence + 1;
}

void Merge::Abandon() {
  for (Stream &of : streams_) {
    for (; !of.entries.empty(); of.entries.pop()) {
      if (of.entries.front().record.bytes == nullptr) continue;
      received_--;
      lost_++;
    }
  }
  heap_.clear();
}

void Merge::Count(Stream &of, uint64_t sequence, uint64_t time_ns) {
  received_++;
  if (sequence < of.next) {
    Return(of, sequence);
    return;
  }
  if (sequence > of.next) {
    lost_ += sequence - of.next;
    PushGap(of, {of.lane, of.cpu, of.next, sequence - 1, of.last_time, time_ns}, time_ns);
  }
  of.next = sequence + 1;
  of.last_time = time_ns;
}

void Merge::Return(Stream &of, uint64_t sequence) {
  lost_--;
  for (size_t i = of.gaps.size(); i-- > 0;) {
    Gap &gap = of.gaps.at(i);
    if (sequence < gap.from_sequence || sequence > gap.to_sequence) continue;
    if (sequence == gap.from_sequence) {
      gap.from_sequence++;
    } else {
      Gap rest = gap;
      rest.from_sequence = sequence + 1;
      gap.to_sequence = sequence - 1;
      if (rest.from_sequence <= rest.to_sequence) PushGap(of, rest, rest.before_ns);
    }
    return;
  }
}

void Merge::PushGap(Stream &to, const Gap &gap, uint64_t time_ns) {
  to.gaps.push(gap);
  Push(to, {time_ns, 0, nullptr, 0, -1, to.lane});
}

void Merge::Push(Stream &to, const Record &record) {
  // Within a stream the numbers are the order; a clock that was read out of order must not change it.
  to.last_key = std::max(to.last_key, record.time_ns);
  bool was_empty = to.entries.empty();
  to.entries.push({to.last_key, record});
  if (was_empty) Enheap(static_cast<size_t>(&to - streams_.data()));
}

bool Merge::Later(size_t a, size_t b) const {
  uint64_t key_a = streams_[a].entries.front().key;
  uint64_t key_b = streams_[b].entries.front().key;
  return key_a != key_b ? key_a > key_b : a > b;
}

void Merge::Enheap(size_t index) {
  heap_.push_back(index);
  std::push_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return Later(a, b); });
}

void Merge::Deheap() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return Later(a, b); });
  heap_.pop_back();
}

}  // namespace atalaya
