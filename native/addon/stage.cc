#include "stage.h"

namespace atalaya {

Stage::~Stage() {
  for (size_t i = 0; i < waiting_.size(); i++) {
    if (waiting_[i] > 0 || static_cast<int>(i) == current_) pool_.Give(static_cast<int>(i));
  }
}

uint8_t *Stage::Room(uint32_t length, bool may_take, int *chunk) {
  bool fits = current_ >= 0 && filled_ + length <= pool_.chunk_bytes();
  if (!fits) {
    int next = may_take ? pool_.Take() : -1;
    if (next < 0) return nullptr;
    if (current_ >= 0) Leave();
    current_ = next;
    chunks_++;
    filled_ = 0;
  }
  uint8_t *room = pool_.chunk(current_) + filled_;
  filled_ += (length + 7) / 8 * 8;
  waiting_[static_cast<size_t>(current_)]++;
  *chunk = current_;
  return room;
}

void Stage::Done(int chunk) {
  if (--waiting_[static_cast<size_t>(chunk)] > 0) return;
  if (chunk == current_)
    filled_ = 0;
  else
    Give(chunk);
}

void Stage::Leave() {
  if (waiting_[static_cast<size_t>(current_)] == 0) Give(current_);
  current_ = -1;
}

void Stage::Give(int chunk) {
  pool_.Give(chunk);
  chunks_--;
}

}  // namespace atalaya
