#ifndef ATALAYA_ADDON_FIFO_H_
#define ATALAYA_ADDON_FIFO_H_

#include <cstddef>
#include <vector>

namespace atalaya {

/** A queue in one growing circle: no allocation a push once it has its size, which std::deque cannot promise.
 */
template <typename T>
class Fifo {
 public:
  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  T &front() { return slots_[head_]; }
  const T &front() const { return slots_[head_]; }
  /** The element at `index` from the front. */
  T &at(size_t index) { return slots_[(head_ + index) & (slots_.size() - 1)]; }

  void push(const T &value) {
    if (count_ == slots_.size()) Grow();
    slots_[(head_ + count_++) & (slots_.size() - 1)] = value;
  }

  void pop() {
    head_ = (head_ + 1) & (slots_.size() - 1);
    // A flood's room is not kept for the quiet days after it.
    if (--count_ == 0 && slots_.size() > kKept) std::vector<T>().swap(slots_), head_ = 0;
  }

 private:
  static constexpr size_t kKept = 4096;

  void Grow() {
    std::vector<T> wider(slots_.empty() ? 16 : slots_.size() * 2);
    for (size_t i = 0; i < count_; i++) wider[i] = at(i);
    slots_.swap(wider);
    head_ = 0;
  }

  std::vector<T> slots_;
  size_t head_ = 0;
  size_t count_ = 0;
};

}  // namespace atalaya

#endif
