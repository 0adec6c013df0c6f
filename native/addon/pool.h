#ifndef ATALAYA_ADDON_POOL_H_
#define ATALAYA_ADDON_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace atalaya {

/**
 * A bounded arena cut into equal chunks, which hold records that wait for their turn and batches on their way
 * through JavaScript. One thread takes chunks, any thread gives them back, and nobody ever waits for a lock:
 * the reader runs with real-time priority and must not depend on a thread that is starved. Pages cost memory
 * from first use on.
 */
class Pool {
 public:
  /** nullptr when the address space cannot be had. `bytes` is rounded up to whole chunks, at least 16. */
  static std::shared_ptr<Pool> Create(size_t bytes, size_t chunk_bytes);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  /** A free chunk, the lowest, so that few pages are touched; -1 when there is none. Reader's thread only. */
  int Take();
  void Give(int chunk);
  /** Gives pages of free chunks back to the system, but for the first few. Reader's thread only. */
  void Trim();

  uint8_t *arena() const { return arena_; }
  uint8_t *chunk(int index) const { return arena_ + static_cast<size_t>(index) * chunk_bytes_; }
  size_t chunk_bytes() const { return chunk_bytes_; }
  size_t bytes() const { return chunk_bytes_ * taken_.size(); }
  int size() const { return static_cast<int>(taken_.size()); }
  int used() const { return used_.load(std::memory_order_relaxed); }

 private:
  Pool(uint8_t *arena, size_t chunk_bytes, size_t chunks);

  uint8_t *arena_;
  size_t chunk_bytes_;
  std::vector<std::atomic<bool>> taken_;
  std::vector<bool> touched_;
  std::atomic<int> used_{0};
};

}  // namespace atalaya

#endif
