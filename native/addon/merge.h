#ifndef ATALAYA_ADDON_MERGE_H_
#define ATALAYA_ADDON_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fifo.h"

namespace atalaya {

/** Sequence numbers of one (cpu, lane) that nobody will see. */
struct Gap {
  uint8_t lane = 0;
  uint16_t cpu = 0;
  uint64_t from_sequence = 0;
  uint64_t to_sequence = 0;
  /** Times of the records before and after; after_ns 0: there was none before. */
  uint64_t after_ns = 0;
  uint64_t before_ns = 0;
};

/** A record as it was drained. `bytes` stays valid until the record was emitted. */
struct Record {
  uint64_t time_ns;
  uint64_t sequence;
  const uint8_t *bytes;
  uint32_t length;
  int chunk;
  int lane;
};

/**
 * Makes one stream, ordered by time, of the streams of all lanes and cpus, each of which is ordered by
 * sequence number. A hole in the numbers becomes a gap in the place where the missing records would have
 * been. Sums are exact at any moment: the highest number seen = received + lost, for each stream.
 *
 * An interrupt between taking a number and reserving the room can swap two records of a stream. A number that
 * comes after its gap was noticed is taken out of the gap, as long as the gap still waits, which is as long
 * as the lateness that the caller grants.
 */
class Merge {
 public:
  Merge(int lanes, int cpus);

  /** A record that is to come out in its place. */
  void Add(int lane, int cpu, const Record &record);
  /** A record that is not to come out: only its number counts. */
  void Note(int lane, int cpu, uint64_t sequence, uint64_t time_ns);
  /** Numbers up to `last_sequence` were given out; what was not seen by now never will be. */
  void Close(int lane, int cpu, uint64_t last_sequence, uint64_t time_ns);

  /**
   * Gives what is not later than `horizon_ns`, in order, to sink.OnRecord(const Record &) and
   * sink.OnGap(const Gap &), until one of them answers false, which means that it did not take it. False
   * then, else true.
   */
  template <typename Sink>
  bool EmitUntil(uint64_t horizon_ns, Sink &sink);

  /** What still waits will not come out: it counts as lost. Nothing may be added afterwards. */
  void Abandon();

  bool empty() const { return heap_.empty(); }
  uint64_t received() const { return received_; }
  uint64_t lost() const { return lost_; }
  /** Records that came out after later ones had. */
  uint64_t late() const { return late_; }

 private:
  /** What waits in a stream; bytes nullptr: the next of its gaps. */
  struct Entry {
    uint64_t key;
    Record record;
  };
  struct Stream {
    uint8_t lane;
    uint16_t cpu;
    uint64_t next = 1;
    uint64_t last_time = 0;
    uint64_t last_key = 0;
    Fifo<Entry> entries;
    Fifo<Gap> gaps;
  };

  Stream &stream(int lane, int cpu) { return streams_[static_cast<size_t>(lane * cpus_ + cpu)]; }
  void Count(Stream &stream, uint64_t sequence, uint64_t time_ns);
  void Return(Stream &stream, uint64_t sequence);
  void PushGap(Stream &stream, const Gap &gap, uint64_t time_ns);
  void Push(Stream &stream, const Record &record);
  void Enheap(size_t index);
  void Deheap();
  bool Later(size_t a, size_t b) const;

  int cpus_;
  std::vector<Stream> streams_;
  /** Indices of the streams that have something, the one with the earliest head first. */
  std::vector<size_t> heap_;
  uint64_t emitted_ns_ = 0;
  uint64_t received_ = 0;
  uint64_t lost_ = 0;
  uint64_t late_ = 0;
};

template <typename Sink>
bool Merge::EmitUntil(uint64_t horizon_ns, Sink &sink) {
  while (!heap_.empty()) {
    size_t index = heap_.front();
    Stream &from = streams_[index];
    const Entry &entry = from.entries.front();
    if (entry.key > horizon_ns) break;
    if (entry.record.bytes != nullptr) {
      if (!sink.OnRecord(entry.record)) return false;
      if (entry.record.time_ns < emitted_ns_)
        late_++;
      else
        emitted_ns_ = entry.record.time_ns;
    } else {
      const Gap &gap = from.gaps.front();
      // An empty one was filled by records that came after all.
      if (gap.from_sequence <= gap.to_sequence && !sink.OnGap(gap)) return false;
      from.gaps.pop();
    }
    Deheap();
    from.entries.pop();
    if (!from.entries.empty()) Enheap(index);
  }
  return true;
}

}  // namespace atalaya

#endif
