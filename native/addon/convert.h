#ifndef ATALAYA_ADDON_CONVERT_H_
#define ATALAYA_ADDON_CONVERT_H_

#include <napi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "batch.h"
#include "reader.h"
#include "sensor.h"
#include "status.h"

/** Between JavaScript's values and the addon's. Types and ranges were checked by native/index.ts. */
namespace atalaya {

/** undefined where it worked, else {operation, errno, log}. */
inline Napi::Value ToValue(Napi::Env env, const Status &status) {
  if (status.ok()) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("operation", status.operation);
  object.Set("errno", status.error);
  object.Set("log", status.log);
  return object;
}

inline Napi::BigInt ToBigInt(Napi::Env env, uint64_t value) { return Napi::BigInt::New(env, value); }

inline const char *GapCauseName(GapCause cause) {
  switch (cause) {
    case GapCause::kAgentStarved:
      return "agent-starved";
    case GapCause::kPoolFull:
      return "pool-full";
    default:
      return "ring-full";
  }
}

inline Napi::Object ToObject(Napi::Env env, const PlacedGap &placed) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("lane", static_cast<uint32_t>(placed.gap.lane));
  object.Set("cpu", static_cast<uint32_t>(placed.gap.cpu));
  object.Set("fromSequence", ToBigInt(env, placed.gap.from_sequence));
  object.Set("toSequence", ToBigInt(env, placed.gap.to_sequence));
  object.Set("afterTimeNs", ToBigInt(env, placed.gap.after_ns));
  object.Set("beforeTimeNs", ToBigInt(env, placed.gap.before_ns));
  object.Set("cause", GapCauseName(placed.cause));
  object.Set("position", placed.position);
  return object;
}

inline Napi::Array ToArray(Napi::Env env, const std::vector<PlacedGap> &gaps) {
  Napi::Array array = Napi::Array::New(env, gaps.size());
  for (size_t i = 0; i < gaps.size(); i++) array.Set(static_cast<uint32_t>(i), ToObject(env, gaps[i]));
  return array;
}

inline Napi::Array ToArray(Napi::Env env, const std::vector<ProgramState> &programs) {
  Napi::Array array = Napi::Array::New(env, programs.size());
  for (size_t i = 0; i < programs.size(); i++) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", programs[i].name);
    object.Set("attached", programs[i].attached);
    object.Set("verifiedInstructions", programs[i].verified_instructions);
    object.Set("jitedBytes", programs[i].jited_bytes);
    array.Set(static_cast<uint32_t>(i), object);
  }
  return array;
}

inline Napi::Array ToArray(Napi::Env env, const std::vector<CountedRow> &rows) {
  Napi::Array array = Napi::Array::New(env, rows.size());
  for (size_t i = 0; i < rows.size(); i++) {
    const auto &[key, value, is_coarse] = rows[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("kind", static_cast<uint32_t>(key.kind));
    object.Set("lane", static_cast<uint32_t>(key.lane));
    object.Set("cgroupId", ToBigInt(env, key.cgroup_id));
    object.Set("count", ToBigInt(env, value.count));
    object.Set("firstNs", ToBigInt(env, value.first_ns));
    object.Set("lastNs", ToBigInt(env, value.last_ns));
    object.Set("isCoarse", is_coarse);
    object.Set("exeDev", key.exe_dev);
    object.Set("exeInode", ToBigInt(env, key.exe_inode));
    object.Set("objectDev", key.object_dev);
    object.Set("object", ToBigInt(env, key.object));
    object.Set("class", key.flags_class);
    array.Set(static_cast<uint32_t>(i), object);
  }
  return array;
}

inline Named ToNamed(const Napi::Object &object) {
  Napi::Array files = object.Get("files").As<Napi::Array>();
  Napi::Array names = object.Get("names").As<Napi::Array>();
  Named named;
  for (uint32_t i = 0; i < files.Length(); i++) {
    Napi::Object file = files.Get(i).As<Napi::Object>();
    bool lossless;
    named.files.push_back({file.Get("inode").As<Napi::BigInt>().Uint64Value(&lossless),
                           file.Get("dev").ToNumber().Uint32Value()});
  }
  for (uint32_t i = 0; i < names.Length(); i++) named.names.push_back(names.Get(i).ToString().Utf8Value());
  return named;
}

inline uint32_t NumberOf(const Napi::Object &object, const char *name) {
  return object.Get(name).ToNumber().Uint32Value();
}

inline uint64_t NsOf(const Napi::Object &object, const char *name_in_ms) {
  return static_cast<uint64_t>(object.Get(name_in_ms).ToNumber().DoubleValue() * 1e6);
}

inline SensorOptions ToSensorOptions(const Napi::Object &object) {
  SensorOptions options;
  options.object_path = object.Get("objectPath").ToString().Utf8Value();
  options.cgroup_hierarchy = object.Get("cgroupHierarchy").ToString().Utf8Value();
  options.agent_tgid = NumberOf(object, "agentPid");
  Napi::Object rings = object.Get("ringBytes").As<Napi::Object>();
  const char *names[kLanes] = {"rare", "lifecycle", "bulk"};
  Napi::Object budgets = object.Get("budgets").As<Napi::Object>();
  for (size_t lane = 0; lane < kLanes; lane++) {
    options.ring_bytes[lane] = NumberOf(rings, names[lane]);
    options.budgets[lane] = NumberOf(budgets, names[lane]);
  }
  return options;
}

inline ReaderOptions ToReaderOptions(const Napi::Object &object) {
  ReaderOptions options;
  options.pool_bytes = NumberOf(object, "poolBytes");
  options.batch_bytes = NumberOf(object, "batchBytes");
  options.poll_ns = NsOf(object, "pollMs");
  options.delay_ns = NsOf(object, "delayMs");
  options.heartbeat_ns = NsOf(object, "heartbeatMs");
  return options;
}

template <size_t N>
void CopyBytes(const Napi::Object &object, const char *name, std::array<uint8_t, N> *to) {
  Napi::Uint8Array from = object.Get(name).As<Napi::Uint8Array>();
  std::copy_n(from.Data(), std::min(N, from.ByteLength()), to->data());
}

inline Plan ToPlan(const Napi::Object &object) {
  Plan plan;
  CopyBytes(object, "syscallClass", &plan.syscall_class);
  CopyBytes(object, "compatClass", &plan.compat_class);
  CopyBytes(object, "uringClass", &plan.uring_class);
  CopyBytes(object, "wantedKind", &plan.wanted_kind);
  CopyBytes(object, "resultWanted", &plan.result_wanted);
  plan.open_flags_any = NumberOf(object, "openFlagsAny");
  plan.env_wanted = object.Get("envWanted").ToBoolean();
  plan.generation = NumberOf(object, "generation");
  return plan;
}

}  // namespace atalaya

#endif
