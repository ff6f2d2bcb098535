// The ring of src/ringbuf in C++, for comparison: same control words on lines of their own, same cached
// indices, one publication per batch, with the acquire and release order that C++ has and JavaScript has
// not. Same batches, same fill, same sum.
//
//   ring handoff ROWS SLOTS BATCHES      seconds and checksum
//   ring empty BATCHES                   seconds: claim, publish, peek, release without payload
//   ring pingpong ROUNDS                 p50 p99 p999 p9999 max of a round trip over a cache line, ns
//   ring futex ROUNDS                    the same with both threads asleep between turns
//
// Compiled by bench/ring/cpp.ts with -O2 -fno-tree-vectorize (subject cpp) and -O3 (cpp-simd).

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
static inline void relax() { _mm_pause(); }
#else
static inline void relax() {}
#endif

using Clock = std::chrono::steady_clock;
static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr int COLUMNS = 8;

struct Ring {
  alignas(128) std::atomic<uint32_t> tail{0};
  alignas(128) std::atomic<uint32_t> head{0};
  alignas(128) uint32_t slots;
  uint32_t mask;

  explicit Ring(uint32_t count) : slots(count), mask(count - 1) {}
};

struct Producer {
  Ring &ring;
  uint32_t tail = 0, headSeen = 0;

  int claim() {
    if (tail - headSeen == ring.slots) {
      headSeen = ring.head.load(std::memory_order_acquire);
      if (tail - headSeen == ring.slots) return -1;
    }
    return static_cast<int>(tail & ring.mask);
  }
  void publish() { ring.tail.store(++tail, std::memory_order_release); }
};

struct Consumer {
  Ring &ring;
  uint32_t head = 0, tailSeen = 0;

  int peek() {
    if (head == tailSeen) {
      tailSeen = ring.tail.load(std::memory_order_acquire);
      if (head == tailSeen) return -1;
    }
    return static_cast<int>(head & ring.mask);
  }
  void release() { ring.head.store(++head, std::memory_order_release); }
};

static void fillColumn(double *column, int rows, int base) {
  for (int row = 0; row < rows; row += 4) {
    column[row] = base + row;
    column[row + 1] = base + row + 1;
    column[row + 2] = base + row + 2;
    column[row + 3] = base + row + 3;
  }
}

static double sumColumn(const double *column, int rows) {
  double a = 0, b = 0, c = 0, d = 0;
  for (int row = 0; row < rows; row += 4) {
    a += column[row];
    b += column[row + 1];
    c += column[row + 2];
    d += column[row + 3];
  }
  return a + b + (c + d);
}

// A barrier for two: the clock starts when both are there.
static std::atomic<int> ready{0};
static void meet() {
  ready.fetch_add(1);
  while (ready.load() < 2) relax();
}

static int handoff(int rows, int slots, long batches) {
  const size_t lineBytes = 128;
  // A column, then room for its validity bits.
  const size_t strideBytes = rows * sizeof(double) + (rows / 8 + 63) / 64 * 64;
  const size_t slotBytes = (lineBytes + COLUMNS * strideBytes + lineBytes - 1) / lineBytes * lineBytes;
  char *memory = static_cast<char *>(std::aligned_alloc(4096, (slots * slotBytes + 4095) / 4096 * 4096));
  std::memset(memory, 0, slots * slotBytes);
  auto column = [&](int slot, int index) {
    return reinterpret_cast<double *>(memory + slot * slotBytes + lineBytes + index * strideBytes);
  };
  Ring ring(slots);
  std::thread filler([&] {
    Producer producer{ring};
    meet();
    for (long batch = 0; batch < batches; batch++) {
      int slot;
      while ((slot = producer.claim()) < 0) relax();
      const int base = static_cast<int>((batch * rows) & 0xfffff);
      for (int index = 0; index < COLUMNS; index++) fillColumn(column(slot, index), rows, base + index);
      producer.publish();
    }
  });
  Consumer consumer{ring};
  meet();
  const auto start = Clock::now();
  double checksum = 0;
  for (long batch = 0; batch < batches; batch++) {
    int slot;
    while ((slot = consumer.peek()) < 0) relax();
    for (int index = 0; index < COLUMNS; index++) checksum += sumColumn(column(slot, index), rows);
    consumer.release();
  }
  std::printf("%.9f %.0f\n", secondsSince(start), checksum);
  filler.join();
  return 0;
}

static int empty(long batches) {
  Ring ring(64);
  std::thread filler([&] {
    Producer producer{ring};
    meet();
    for (long batch = 0; batch < batches; batch++) {
      while (producer.claim() < 0) relax();
      producer.publish();
    }
  });
  Consumer consumer{ring};
  meet();
  const auto start = Clock::now();
  for (long batch = 0; batch < batches; batch++) {
    while (consumer.peek() < 0) relax();
    consumer.release();
  }
  std::printf("%.9f %ld\n", secondsSince(start), batches);
  filler.join();
  return 0;
}

static void printPercentiles(std::vector<double> &ns) {
  std::sort(ns.begin(), ns.end());
  auto at = [&](double share) { return ns[std::min(ns.size() - 1, static_cast<size_t>(share * ns.size()))]; };
  std::printf("%.1f %.1f %.1f %.1f %.1f\n", at(0.5), at(0.99), at(0.999), at(0.9999), ns.back());
}

static void futexWait(std::atomic<uint32_t> *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
static void futexWake(std::atomic<uint32_t> *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

static int pingpong(long rounds, bool sleeps) {
  struct Line {
    alignas(128) std::atomic<uint32_t> turn{0};
  };
  static Line ping, pong;
  auto await = [&](std::atomic<uint32_t> &word, uint32_t value) {
    while (word.load(std::memory_order_acquire) != value) {
      if (sleeps) futexWait(&word, value - 1);
      else relax();
    }
  };
  auto hit = [&](std::atomic<uint32_t> &word, uint32_t value) {
    word.store(value, std::memory_order_release);
    if (sleeps) futexWake(&word);
  };
  std::thread other([&] {
    meet();
    for (long round = 1; round <= rounds; round++) {
      await(ping.turn, static_cast<uint32_t>(round));
      hit(pong.turn, static_cast<uint32_t>(round));
    }
  });
  std::vector<double> ns(rounds);
  meet();
  for (long round = 1; round <= rounds; round++) {
    const auto start = Clock::now();
    hit(ping.turn, static_cast<uint32_t>(round));
    await(pong.turn, static_cast<uint32_t>(round));
    ns[round - 1] = secondsSince(start) * 1e9;
  }
  other.join();
  printPercentiles(ns);
  return 0;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  auto number = [&](int index) { return argc > index ? std::atol(argv[index]) : 0; };
  if (!std::strcmp(mode, "handoff")) return handoff(number(2), number(3), number(4));
  if (!std::strcmp(mode, "empty")) return empty(number(2));
  if (!std::strcmp(mode, "pingpong")) return pingpong(number(2), false);
  if (!std::strcmp(mode, "futex")) return pingpong(number(2), true);
  std::fprintf(stderr, "usage: ring handoff ROWS SLOTS BATCHES | empty BATCHES | pingpong ROUNDS | futex ROUNDS\n");
  return 2;
}
