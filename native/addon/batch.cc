#include "batch.h"

#include <cstring>
#include <utility>

namespace atalaya {
namespace {

/** A flood of holes must not make one call into JavaScript build an endless list. */
constexpr size_t kGapsMax = 1024;

}  // namespace

bool BatchWriter::Begin(uint64_t now_ns) {
  if (batch_ != nullptr) return true;
  int chunk = pool_.Take();
  if (chunk < 0) return false;
  batch_ = std::make_unique<Batch>();
  batch_->chunk = chunk;
  since_ns_ = now_ns;
  return true;
}

bool BatchWriter::Append(const Record &record, uint64_t now_ns) {
  if (full_ || !Begin(now_ns)) return false;
  if (batch_->length + record.length > pool_.chunk_bytes()) {
    full_ = true;
    return false;
  }
  std::memcpy(pool_.chunk(batch_->chunk) + batch_->length, record.bytes, record.length);
  batch_->length += record.length;
  batch_->count++;
  return true;
}

bool BatchWriter::Append(const Gap &gap, GapCause cause, uint64_t now_ns) {
  if (full_ || !Begin(now_ns)) return false;
  if (batch_->gaps.size() == kGapsMax) {
    full_ = true;
    return false;
  }
  batch_->gaps.push_back({gap, cause, batch_->length});
  return true;
}

std::unique_ptr<Batch> BatchWriter::Finish() {
  full_ = false;
  return std::move(batch_);
}

void BatchWriter::Drop() {
  if (batch_ != nullptr) pool_.Give(batch_->chunk);
  batch_.reset();
  full_ = false;
}

}  // namespace atalaya
