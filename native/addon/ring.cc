#include "ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace atalaya {
namespace {

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

uint64_t Load(const uint8_t *at) {
  return __atomic_load_n(reinterpret_cast<const uint64_t *>(at), __ATOMIC_ACQUIRE);
}

/** Bytes that a record takes with its header; positions are multiples of eight. */
uint64_t RoundedBytes(uint32_t header) {
  uint64_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
  return (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

}  // namespace

int Ring::Map(int fd, size_t bytes) {
  Unmap();
  size_t page = PageBytes();
  void *consumer = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (consumer == MAP_FAILED) return errno;
  void *producer = mmap(nullptr, page + 2 * bytes, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page));
  if (producer == MAP_FAILED) {
    int error = errno;
    munmap(consumer, page);
    return error;
  }
  size_ = bytes;
  consumer_ = static_cast<uint8_t *>(consumer);
  producer_ = static_cast<uint8_t *>(producer);
  position_ = end_ = Load(consumer_);
  return 0;
}

void Ring::Unmap() {
  if (consumer_ == nullptr) return;
  munmap(consumer_, PageBytes());
  munmap(producer_, PageBytes() + 2 * size_);
  consumer_ = producer_ = nullptr;
}

void Ring::Look() { end_ = Load(producer_); }

const uint8_t *Ring::Next(uint32_t *length) {
  while (position_ != end_) {
    const uint8_t *at = producer_ + PageBytes() + (position_ & (size_ - 1));
    uint32_t header = __atomic_load_n(reinterpret_cast<const uint32_t *>(at), __ATOMIC_ACQUIRE);
    if (header & BPF_RINGBUF_BUSY_BIT) return nullptr;
    if (header & BPF_RINGBUF_DISCARD_BIT) {
      Skip(header);
      continue;
    }
    *length = header;
    return at + BPF_RINGBUF_HDR_SZ;
  }
  return nullptr;
}

void Ring::Take() {
  const uint8_t *at = producer_ + PageBytes() + (position_ & (size_ - 1));
  Skip(__atomic_load_n(reinterpret_cast<const uint32_t *>(at), __ATOMIC_RELAXED));
}

void Ring::Skip(uint32_t header) {
  position_ += RoundedBytes(header);
  __atomic_store_n(reinterpret_cast<uint64_t *>(consumer_), position_, __ATOMIC_RELEASE);
}

size_t Ring::Backlog() const { return consumer_ == nullptr ? 0 : Load(producer_) - Load(consumer_); }

}  // namespace atalaya
