#include "stage.h"

namespace atalaya {

Stage::~Stage() {
  for (size_t i = 0; i < waiting_.size(); i++) {
    if (waiting_[i] > 0 || static_cast<int>(i) == current_) pool_.Give(static_cast<int>(i));
  }
}

uint8_t *Stage::Room(uint32_t length, int *chunk) {
  if (current_ >= 0 && filled_ + length > pool_.chunk_bytes()) Leave();
  if (current_ < 0) {
    current_ = pool_.Take();
    filled_ = 0;
    if (current_ < 0) return nullptr;
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
    pool_.Give(chunk);
}

void Stage::Leave() {
  if (waiting_[static_cast<size_t>(current_)] == 0) pool_.Give(current_);
  current_ = -1;
}

}  // namespace atalaya
