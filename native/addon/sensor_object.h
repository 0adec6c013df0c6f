#ifndef ATALAYA_ADDON_SENSOR_OBJECT_H_
#define ATALAYA_ADDON_SENSOR_OBJECT_H_

#include <napi.h>

#include <memory>

#include "batch.h"
#include "reader.h"
#include "sensor.h"

namespace atalaya {

/**
 * The sensor as JavaScript has it: one object, one environment, at most one reader. However it ends (stop,
 * close, the environment's end, the collector), the reader's thread is joined before anything that it uses is
 * gone.
 */
class SensorObject : public Napi::ObjectWrap<SensorObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit SensorObject(const Napi::CallbackInfo &info);
  ~SensorObject() override;

 private:
  static void CallJs(Napi::Env env, Napi::Function callback, SensorObject *self, Batch *batch);
  static void OnEnvironmentEnd(void *self);
  using Call = Napi::TypedThreadSafeFunction<SensorObject, Batch, CallJs>;

  Napi::Value Open(const Napi::CallbackInfo &info);
  Napi::Value Load(const Napi::CallbackInfo &info);
  Napi::Value Attach(const Napi::CallbackInfo &info);
  Napi::Value SetPlan(const Napi::CallbackInfo &info);
  Napi::Value Tasks(const Napi::CallbackInfo &info);
  Napi::Value SetNamed(const Napi::CallbackInfo &info);
  Napi::Value TakeCounted(const Napi::CallbackInfo &info);
  Napi::Value Heartbeat(const Napi::CallbackInfo &info);
  Napi::Value Start(const Napi::CallbackInfo &info);
  void Finish(const Napi::CallbackInfo &info);
  void Arrived(const Napi::CallbackInfo &info);
  void Release(const Napi::CallbackInfo &info);
  Napi::Value Stats(const Napi::CallbackInfo &info);
  Napi::Value CgroupHierarchy(const Napi::CallbackInfo &info);
  Napi::Value WallOffset(const Napi::CallbackInfo &info);
  void JoinReader(const Napi::CallbackInfo &info);
  void Close(const Napi::CallbackInfo &info);

  void EndReader();
  void DetachArena();

  Sensor sensor_;
  std::unique_ptr<Reader> reader_;
  Call call_;
  bool call_is_open_ = false;
  Napi::Reference<Napi::ArrayBuffer> arena_;
};

}  // namespace atalaya

#endif
