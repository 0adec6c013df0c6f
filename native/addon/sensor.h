#ifndef ATALAYA_ADDON_SENSOR_H_
#define ATALAYA_ADDON_SENSOR_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "count_table.h"
#include "global_variables.h"
#include "status.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

namespace atalaya {

constexpr int kLanes = 3;
constexpr size_t kSyscalls = 512;
constexpr size_t kUringOps = 64;
constexpr size_t kKinds = 128;

struct SensorOptions {
  std::string object_path;
  /** "auto", "v2", or the v1 controller whose cgroup ids the records carry: "memory", "cpu", "pids". */
  std::string cgroup_hierarchy = "auto";
  /** Thread group whose own events are left out; 0 = none. */
  uint32_t agent_tgid = 0;
  /** Sizes of the rings by lane, in bytes, each a power of two times the page size; 0 = the object's own. */
  std::array<uint32_t, kLanes> ring_bytes{};
  /** Records a second that a cgroup may send in each lane; 0 = as many as it likes. */
  std::array<uint32_t, kLanes> budgets{};
};

/** What the programs let through, in the words of maps.h. */
struct Plan {
  std::array<uint8_t, kSyscalls> syscall_class{};
  std::array<uint8_t, kSyscalls> compat_class{};
  std::array<uint8_t, kUringOps> uring_class{};
  std::array<uint8_t, kKinds> wanted_kind{};
  std::array<uint8_t, kKinds> result_wanted{};
  uint32_t open_flags_any = 0;
  bool env_wanted = false;
  uint32_t generation = 0;
};

/** How many records the programs asked room for on a (lane, cpu), and how often there was none. */
struct LaneCount {
  uint64_t produced = 0;
  uint64_t failed = 0;
  /** Not asked room for, because their cgroup had spent its budget; `unlisted` of these are in no table of counts. */
  uint64_t counted = 0;
  uint64_t unlisted = 0;
};

/** A file or directory as the kernel knows it; `dev` in its own encoding. */
struct FileId {
  uint64_t inode = 0;
  uint32_t dev = 0;

  bool operator<(const FileId &other) const {
    return inode != other.inode ? inode < other.inode : dev < other.dev;
  }
};

/** Longest name that is looked up, in bytes. */
constexpr size_t kNameMax = 30;

/** What rules name: files and directories as they were found, and last components of paths. */
struct Named {
  std::vector<FileId> files;
  std::vector<std::string> names;
};

struct ProgramState {
  std::string name;
  bool attached = false;
  /** Instructions that the verifier went through at load, and bytes of machine code; 0 = the kernel does not tell. */
  uint32_t verified_instructions = 0;
  uint32_t jited_bytes = 0;
};

/** The kernel's side: the BPF object from file to detached. It knows nothing of threads but its heartbeat's.
 */
class Sensor {
 public:
  Sensor() = default;
  ~Sensor() { Close(); }
  Sensor(const Sensor &) = delete;
  Sensor &operator=(const Sensor &) = delete;

  /** Reads the object, checks its ABI, sets its options. */
  Status Open(const SensorOptions &options);
  Status Load();
  Status Attach();
  /** No program starts any more when this returns; wait for those that run with WaitForPrograms. */
  void Detach();
  void WaitForPrograms();
  void Close();

  /** Live, in an order in which at no moment less passes than under both plans. */
  Status SetPlan(const Plan &plan);
  /** Records of all processes that there are now, back to back. */
  Status ReadTasks(std::vector<uint8_t> *records);
  /** Makes each cpu write one record in each lane. */
  Status Heartbeat();
  /** The same from a thread that must not wait; skipped while something else uses the programs' scratch. */
  void TryHeartbeat();

  /** Whose first opens always go out, instead of those of before. */
  Status SetNamed(const Named &named);
  /**
   * Takes what was counted until the call before this one; once detached, everything. Not more often than programs last:
   * each second.
   */
  Status TakeCounted(std::vector<CountedRow> *rows);

  /** By lane, then cpu. */
  std::vector<LaneCount> Counts() const;
  int cpus() const { return cpus_; }
  int ring_fd(int lane) const;
  size_t ring_bytes(int lane) const;
  bool is_attached() const { return state_ == State::kAttached; }
  const std::vector<ProgramState> &programs() const { return programs_; }
  /** Which hierarchy the cgroup ids are of: "v2" or a controller. */
  const std::string &cgroup_hierarchy() const { return cgroup_hierarchy_; }

 private:
  enum class State { kClosed, kOpen, kLoaded, kAttached, kDetached };

  Status CheckAbi();
  Status SetOptions(const SensorOptions &options);
  Status SetRingSizes(const SensorOptions &options);
  void LeaveOutMissing();
  Status FillProgramTable();
  Status AttachProgram(bpf_program *program, ProgramState *state);
  template <typename T>
  bool SetInitial(const char *name, T value);
  /** A live variable's place; nullptr when the object has none of this name and size. */
  uint8_t *Live(const char *name, size_t size);
  template <typename T, typename ToKey>
  Status ReplaceKeys(const char *map, const std::vector<T> &before, const std::vector<T> &after, ToKey to_key);
  int HeartbeatOnEachCpu();

  State state_ = State::kClosed;
  bpf_object *object_ = nullptr;
  int cpus_ = 0;
  std::vector<bpf_link *> links_;
  std::vector<ProgramState> programs_;
  std::string cgroup_hierarchy_;
  std::vector<std::unique_ptr<MappedSection>> sections_;
  Named named_;
  /** The iterator and the heartbeat write in the same scratch. */
  std::mutex scratch_;
};

}  // namespace atalaya

#endif
