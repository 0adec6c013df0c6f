#ifndef ATALAYA_ADDON_READER_H_
#define ATALAYA_ADDON_READER_H_

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "batch.h"
#include "merge.h"
#include "periods.h"
#include "pool.h"
#include "ring.h"
#include "scheduling.h"
#include "sensor.h"
#include "stage.h"
#include "status.h"

namespace atalaya {

struct ReaderOptions {
  size_t pool_bytes = 64 << 20;
  size_t batch_bytes = 256 << 10;
  uint64_t poll_ns = 2000000;
  /** Lateness granted to a lane: how long a record waits behind the watermark. */
  uint64_t delay_ns = 20000000;
  /** A batch that is not full waits no longer than this. */
  uint64_t flush_ns = 10000000;
  uint64_t heartbeat_ns = 1000000000;
};

/** Any thread may read these at any time. */
struct ReaderCounters {
  std::atomic<uint64_t> received{0};
  std::atomic<uint64_t> lost{0};
  std::atomic<uint64_t> late{0};
  std::atomic<uint64_t> malformed{0};
  std::atomic<uint64_t> heartbeats{0};
  std::atomic<uint64_t> delivered{0};
  std::atomic<uint64_t> batches{0};
  std::atomic<uint64_t> longest_pause_ns{0};
  std::atomic<int> scheduling{0};
};

/** Where batches go. Called on the reader's thread; false: nobody takes any more. nullptr says that it was
 * the last. */
using BatchTaker = std::function<bool(std::unique_ptr<Batch>)>;

/**
 * One thread that drains the rings into a bounded pool, whatever JavaScript is doing, merges them by time and
 * hands batches on. `rare` and `lifecycle` are drained to their end, `bulk` in turns, and not at all while
 * the pool is three quarters full.
 *
 * The watermark is taken from the lanes, not from the clock: nothing earlier than a lane's bound will come
 * out of that lane, so nothing up to the lowest bound, less the granted lateness, can still be overtaken.
 * Where the pool cannot hold as much as comes in that time, no lateness is granted. It never stands still: what
 * waits of the lane with the lowest bound may leave, and the room that it leaves no other lane can take.
 */
class Reader {
 public:
  Reader(Sensor &sensor, const ReaderOptions &options, std::shared_ptr<Pool> pool, BatchTaker taker);
  ~Reader() { Join(); }
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  /** Maps the rings and starts the thread. */
  Status Start();
  /** Lets the thread drain what the detached programs left, close all gaps, hand on the rest, and end. */
  void Finish() { finish_.store(true); }
  /** Ends the thread as soon as it can, whatever is left, and waits for it. */
  void Join();

  /** The consumer is done with a batch. Any thread. */
  void Release(int chunk);
  /** The consumer has come to a batch that was taken. Any thread. */
  void Arrived() { queued_.fetch_sub(1); }

  const ReaderCounters &counters() const { return counters_; }
  Pool &pool() const { return *pool_; }

  /** What the merge calls. */
  bool OnRecord(const Record &record);
  bool OnGap(const Gap &gap);

 private:
  static void *Main(void *self);
  void Run();
  /** One look at every lane. True when there is more to do at once. */
  bool Turn();
  /** Sleeps until the next look: longer and longer while nothing comes. */
  void Rest(bool found);
  /** Drains a lane; true when it stopped at its turn's limit. */
  bool Drain(int lane);
  bool Stow(int lane, const uint8_t *bytes, uint32_t length);
  bool MayTakeChunk(int lane) const;
  Stage &StageOf(int lane);
  uint64_t Horizon() const;
  void Emit(uint64_t horizon_ns);
  bool HandOn();
  void HandOnWhenDue();
  void Housekeep();
  void NotePause();
  void Publish();
  void DrainRest();
  void CloseGaps();
  GapCause CauseOf(const Gap &gap) const;
  bool ended() const { return abort_.load(std::memory_order_relaxed); }

  Sensor &sensor_;
  const ReaderOptions options_;
  const std::shared_ptr<Pool> pool_;
  const BatchTaker taker_;
  /** Apart, so that the chunks of one do not wait for records of the other. */
  Stage urgent_stage_;
  Stage bulk_stage_;
  BatchWriter writer_;
  Merge merge_;
  std::array<Ring, kLanes> rings_;
  /** Nothing earlier than this will come out of the lane. */
  std::array<uint64_t, kLanes> bounds_{};
  std::array<Periods, kLanes> held_;
  Periods pauses_;
  uint64_t now_ns_ = 0;
  uint64_t kept_ns_ = 0;
  uint64_t rest_ns_ = 0;
  ReaderCounters counters_;
  /** Batches that the consumer has and those on their way to it. */
  std::atomic<int> outstanding_{0};
  std::atomic<int> queued_{0};
  std::atomic<bool> finish_{false};
  std::atomic<bool> abort_{false};
  pthread_t thread_{};
  bool started_ = false;
};

}  // namespace atalaya

#endif
