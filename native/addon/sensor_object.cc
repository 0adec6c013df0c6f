#include "sensor_object.h"

#include <utility>
#include <vector>

#include "clock.h"
#include "convert.h"

namespace atalaya {

Napi::Function SensorObject::Define(Napi::Env env) {
  return DefineClass(env, "NativeSensor",
                     {
                         InstanceMethod<&SensorObject::Open>("open"),
                         InstanceMethod<&SensorObject::Load>("load"),
                         InstanceMethod<&SensorObject::Attach>("attach"),
                         InstanceMethod<&SensorObject::SetPlan>("setPlan"),
                         InstanceMethod<&SensorObject::Tasks>("tasks"),
                         InstanceMethod<&SensorObject::SetNamed>("setNamed"),
                         InstanceMethod<&SensorObject::TakeCounted>("takeCounted"),
                         InstanceMethod<&SensorObject::Heartbeat>("heartbeat"),
                         InstanceMethod<&SensorObject::Start>("start"),
                         InstanceMethod<&SensorObject::Finish>("finish"),
                         InstanceMethod<&SensorObject::Arrived>("arrived"),
                         InstanceMethod<&SensorObject::Release>("release"),
                         InstanceMethod<&SensorObject::Stats>("stats"),
                         InstanceMethod<&SensorObject::CgroupHierarchy>("cgroupHierarchy"),
                         InstanceMethod<&SensorObject::WallOffset>("wallOffsetNs"),
                         InstanceMethod<&SensorObject::JoinReader>("join"),
                         InstanceMethod<&SensorObject::Close>("close"),
                     });
}

SensorObject::SensorObject(const Napi::CallbackInfo &info) : Napi::ObjectWrap<SensorObject>(info) {}

SensorObject::~SensorObject() { EndReader(); }

Napi::Value SensorObject::Open(const Napi::CallbackInfo &info) {
  return ToValue(info.Env(), sensor_.Open(ToSensorOptions(info[0].As<Napi::Object>())));
}

Napi::Value SensorObject::Load(const Napi::CallbackInfo &info) { return ToValue(info.Env(), sensor_.Load()); }

Napi::Value SensorObject::Attach(const Napi::CallbackInfo &info) {
  return ToValue(info.Env(), sensor_.Attach());
}

Napi::Value SensorObject::SetPlan(const Napi::CallbackInfo &info) {
  return ToValue(info.Env(), sensor_.SetPlan(ToPlan(info[0].As<Napi::Object>())));
}

Napi::Value SensorObject::Tasks(const Napi::CallbackInfo &info) {
  std::vector<uint8_t> records;
  Status status = sensor_.ReadTasks(&records);
  if (!status.ok()) return ToValue(info.Env(), status);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), records.data(), records.size());
}

Napi::Value SensorObject::SetNamed(const Napi::CallbackInfo &info) {
  return ToValue(info.Env(), sensor_.SetNamed(ToNamed(info[0].As<Napi::Object>())));
}

Napi::Value SensorObject::TakeCounted(const Napi::CallbackInfo &info) {
  std::vector<CountedRow> rows;
  Status status = sensor_.TakeCounted(&rows);
  if (!status.ok()) return ToValue(info.Env(), status);
  return ToArray(info.Env(), rows);
}

Napi::Value SensorObject::Heartbeat(const Napi::CallbackInfo &info) {
  return ToValue(info.Env(), sensor_.Heartbeat());
}

/** start(options, callback): the arena that all batches lie in, or what went wrong. */
Napi::Value SensorObject::Start(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  if (reader_ != nullptr || !sensor_.is_attached()) return ToValue(env, Status::Failed("start", EBADFD));
  ReaderOptions options = ToReaderOptions(info[0].As<Napi::Object>());
  std::shared_ptr<Pool> pool = Pool::Create(options.pool_bytes, options.batch_bytes);
  if (pool == nullptr) return ToValue(env, Status::Failed("make pool", errno));

  call_ = Call::New(env, info[1].As<Napi::Function>(), "atalaya-batches", 0, 1, this);
  call_is_open_ = true;
  // After the call's own hook, so that it runs before that one: the thread ends while what it calls still
  // exists.
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this);
  reader_ = std::make_unique<Reader>(sensor_, options, pool, [this](std::unique_ptr<Batch> batch) {
    Batch *raw = batch.release();
    if (call_.NonBlockingCall(raw) == napi_ok) return true;
    delete raw;
    return false;
  });
  Status status = reader_->Start();
  if (!status.ok()) {
    EndReader();
    reader_.reset();
    return ToValue(env, status);
  }
  using Owner = std::shared_ptr<Pool>;
  Napi::ArrayBuffer arena = Napi::ArrayBuffer::New(
      env, pool->arena(), pool->bytes(), [](Napi::BasicEnv, void *, Owner *owner) { delete owner; },
      new Owner(pool));
  arena_ = Napi::Persistent(arena);
  return arena;
}

void SensorObject::CallJs(Napi::Env env, Napi::Function callback, SensorObject *self, Batch *raw) {
  std::unique_ptr<Batch> batch(raw);
  // No environment: the queue is being emptied after the end, and `self` may be gone.
  if (env == nullptr || !self->call_is_open_) return;
  if (batch == nullptr) {
    callback.Call({});
    return;
  }
  double offset =
      static_cast<double>(batch->chunk) * static_cast<double>(self->reader_->pool().chunk_bytes());
  callback.Call({
      Napi::Number::New(env, batch->chunk),
      Napi::Number::New(env, offset),
      Napi::Number::New(env, batch->length),
      Napi::Number::New(env, batch->count),
      ToArray(env, batch->gaps),
  });
}

void SensorObject::Finish(const Napi::CallbackInfo &info) {
  sensor_.Detach();
  if (reader_ != nullptr) reader_->Finish();
}

void SensorObject::Arrived(const Napi::CallbackInfo &info) {
  if (reader_ != nullptr) reader_->Arrived();
}

void SensorObject::Release(const Napi::CallbackInfo &info) {
  if (reader_ != nullptr) reader_->Release(info[0].As<Napi::Number>().Int32Value());
}

Napi::Value SensorObject::Stats(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  Napi::Object stats = Napi::Object::New(env);
  static const ReaderCounters kNone;
  const ReaderCounters &counters = reader_ == nullptr ? kNone : reader_->counters();
  LaneCount sum;
  for (const LaneCount &count : sensor_.Counts()) {
    sum.produced += count.produced;
    sum.failed += count.failed;
    sum.counted += count.counted;
    sum.unlisted += count.unlisted;
  }
  stats.Set("received", ToBigInt(env, counters.received.load()));
  stats.Set("lost", ToBigInt(env, counters.lost.load()));
  stats.Set("late", ToBigInt(env, counters.late.load()));
  stats.Set("malformed", ToBigInt(env, counters.malformed.load()));
  stats.Set("heartbeats", ToBigInt(env, counters.heartbeats.load()));
  stats.Set("delivered", ToBigInt(env, counters.delivered.load()));
  stats.Set("batches", ToBigInt(env, counters.batches.load()));
  stats.Set("produced", ToBigInt(env, sum.produced + sum.counted));
  stats.Set("counted", ToBigInt(env, sum.counted));
  stats.Set("unlisted", ToBigInt(env, sum.unlisted));
  stats.Set("failed", ToBigInt(env, sum.failed));
  stats.Set("poolBytes", reader_ == nullptr ? 0.0
                                            : static_cast<double>(reader_->pool().used()) *
                                                  static_cast<double>(reader_->pool().chunk_bytes()));
  stats.Set("longestPauseMs", static_cast<double>(counters.longest_pause_ns.load()) / kNsPerMs);
  stats.Set("scheduler", SchedulingName(static_cast<Scheduling>(counters.scheduling.load())));
  stats.Set("programs", ToArray(env, sensor_.programs()));
  return stats;
}

Napi::Value SensorObject::CgroupHierarchy(const Napi::CallbackInfo &info) {
  return Napi::String::New(info.Env(), sensor_.cgroup_hierarchy());
}

Napi::Value SensorObject::WallOffset(const Napi::CallbackInfo &info) {
  return Napi::BigInt::New(info.Env(), WallOffsetNs());
}

/** Waits for the thread of a reader that has finished; its counters stay. */
void SensorObject::JoinReader(const Napi::CallbackInfo &info) { EndReader(); }

void SensorObject::Close(const Napi::CallbackInfo &info) {
  EndReader();
  DetachArena();
  reader_.reset();
  sensor_.Close();
}

void SensorObject::EndReader() {
  if (reader_ != nullptr) reader_->Join();
  if (!call_is_open_) return;
  call_is_open_ = false;
  call_.Abort();
  napi_remove_env_cleanup_hook(Env(), OnEnvironmentEnd, this);
}

/** Batches that JavaScript still has become empty, so that the memory can go at once. */
void SensorObject::DetachArena() {
  if (arena_.IsEmpty()) return;
  arena_.Value().Detach();
  arena_.Reset();
}

void SensorObject::OnEnvironmentEnd(void *self) {
  SensorObject *object = static_cast<SensorObject *>(self);
  object->EndReader();
  object->sensor_.Close();
}

}  // namespace atalaya
