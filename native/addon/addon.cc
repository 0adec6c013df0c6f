#include <napi.h>

#include "sensor_object.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Sensor", atalaya::SensorObject::Define(env));
  return exports;
}

NODE_API_MODULE(atalaya, Init)
