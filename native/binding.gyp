{
  "targets": [
    {
      "target_name": "addon",
      "sources": [
        "src/addon.cc",
        "src/clone.cc",
        "src/recipe.cc",
        "src/wait.cc",
        "src/bpf.cc",
        "src/file.cc",
        "src/mount.cc",
        "src/process.cc",
        "src/uts.cc"
      ],
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
      "defines": ["NAPI_VERSION=8"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-Wa,-I<(SHARED_INTERMEDIATE_DIR)"],
      "actions": [
        {
          # The tiny pid 1 is a program of its own, without libc, carried inside the addon.
          "action_name": "init",
          "inputs": ["src/init.c", "src/init.sh"],
          "outputs": ["<(SHARED_INTERMEDIATE_DIR)/init"],
          "action": ["sh", "src/init.sh", "<(SHARED_INTERMEDIATE_DIR)/init"]
        }
      ]
    }
  ]
}
