#include "reader.h"

#include <linux/types.h>
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "clock.h"
#include "events.h"

namespace atalaya {
namespace {

/** Records of bulk that are drained before the other lanes are looked at again. */
constexpr int kBulkTurn = 1024;
/** Chunks that only merged records may take, so that what waits can always leave. */
constexpr int kChunksForBatches = 2;
/** Chunks that bulk leaves to the other lanes, and they to bulk. */
constexpr int kChunksForStage = 2;
/** A pause of the thread that counts as being starved. */
constexpr uint64_t kStarvedNs = 100 * kNsPerMs;
/**
 * Longest sleep while nothing comes. Waking every 2 ms costs 1.5 % of a core; in 8 ms the fastest flood that two cores
 * can make fills a third of its ring.
 */
constexpr uint64_t kIdleRestNs = 8 * kNsPerMs;
constexpr uint64_t kTrimNs = 1000 * kNsPerMs;
/** How long the end waits for a consumer that holds the whole pool. */
constexpr uint64_t kFinishNs = 1500 * kNsPerMs;

}  // namespace

Reader::Reader(Sensor &sensor, const ReaderOptions &options, std::shared_ptr<Pool> pool, BatchTaker taker)
    : sensor_(sensor),
      options_(options),
      pool_(std::move(pool)),
      taker_(std::move(taker)),
      urgent_stage_(*pool_),
      bulk_stage_(*pool_),
      writer_(*pool_),
      merge_(kLanes, sensor.cpus()) {}

Status Reader::Start() {
  for (int lane = 0; lane < kLanes; lane++) {
    int error = rings_[static_cast<size_t>(lane)].Map(sensor_.ring_fd(lane), sensor_.ring_bytes(lane));
    if (error != 0) return Status::Failed("map ring", error);
  }
  // Signals are the main thread's affair.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread_, nullptr, Main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  started_ = error == 0;
  return error == 0 ? Status::Ok() : Status::Failed("start reader", error);
}

void Reader::Join() {
  abort_.store(true);
  if (started_) pthread_join(thread_, nullptr);
  started_ = false;
}

void Reader::Release(int chunk) {
  pool_->Give(chunk);
  outstanding_.fetch_sub(1);
}

void *Reader::Main(void *self) {
  static_cast<Reader *>(self)->Run();
  return nullptr;
}

void Reader::Run() {
  pthread_setname_np(pthread_self(), "atalaya-reader");
  counters_.scheduling.store(static_cast<int>(RaiseThread()));
  now_ns_ = kept_ns_ = BootNs();
  rest_ns_ = options_.poll_ns;
  while (!ended() && !finish_.load()) {
    NotePause();
    uint64_t before = merge_.received();
    bool more = Turn();
    Housekeep();
    if (!more) Rest(merge_.received() != before);
  }
  if (!ended()) DrainRest();
  Publish();
  if (!ended()) taker_(nullptr);
}

void Reader::Rest(bool found) {
  // What waits for its place in the order must not wait longer.
  bool idle = !found && merge_.empty() && !writer_.has_any();
  rest_ns_ = idle ? std::min(rest_ns_ * 2, std::max(kIdleRestNs, options_.poll_ns)) : options_.poll_ns;
  SleepNs(rest_ns_);
}

bool Reader::Turn() {
  bool more = false;
  for (int lane = 0; lane < kLanes; lane++) more |= Drain(lane);
  Emit(Horizon());
  HandOnWhenDue();
  Publish();
  return more;
}

bool Reader::Drain(int lane) {
  size_t index = static_cast<size_t>(lane);
  Ring &ring = rings_[index];
  uint64_t looked_ns = BootNs();
  ring.Look();
  int turn = lane == LANE_BULK ? kBulkTurn : -1;
  bool held = false;
  uint32_t length;
  while (turn != 0) {
    const uint8_t *bytes = ring.Next(&length);
    if (bytes == nullptr) break;
    held = !Stow(lane, bytes, length);
    if (held) break;
    ring.Take();
    turn--;
  }
  held_[index].Now(held, looked_ns);
  if (ring.AtEnd()) bounds_[index] = looked_ns;
  return turn == 0 && !ring.AtEnd();
}

Stage &Reader::StageOf(int lane) { return lane == LANE_BULK ? bulk_stage_ : urgent_stage_; }

bool Reader::MayTakeChunk(int lane) const {
  int free = pool_->size() - kChunksForBatches - pool_->used();
  // What is out will come back and make room.
  if (lane == LANE_BULK && outstanding_.load() > 0 && pool_->used() >= pool_->size() * 3 / 4) return false;
  const Stage &other = lane == LANE_BULK ? urgent_stage_ : bulk_stage_;
  return free > std::max(0, kChunksForStage - other.chunks());
}

bool Reader::Stow(int lane, const uint8_t *bytes, uint32_t length) {
  event_header header;
  bool whole = length >= sizeof(header);
  if (whole) std::memcpy(&header, bytes, sizeof(header));
  if (!whole || header.abi != ABI_VERSION || header.length != length || header.lane != lane ||
      header.cpu >= sensor_.cpus() || header.sequence == 0 || length > pool_->chunk_bytes()) {
    // Its number is not to be trusted either; the hole that it leaves is told as a gap.
    counters_.malformed.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  bounds_[static_cast<size_t>(lane)] = std::max<uint64_t>(bounds_[static_cast<size_t>(lane)], header.time_ns);
  if (header.kind == KIND_HEARTBEAT) {
    counters_.heartbeats.fetch_add(1, std::memory_order_relaxed);
    merge_.Note(lane, header.cpu, header.sequence, header.time_ns);
    return true;
  }
  int chunk;
  uint8_t *room = StageOf(lane).Room(length, MayTakeChunk(lane), &chunk);
  if (room == nullptr) return false;
  std::memcpy(room, bytes, length);
  merge_.Add(lane, header.cpu, {header.time_ns, header.sequence, room, length, chunk, lane});
  return true;
}

uint64_t Reader::Horizon() const {
  uint64_t watermark = *std::min_element(bounds_.begin(), bounds_.end());
  bool is_full = pool_->used() >= pool_->size() - kChunksForBatches - kChunksForStage;
  uint64_t delay_ns = is_full && outstanding_.load() == 0 ? 0 : options_.delay_ns;
  return watermark > delay_ns ? watermark - delay_ns : 0;
}

void Reader::Emit(uint64_t horizon_ns) {
  while (!merge_.EmitUntil(horizon_ns, *this)) {
    if (!writer_.full() || !HandOn()) return;
  }
}

bool Reader::OnRecord(const Record &record) {
  if (!writer_.Append(record, now_ns_)) return false;
  StageOf(record.lane).Done(record.chunk);
  return true;
}

bool Reader::OnGap(const Gap &gap) { return writer_.Append(gap, CauseOf(gap), now_ns_); }

GapCause Reader::CauseOf(const Gap &gap) const {
  if (pauses_.Touch(gap.after_ns, gap.before_ns)) return GapCause::kAgentStarved;
  if (held_[gap.lane].Touch(gap.after_ns, gap.before_ns)) return GapCause::kPoolFull;
  return GapCause::kRingFull;
}

bool Reader::HandOn() {
  std::unique_ptr<Batch> batch = writer_.Finish();
  int chunk = batch->chunk;
  uint32_t count = batch->count;
  outstanding_.fetch_add(1);
  queued_.fetch_add(1);
  if (!taker_(std::move(batch))) {
    queued_.fetch_sub(1);
    Release(chunk);
    abort_.store(true);
    return false;
  }
  counters_.delivered.fetch_add(count, std::memory_order_relaxed);
  counters_.batches.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Reader::HandOnWhenDue() {
  if (!writer_.has_any()) return;
  // A consumer that has not come to the last batch yet gains nothing from a further small one.
  bool due = now_ns_ - writer_.since_ns() >= options_.flush_ns && queued_.load() == 0;
  if (due || writer_.full()) HandOn();
}

void Reader::Housekeep() {
  if (now_ns_ - kept_ns_ < (options_.heartbeat_ns > 0 ? options_.heartbeat_ns : kTrimNs)) return;
  kept_ns_ = now_ns_;
  if (options_.heartbeat_ns > 0) sensor_.TryHeartbeat();
  pool_->Trim();
}

void Reader::NotePause() {
  uint64_t before_ns = now_ns_;
  now_ns_ = BootNs();
  uint64_t pause = now_ns_ - before_ns;
  if (pause > counters_.longest_pause_ns.load(std::memory_order_relaxed))
    counters_.longest_pause_ns.store(pause);
  if (pause > kStarvedNs) pauses_.Add(before_ns, now_ns_);
}

void Reader::Publish() {
  counters_.received.store(merge_.received(), std::memory_order_relaxed);
  counters_.lost.store(merge_.lost(), std::memory_order_relaxed);
  counters_.late.store(merge_.late(), std::memory_order_relaxed);
}

void Reader::DrainRest() {
  sensor_.WaitForPrograms();
  now_ns_ = BootNs();
  uint64_t deadline_ns = now_ns_ + kFinishNs;
  bool closed = false;
  while (!ended()) {
    NotePause();
    bool more = Turn();
    bool drained =
        !more && std::all_of(rings_.begin(), rings_.end(), [](const Ring &r) { return r.Backlog() == 0; });
    if (drained && !closed) {
      CloseGaps();
      closed = true;
    }
    if (closed) Emit(UINT64_MAX);
    if (closed && merge_.empty()) break;
    if (now_ns_ > deadline_ns) break;
    // With real-time priority, waiting for the consumer must not be done on its cpu.
    if (!more) SleepNs(options_.poll_ns);
  }
  if (!closed) CloseGaps();
  // Where the consumer sits on the whole pool until the end, what is left is told by the counters alone.
  merge_.Abandon();
  if (writer_.has_any() && !ended()) HandOn();
}

void Reader::CloseGaps() {
  std::vector<LaneCount> counts = sensor_.Counts();
  for (int lane = 0; lane < kLanes; lane++) {
    for (int cpu = 0; cpu < sensor_.cpus(); cpu++) {
      merge_.Close(lane, cpu, counts[static_cast<size_t>(lane * sensor_.cpus() + cpu)].produced, now_ns_);
    }
  }
}

}  // namespace atalaya
