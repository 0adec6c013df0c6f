#ifndef ATALAYA_ADDON_STAGE_H_
#define ATALAYA_ADDON_STAGE_H_

#include <cstdint>
#include <vector>

#include "pool.h"

namespace atalaya {

/** Where drained records wait for the watermark, so that their ring has room again. Reader's thread only. */
class Stage {
 public:
  explicit Stage(Pool &pool) : pool_(pool), waiting_(static_cast<size_t>(pool.size())) {}
  ~Stage();
  Stage(const Stage &) = delete;
  Stage &operator=(const Stage &) = delete;

  /** Room for `length` bytes; nullptr when a further chunk is needed and `may_take` is false or there is none. */
  uint8_t *Room(uint32_t length, bool may_take, int *chunk);
  /** A record of this chunk is not needed any more. */
  void Done(int chunk);
  /** Chunks that it has of the pool. */
  int chunks() const { return chunks_; }

 private:
  void Leave();
  void Give(int chunk);

  Pool &pool_;
  /** Records that still wait, by chunk. */
  std::vector<uint32_t> waiting_;
  int current_ = -1;
  int chunks_ = 0;
  size_t filled_ = 0;
};

}  // namespace atalaya

#endif
