// COUNT, SUM, MIN and MAX by an int32 key in C++, beside bench/micro/groups.ts: open addressing in one
// table, linear probing, at most 62 % full, batches of so many rows.
//
//   g++ -O3 -march=native -o groups bench/peers/groups.cpp
//   ./groups KEYS ROWS BATCH PASSES      ns of processor time a row, median of the passes
//
//   plain        slots of 32 bytes, a plain sum
//   prefetch     the same, fetching the slot of the 16th next row
//   compensated  slots of 48 bytes, the sum of src/state/accumulators/float-sum.ts

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <time.h>
#include <vector>

struct Plain {
  int32_t key;
  uint32_t count;
  double sum, least, most;
  void add(double x) { sum += x; }
};

struct Compensated {
  int32_t key;
  uint32_t count;
  double sum, least, most, error, unused;
  void add(double x) {
    double total = sum + x, part = total - sum;
    error += (sum - (total - part)) + (x - part);
    sum = total;
  }
};

static inline uint32_t mix(uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  return h ^ (h >> 16);
}

static double cpuNs() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

template <class Slot>
static inline void addRow(Slot* table, uint32_t mask, uint32_t at, int32_t key, double x) {
  while (table[at].count && table[at].key != key) at = (at + 1) & mask;
  Slot& slot = table[at];
  if (!slot.count) {
    slot.key = key;
    slot.least = INFINITY;
    slot.most = -INFINITY;
  }
  slot.count++;
  slot.add(x);
  slot.least = std::min(slot.least, x);
  slot.most = std::max(slot.most, x);
}

template <class Slot, int AHEAD>
__attribute__((noinline)) static void addBatch(Slot* table, uint32_t mask, const int32_t* keys,
                                               const double* values, int rows) {
  for (int i = 0; i < rows; i++) {
    if (AHEAD > 0 && i + AHEAD < rows) {
      __builtin_prefetch(&table[mix(keys[i + AHEAD]) & mask], 1);
    }
    addRow(table, mask, mix(keys[i]) & mask, keys[i], values[i]);
  }
}

template <class Slot, int AHEAD>
static void measure(const char* name, uint32_t slots, const std::vector<int32_t>& keys,
                    const std::vector<double>& values, int batch, int passes) {
  size_t bytes = (size_t)slots * sizeof(Slot);
  Slot* table = (Slot*)aligned_alloc(64, bytes);
  memset(table, 0, bytes);
  int rows = keys.size();
  std::vector<double> times;
  for (int pass = 0; pass <= passes; pass++) {
    double begin = cpuNs();
    for (int i = 0; i < rows; i += batch) {
      addBatch<Slot, AHEAD>(table, slots - 1, &keys[i], &values[i], std::min(batch, rows - i));
    }
    if (pass > 0) times.push_back((cpuNs() - begin) / rows);
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (uint32_t i = 0; i < slots; i++) sum += table[i].sum;
  printf("%-12s %6.2f ns/row   sum %.3f\n", name, times[times.size() / 2], sum);
  free(table);
}

int main(int count, char** args) {
  if (count < 5) return 1;
  int groups = atoi(args[1]), rows = atoi(args[2]), batch = atoi(args[3]), passes = atoi(args[4]);
  std::vector<int32_t> keys(rows);
  std::vector<double> values(rows);
  uint32_t state = 0x2545f491;
  auto random = [&] {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
  };
  for (int i = 0; i < rows; i++) {
    keys[i] = random() % groups;
    values[i] = (random() % 1000) / 8.0;
  }
  uint32_t slots = 16;
  while (slots * 0.62 < groups) slots *= 2;
  measure<Plain, 0>("plain", slots, keys, values, batch, passes);
  measure<Plain, 16>("prefetch", slots, keys, values, batch, passes);
  measure<Compensated, 0>("compensated", slots, keys, values, batch, passes);
}
