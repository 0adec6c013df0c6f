#ifndef ATALAYA_ADDON_RING_H_
#define ATALAYA_ADDON_RING_H_

#include <cstddef>
#include <cstdint>

namespace atalaya {

/**
 * The consumer's side of one BPF ring buffer, on the layout of include/uapi/linux/bpf.h: a page with the
 * consumer's position, a page with the producers', then the data, mapped twice in a row so that every record
 * is contiguous. libbpf's own reader takes all that there is from all rings; here the caller decides ring by
 * ring and how much.
 */
class Ring {
 public:
  Ring() = default;
  ~Ring() { Unmap(); }
  Ring(const Ring &) = delete;
  Ring &operator=(const Ring &) = delete;

  /** 0 or an errno. `bytes` is the ring's size. */
  int Map(int fd, size_t bytes);
  void Unmap();

  /** Fixes how far `Next` goes: up to what the producers have reserved by now. */
  void Look();
  /** The next record, without taking it; nullptr: the end, or a record that is still being written. */
  const uint8_t *Next(uint32_t *length);
  /** Takes the record that `Next` gave: its bytes may be overwritten from now on. */
  void Take();
  /** True when everything up to the last `Look` was taken. */
  bool AtEnd() const { return position_ == end_; }
  /** Bytes that wait in the ring. */
  size_t Backlog() const;

 private:
  /** Steps over records that the producer gave up. */
  void Skip(uint32_t header);

  size_t size_ = 0;
  uint8_t *consumer_ = nullptr;
  uint8_t *producer_ = nullptr;
  uint64_t position_ = 0;
  uint64_t end_ = 0;
};

}  // namespace atalaya

#endif
