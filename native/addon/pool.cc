#include "pool.h"

#include <sys/mman.h>

#include <algorithm>

namespace atalaya {
namespace {

constexpr size_t kChunksMin = 16;
/** Chunks whose pages are kept: as many as a quiet machine goes through between two trims. */
constexpr size_t kChunksKept = 4;

}  // namespace

std::shared_ptr<Pool> Pool::Create(size_t bytes, size_t chunk_bytes) {
  size_t chunks = std::max(kChunksMin, (bytes + chunk_bytes - 1) / chunk_bytes);
  size_t length = chunks * chunk_bytes;
  void *arena =
      mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (arena == MAP_FAILED) return nullptr;
  // A huge page would make 2 MiB resident for the first small batch.
  madvise(arena, length, MADV_NOHUGEPAGE);
  return std::shared_ptr<Pool>(new Pool(static_cast<uint8_t *>(arena), chunk_bytes, chunks));
}

Pool::Pool(uint8_t *arena, size_t chunk_bytes, size_t chunks)
    : arena_(arena), chunk_bytes_(chunk_bytes), taken_(chunks), touched_(chunks) {}

Pool::~Pool() { munmap(arena_, bytes()); }

int Pool::Take() {
  for (size_t i = 0; i < taken_.size(); i++) {
    if (taken_[i].load(std::memory_order_acquire)) continue;
    taken_[i].store(true, std::memory_order_relaxed);
    touched_[i] = true;
    used_.fetch_add(1, std::memory_order_relaxed);
    return static_cast<int>(i);
  }
  return -1;
}

void Pool::Give(int chunk) {
  used_.fetch_sub(1, std::memory_order_relaxed);
  taken_[static_cast<size_t>(chunk)].store(false, std::memory_order_release);
}

void Pool::Trim() {
  for (size_t i = kChunksKept; i < taken_.size(); i++) {
    if (!touched_[i] || taken_[i].load(std::memory_order_acquire)) continue;
    madvise(chunk(static_cast<int>(i)), chunk_bytes_, MADV_DONTNEED);
    touched_[i] = false;
  }
}

}  // namespace atalaya
