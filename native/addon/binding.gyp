{
  "targets": [
    {
      "target_name": "atalaya",
      "sources": [
        "addon.cc", "batch.cc", "cgroup_hierarchy.cc", "clock.cc", "count_table.cc", "global_variables.cc", "log_capture.cc", "merge.cc",
        "pool.cc", "reader.cc", "ring.cc", "scheduling.cc", "sensor.cc", "sensor_object.cc", "stage.cc", "task_reader.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "../bpf"],
      # The last: what can no longer be thrown, since the worker is being terminated, is dropped instead of fatal.
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
                  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fno-exceptions"],
      "cflags_cc!": ["-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-O3"],
      "libraries": ["-lbpf", "-lpthread"]
    }
  ]
}
