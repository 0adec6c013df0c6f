#ifndef ATALAYA_ADDON_BATCH_H_
#define ATALAYA_ADDON_BATCH_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "merge.h"
#include "pool.h"

namespace atalaya {

enum class GapCause { kRingFull, kPoolFull, kAgentStarved };

/** A gap in its place: before the record at byte `position` of the batch. */
struct PlacedGap {
  Gap gap;
  GapCause cause;
  uint32_t position;
};

/** Records back to back in a chunk of the pool, in merged order. Whoever has it gives the chunk back. */
struct Batch {
  int chunk = -1;
  uint32_t length = 0;
  uint32_t count = 0;
  std::vector<PlacedGap> gaps;
};

/** Copies records that were merged into batches. Reader's thread only. */
class BatchWriter {
 public:
  explicit BatchWriter(Pool &pool) : pool_(pool) {}
  ~BatchWriter() { Drop(); }
  BatchWriter(const BatchWriter &) = delete;
  BatchWriter &operator=(const BatchWriter &) = delete;

  /** False when this record belongs in a further batch (`full`) or when the pool has no chunk for one. */
  bool Append(const Record &record, uint64_t now_ns);
  bool Append(const Gap &gap, GapCause cause, uint64_t now_ns);

  bool full() const { return full_; }
  bool has_any() const { return batch_ != nullptr; }
  /** When the oldest thing in it was appended. */
  uint64_t since_ns() const { return since_ns_; }
  std::unique_ptr<Batch> Finish();
  void Drop();

 private:
  bool Begin(uint64_t now_ns);

  Pool &pool_;
  std::unique_ptr<Batch> batch_;
  uint64_t since_ns_ = 0;
  bool full_ = false;
};

}  // namespace atalaya

#endif
