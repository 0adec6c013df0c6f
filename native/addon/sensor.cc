#include "sensor.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <linux/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "cgroup_hierarchy.h"
#include "clock.h"
#include "events.h"
#include "log_capture.h"
#include "programs.h"
#include "task_reader.h"

namespace atalaya {
namespace {

constexpr const char *kRingNames[kLanes] = {"rare", "lifecycle", "bulk"};
constexpr const char *kHeartbeat = "heartbeat";

struct ExitCall {
  uint32_t kind;
  const char *program;
};
constexpr ExitCall kExitCalls[] = {
#define ENTRY(kind, program) {kind, #program},
    EXIT_CALLS(ENTRY)
#undef ENTRY
};

static_assert(LANE_COUNT == kLanes && KIND_MAX == kKinds, "the sizes of sensor.h are those of events.h");

bool EndsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/** Tracepoints that a kernel may lack (it has no io_uring, or an older one): the rest works without. */
bool IsOptional(const std::string &name) { return name.rfind("uring_", 0) == 0; }

/** What is called by other programs, read or run by us is not attached. */
bool IsAttachable(const bpf_program *program) {
  std::string name = bpf_program__name(program);
  return name != kHeartbeat && !EndsWith(name, "_exit_call") &&
         bpf_program__expected_attach_type(program) != BPF_TRACE_ITER;
}

ProgramState Describe(const bpf_program *program) {
  ProgramState state;
  state.name = bpf_program__name(program);
  bpf_prog_info info = {};
  __u32 size = sizeof(info);
  if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0) return state;
  state.verified_instructions = info.verified_insns;
  state.jited_bytes = info.jited_prog_len;
  return state;
}

/** Time between two records of a budget. */
std::array<uint64_t, kLanes> Intervals(const std::array<uint32_t, kLanes> &budgets) {
  std::array<uint64_t, kLanes> intervals{};
  for (size_t lane = 0; lane < kLanes; lane++) {
    if (budgets[lane] > 0) intervals[lane] = 1000 * kNsPerMs / budgets[lane];
  }
  return intervals;
}

/** struct named_key of budget.h. */
struct NamedKey {
  uint64_t inode;
  uint32_t dev;
  uint32_t pad;
};

/** struct name_key of budget.h. */
using NameKey = std::array<char, 32>;
static_assert(kNameMax + 2 <= std::tuple_size<NameKey>::value, "a longer name must not look like one of the map");

Status WrongState(const char *operation) { return Status::Failed(operation, EBADFD); }

}  // namespace

Status Sensor::Open(const SensorOptions &options) {
  if (state_ != State::kClosed) return WrongState("open");
  LogCapture log;
  object_ = bpf_object__open_file(options.object_path.c_str(), nullptr);
  if (object_ == nullptr) return Status::Failed("open", errno, log.Tail());
  state_ = State::kOpen;
  cpus_ = libbpf_num_possible_cpus();
  Status status = cpus_ > 0 ? CheckAbi() : Status::Failed("count cpus", cpus_);
  if (status.ok()) status = SetOptions(options);
  if (status.ok()) status = SetRingSizes(options);
  if (!status.ok()) Close();
  return status;
}

Status Sensor::CheckAbi() {
  GlobalVariable abi;
  uint32_t version = 0;
  if (!FindGlobalVariable(object_, "abi_version", &abi) || abi.size != sizeof(version)) {
    return Status::Failed("check abi", EPROTO, "the object has no abi_version");
  }
  uint8_t *bytes = InitialBytes(abi);
  if (bytes != nullptr) std::memcpy(&version, bytes, sizeof(version));
  if (version == ABI_VERSION) return Status::Ok();
  return Status::Failed("check abi", EPROTO,
                        "the object has abi " + std::to_string(version) + ", this addon reads " +
                            std::to_string(static_cast<int>(ABI_VERSION)));
}

Status Sensor::SetOptions(const SensorOptions &options) {
  CgroupHierarchy hierarchy;
  Status status = ChooseCgroupHierarchy(options.cgroup_hierarchy, &hierarchy);
  if (!status.ok()) return status;
  cgroup_hierarchy_ = hierarchy.name;
  bool set = SetInitial<int32_t>("cfg_cgroup_subsys", hierarchy.subsystem) &&
             SetInitial<uint32_t>("cfg_agent_tgid", options.agent_tgid) &&
             SetInitial<std::array<uint64_t, kLanes>>("cfg_budget_interval_ns", Intervals(options.budgets));
  return set ? Status::Ok() : Status::Failed("set options", EPROTO, "the object lacks an option");
}

Status Sensor::SetRingSizes(const SensorOptions &options) {
  for (int lane = 0; lane < kLanes; lane++) {
    bpf_map *map = bpf_object__find_map_by_name(object_, kRingNames[lane]);
    if (map == nullptr)
      return Status::Failed("set ring sizes", EPROTO, std::string("no ring ") + kRingNames[lane]);
    uint32_t bytes = options.ring_bytes[static_cast<size_t>(lane)];
    int error = bytes == 0 ? 0 : bpf_map__set_max_entries(map, bytes);
    if (error != 0) return Status::Failed("set ring sizes", error);
  }
  return Status::Ok();
}

template <typename T>
bool Sensor::SetInitial(const char *name, T value) {
  GlobalVariable variable;
  if (!FindGlobalVariable(object_, name, &variable) || variable.size != sizeof(T)) return false;
  uint8_t *bytes = InitialBytes(variable);
  if (bytes == nullptr) return false;
  std::memcpy(bytes, &value, sizeof(T));
  return true;
}

Status Sensor::Load() {
  if (state_ != State::kOpen) return WrongState("load");
  LogCapture log;
  LeaveOutMissing();
  int error = bpf_object__load(object_);
  if (error != 0) return Status::Failed(HasKernelTypes() ? "load" : "find kernel types", error, log.Tail());
  state_ = State::kLoaded;
  bpf_program *program;
  bpf_object__for_each_program(program, object_) programs_.push_back(Describe(program));
  Status status = FillProgramTable();
  if (!status.ok()) Close();
  return status;
}

void Sensor::LeaveOutMissing() {
  btf *types = btf__load_vmlinux_btf();
  if (types == nullptr) return;
  bpf_program *program;
  bpf_object__for_each_program(program, object_) {
    if (!IsOptional(bpf_program__name(program))) continue;
    std::string section = bpf_program__section_name(program);
    std::string type = "btf_trace_" + section.substr(section.find('/') + 1);
    if (btf__find_by_name_kind(types, type.c_str(), BTF_KIND_TYPEDEF) < 0) bpf_program__set_autoload(program, false);
  }
  btf__free(types);
}

Status Sensor::FillProgramTable() {
  bpf_map *table = bpf_object__find_map_by_name(object_, "syscall_programs");
  if (table == nullptr) return Status::Failed("fill program table", EPROTO, "no map syscall_programs");
  for (const ExitCall &call : kExitCalls) {
    bpf_program *program = bpf_object__find_program_by_name(object_, call.program);
    if (program == nullptr)
      return Status::Failed("fill program table", EPROTO, std::string("no ") + call.program);
    int fd = bpf_program__fd(program);
    int error = bpf_map_update_elem(bpf_map__fd(table), &call.kind, &fd, BPF_ANY);
    if (error != 0) return Status::Failed("fill program table", error, call.program);
  }
  return Status::Ok();
}

Status Sensor::Attach() {
  if (state_ != State::kLoaded) return WrongState("attach");
  state_ = State::kAttached;
  size_t index = 0;
  bpf_program *program;
  bpf_object__for_each_program(program, object_) {
    Status status = AttachProgram(program, &programs_[index++]);
    if (status.ok()) continue;
    Detach();
    return status;
  }
  return Status::Ok();
}

Status Sensor::AttachProgram(bpf_program *program, ProgramState *state) {
  if (!IsAttachable(program) || !bpf_program__autoload(program)) return Status::Ok();
  LogCapture log;
  bpf_link *link = bpf_program__attach(program);
  if (link == nullptr) return Status::Failed("attach " + state->name, errno, log.Tail());
  links_.push_back(link);
  state->attached = true;
  return Status::Ok();
}

void Sensor::Detach() {
  if (state_ != State::kAttached) return;
  state_ = State::kDetached;
  for (bpf_link *link : links_) bpf_link__destroy(link);
  links_.clear();
  for (ProgramState &program : programs_) program.attached = false;
}

void Sensor::WaitForPrograms() {
  // Programs of tracepoints run with preemption off: a grace period of RCU outlasts them. Kernels with
  // nohz_full refuse the call; there the longest program has ended many times over after this sleep.
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) SleepNs(50 * kNsPerMs);
}

void Sensor::Close() {
  Detach();
  sections_.clear();
  if (object_ != nullptr) bpf_object__close(object_);
  object_ = nullptr;
  programs_.clear();
  state_ = State::kClosed;
}

uint8_t *Sensor::Live(const char *name, size_t size) {
  GlobalVariable variable;
  if (!FindGlobalVariable(object_, name, &variable) || variable.size != size) return nullptr;
  for (const auto &section : sections_) {
    if (section->map() == variable.map) return section->bytes() + variable.offset;
  }
  auto section = std::make_unique<MappedSection>();
  int error = section->Map(variable.map);
  if (error != 0) {
    errno = error;
    return nullptr;
  }
  sections_.push_back(std::move(section));
  return sections_.back()->bytes() + variable.offset;
}

Status Sensor::SetPlan(const Plan &plan) {
  if (state_ != State::kLoaded && state_ != State::kAttached) return WrongState("set plan");
  errno = EPROTO;
  uint8_t *syscall_class = Live("syscall_class", kSyscalls);
  uint8_t *compat_class = Live("compat_class", kSyscalls);
  uint8_t *uring_class = Live("uring_class", kUringOps);
  uint8_t *wanted_kind = Live("wanted_kind", kKinds);
  uint8_t *result_wanted = Live("result_wanted", kKinds);
  uint8_t *open_flags_any = Live("open_flags_any", sizeof(plan.open_flags_any));
  uint8_t *env_wanted = Live("env_wanted", sizeof(uint8_t));
  uint8_t *generation = Live("plan_generation", sizeof(plan.generation));
  for (uint8_t *place :
       {syscall_class, compat_class, uring_class, wanted_kind, result_wanted, open_flags_any, env_wanted, generation}) {
    if (place == nullptr) return Status::Failed("set plan", errno);
  }
  auto barrier = [] { __atomic_thread_fence(__ATOMIC_SEQ_CST); };
  auto turn_on = [](uint8_t *to, const uint8_t *from, size_t size) {
    for (size_t i = 0; i < size; i++) {
      if (from[i] != 0) to[i] = from[i];
    }
  };

  // First let more through, then less: no event is missed that either plan wants.
  std::memset(result_wanted, 0, kKinds);
  std::memset(open_flags_any, 0, sizeof(plan.open_flags_any));
  if (plan.env_wanted) *env_wanted = 1;
  barrier();
  turn_on(wanted_kind, plan.wanted_kind.data(), kKinds);
  turn_on(syscall_class, plan.syscall_class.data(), kSyscalls);
  turn_on(compat_class, plan.compat_class.data(), kSyscalls);
  turn_on(uring_class, plan.uring_class.data(), kUringOps);
  barrier();
  std::memcpy(generation, &plan.generation, sizeof(plan.generation));
  barrier();
  std::memcpy(syscall_class, plan.syscall_class.data(), kSyscalls);
  std::memcpy(compat_class, plan.compat_class.data(), kSyscalls);
  std::memcpy(uring_class, plan.uring_class.data(), kUringOps);
  std::memcpy(wanted_kind, plan.wanted_kind.data(), kKinds);
  std::memcpy(result_wanted, plan.result_wanted.data(), kKinds);
  std::memcpy(open_flags_any, &plan.open_flags_any, sizeof(plan.open_flags_any));
  *env_wanted = plan.env_wanted ? 1 : 0;
  return Status::Ok();
}

Status Sensor::ReadTasks(std::vector<uint8_t> *records) {
  if (state_ != State::kLoaded && state_ != State::kAttached) return WrongState("read tasks");
  std::lock_guard<std::mutex> lock(scratch_);
  return ReadTaskRecords(object_, records);
}

Status Sensor::Heartbeat() {
  if (state_ == State::kClosed || state_ == State::kOpen) return WrongState("heartbeat");
  std::lock_guard<std::mutex> lock(scratch_);
  int error = HeartbeatOnEachCpu();
  return error == 0 ? Status::Ok() : Status::Failed("heartbeat", error);
}

void Sensor::TryHeartbeat() {
  std::unique_lock<std::mutex> lock(scratch_, std::try_to_lock);
  if (lock.owns_lock()) HeartbeatOnEachCpu();
}

int Sensor::HeartbeatOnEachCpu() {
  bpf_program *program = bpf_object__find_program_by_name(object_, kHeartbeat);
  if (program == nullptr) return EPROTO;
  for (int cpu = 0; cpu < cpus_; cpu++) {
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.flags = BPF_F_TEST_RUN_ON_CPU;
    options.cpu = static_cast<__u32>(cpu);
    int error = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
    // ENXIO: the cpu is possible but not online, so nothing happens on it.
    if (error != 0 && error != -ENXIO) return -error;
  }
  return 0;
}

Status Sensor::SetNamed(const Named &named) {
  if (state_ != State::kLoaded && state_ != State::kAttached) return WrongState("set named files");
  uint8_t *has_named = Live("has_named", sizeof(uint8_t));
  if (has_named == nullptr) return Status::Failed("set named files", EPROTO);
  Named sorted = named;
  std::sort(sorted.files.begin(), sorted.files.end());
  std::sort(sorted.names.begin(), sorted.names.end());
  auto file_key = [](const FileId &file) { return NamedKey{file.inode, file.dev, 0}; };
  auto name_key = [](const std::string &name) {
    NameKey key{};
    std::memcpy(key.data(), name.data(), std::min(name.size(), kNameMax));
    return key;
  };
  Status status = ReplaceKeys("named_files", named_.files, sorted.files, file_key);
  if (status.ok()) status = ReplaceKeys("named_names", named_.names, sorted.names, name_key);
  if (!status.ok()) return status;
  named_ = std::move(sorted);
  *has_named = named_.files.empty() && named_.names.empty() ? 0 : 1;
  return Status::Ok();
}

template <typename T, typename ToKey>
Status Sensor::ReplaceKeys(const char *name, const std::vector<T> &before, const std::vector<T> &after, ToKey to_key) {
  bpf_map *map = bpf_object__find_map_by_name(object_, name);
  if (map == nullptr) return Status::Failed("set named files", EPROTO, std::string("no map ") + name);
  if (after.size() > bpf_map__max_entries(map)) return Status::Failed("set named files", E2BIG);
  // What goes makes room for what comes; what stays is not touched.
  for (const T &gone : before) {
    if (std::binary_search(after.begin(), after.end(), gone)) continue;
    auto key = to_key(gone);
    bpf_map_delete_elem(bpf_map__fd(map), &key);
  }
  const uint8_t present = 1;
  for (const T &come : after) {
    if (std::binary_search(before.begin(), before.end(), come)) continue;
    auto key = to_key(come);
    int error = bpf_map_update_elem(bpf_map__fd(map), &key, &present, BPF_ANY);
    if (error != 0) return Status::Failed("set named files", -error);
  }
  return Status::Ok();
}

Status Sensor::TakeCounted(std::vector<CountedRow> *rows) {
  if (state_ == State::kClosed || state_ == State::kOpen) return WrongState("read counts");
  const bpf_map *fine = bpf_object__find_map_by_name(object_, "counted");
  const bpf_map *coarse = bpf_object__find_map_by_name(object_, "counted_coarse");
  uint32_t *epoch = reinterpret_cast<uint32_t *>(Live("counted_epoch", sizeof(uint32_t)));
  if (epoch == nullptr) return Status::Failed("read counts", EPROTO);
  bool is_last = state_ == State::kDetached;
  if (is_last) WaitForPrograms();
  for (uint8_t parity = 0; parity < 2; parity++) {
    if (!is_last && parity == (*epoch & 1)) continue;
    Status status = TakeRows(fine, parity, false, rows);
    if (status.ok()) status = TakeRows(coarse, parity, true, rows);
    if (!status.ok()) return status;
  }
  __atomic_fetch_add(epoch, 1, __ATOMIC_SEQ_CST);
  return Status::Ok();
}

std::vector<LaneCount> Sensor::Counts() const {
  std::vector<LaneCount> counts(static_cast<size_t>(kLanes * cpus_));
  if (state_ == State::kClosed || state_ == State::kOpen) return counts;
  bpf_map *map = bpf_object__find_map_by_name(object_, "lane_counters");
  if (map == nullptr || bpf_map__value_size(map) != sizeof(LaneCount)) return counts;
  for (uint32_t lane = 0; lane < kLanes; lane++) {
    bpf_map_lookup_elem(bpf_map__fd(map), &lane, &counts[lane * static_cast<size_t>(cpus_)]);
  }
  return counts;
}

int Sensor::ring_fd(int lane) const {
  return bpf_map__fd(bpf_object__find_map_by_name(object_, kRingNames[lane]));
}

size_t Sensor::ring_bytes(int lane) const {
  return bpf_map__max_entries(bpf_object__find_map_by_name(object_, kRingNames[lane]));
}

}  // namespace atalaya
