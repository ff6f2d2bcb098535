// What the C++ peers of the kernel benchmark share: columns read from files, and a conversation over
// standard input and output by which the benchmark lets its subjects take turns.
//
//   on start             prints the names of the variants in one line
//   run VARIANT PASSES   makes passes over all rows; prints the thread's CPU time in nanoseconds
//   answer VARIANT       prints numbers: the answer of one pass
//
// End of input ends the program.

#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

constexpr int BATCH_ROWS = 1024;

inline int64_t threadCpuNs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Bytes of a file on a line boundary, with 64 readable bytes behind them.
struct Bytes {
  char *data = nullptr;
  size_t size = 0;
};

inline Bytes readBytes(const std::string &path) {
  FILE *file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    std::perror(path.c_str());
    std::exit(1);
  }
  std::fseek(file, 0, SEEK_END);
  Bytes bytes;
  bytes.size = static_cast<size_t>(std::ftell(file));
  std::rewind(file);
  bytes.data = static_cast<char *>(std::aligned_alloc(128, (bytes.size + 255) / 128 * 128));
  std::memset(bytes.data + bytes.size, 0, 64);
  if (std::fread(bytes.data, 1, bytes.size, file) != bytes.size) std::exit(1);
  std::fclose(file);
  return bytes;
}

// A column of all batches, one behind the other.
template <typename T> struct ColumnOf {
  const T *values;
  size_t rows;
};

template <typename T> ColumnOf<T> readColumn(const std::string &folder, const char *name) {
  const Bytes bytes = readBytes(folder + "/" + name);
  return {reinterpret_cast<const T *>(bytes.data), bytes.size / sizeof(T)};
}

template <typename T> T *allocateArray(size_t count) {
  const size_t bytes = (count * sizeof(T) + 255) / 128 * 128;
  void *memory = std::aligned_alloc(128, bytes);
  std::memset(memory, 0, bytes);
  return static_cast<T *>(memory);
}

// Keeps the compiler from removing what nobody reads.
template <typename T> inline void keep(T const &value) { asm volatile("" : : "r,m"(value) : "memory"); }

// Arrow's view of a string: length, four bytes of it, then the rest or a heap's number and an offset.
struct View {
  uint32_t length;
  char prefix[4];
  uint32_t third;
  uint32_t offset;
};
static_assert(sizeof(View) == 16, "a view has 16 bytes");

struct Variant {
  std::string name;
  std::function<void()> pass;
  std::function<std::vector<double>()> answer;
};

inline int serve(std::vector<Variant> &variants) {
  for (const Variant &variant : variants) std::printf("%s ", variant.name.c_str());
  std::printf("\n");
  std::fflush(stdout);
  char line[256], command[32], name[64];
  long passes = 0;
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    const int fields = std::sscanf(line, "%31s %63s %ld", command, name, &passes);
    Variant *found = nullptr;
    for (Variant &variant : variants)
      if (fields >= 2 && variant.name == name) found = &variant;
    if (found == nullptr) return 2;
    if (!std::strcmp(command, "run")) {
      const int64_t start = threadCpuNs();
      for (long pass = 0; pass < passes; pass++) found->pass();
      std::printf("%" PRId64 "\n", threadCpuNs() - start);
    } else {
      for (double number : found->answer()) std::printf("%.17g ", number);
      std::printf("\n");
    }
    std::fflush(stdout);
  }
  return 0;
}
