// A window a pass: what is kept of its rows is forgotten at its end.
//
//   windows join FOLDER      columns id and v (int32), batches of the left and right side in turns
//   windows top FOLDER       columns k (int32, below 4096) and x (float64): the 10 largest x by k

#include "peer.hpp"
#include <algorithm>
#include <type_traits>

static inline uint32_t hashOf(int32_t key) {
  uint32_t hash = uint32_t(key);
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

// What is kept of a row: as little as the answer needs, or with its time as well.
struct Lean {
  int32_t key, value;
  uint32_t next;
};
struct Timed {
  int32_t key, value;
  uint32_t next;
  int64_t time;
};

// The rows of one side: chains of equal hashes.
template <typename Entry> struct Side {
  uint32_t mask;
  uint32_t *heads; // 0: nobody, else the entry's number + 1
  Entry *entries;
  uint32_t used = 0;

  explicit Side(size_t rows) {
    uint32_t capacity = 1024;
    while (capacity < rows * 2) capacity *= 2;
    mask = capacity - 1;
    heads = allocateArray<uint32_t>(capacity);
    entries = allocateArray<Entry>(rows + 1);
  }
  void clear() {
    std::memset(heads, 0, (size_t(mask) + 1) * sizeof(uint32_t));
    used = 0;
  }
};

struct Pairs {
  int32_t *id = allocateArray<int32_t>(BATCH_ROWS), *left = allocateArray<int32_t>(BATCH_ROWS),
          *right = allocateArray<int32_t>(BATCH_ROWS);
  int64_t *start = allocateArray<int64_t>(BATCH_ROWS), *end = allocateArray<int64_t>(BATCH_ROWS),
          *time = allocateArray<int64_t>(BATCH_ROWS);
  int rows = 0;
};

constexpr int64_t WINDOW_US = 10000000;

// Each row joins its own side and is paired with the other's; full batches of pairs are given away. Timed
// rows are paired only within a window, and pairs have its bounds and the left row's time, as the engine's.
template <typename Entry, typename Take>
void joinAll(size_t batches, const int32_t *id, const int32_t *v, const int64_t *times, Side<Entry> *sides,
             Pairs &pairs, Take take) {
  constexpr bool isTimed = std::is_same_v<Entry, Timed>;
  for (size_t batch = 0; batch < batches; batch++) {
    Side<Entry> &own = sides[batch & 1], &other = sides[~batch & 1];
    for (size_t row = batch * BATCH_ROWS; row < (batch + 1) * BATCH_ROWS; row++) {
      const uint32_t hash = hashOf(id[row]), at = hash & own.mask;
      Entry &entry = own.entries[++own.used];
      entry.key = id[row];
      entry.value = v[row];
      entry.next = own.heads[at];
      int64_t start = 0;
      if constexpr (isTimed) {
        entry.time = times[row];
        start = times[row] / WINDOW_US * WINDOW_US;
      }
      own.heads[at] = own.used;
      for (uint32_t e = other.heads[hash & other.mask]; e != 0; e = other.entries[e].next) {
        const Entry &match = other.entries[e];
        if (match.key != id[row]) continue;
        const bool isRight = batch & 1;
        if constexpr (isTimed) {
          if (match.time < start || match.time >= start + WINDOW_US) continue;
          pairs.start[pairs.rows] = start;
          pairs.end[pairs.rows] = start + WINDOW_US;
          pairs.time[pairs.rows] = isRight ? match.time : times[row];
        }
        pairs.id[pairs.rows] = id[row];
        pairs.left[pairs.rows] = isRight ? match.value : v[row];
        pairs.right[pairs.rows] = isRight ? v[row] : match.value;
        if (++pairs.rows < BATCH_ROWS) continue;
        take();
        pairs.rows = 0;
      }
    }
  }
  take();
  pairs.rows = 0;
  sides[0].clear();
  sides[1].clear();
}

template <typename Entry> Variant joinVariant(const char *name, const ColumnOf<int32_t> &column, const int32_t *v) {
  const size_t batches = column.rows / BATCH_ROWS;
  const int32_t *id = column.values;
  static Side<Entry> sides[2] = {Side<Entry>(column.rows), Side<Entry>(column.rows)};
  static Pairs pairs;
  int64_t *times = allocateArray<int64_t>(column.rows);
  for (size_t row = 0; row < column.rows; row++) {
    times[row] = WINDOW_US + int64_t(row) * (WINDOW_US / int64_t(column.rows + 1));
  }
  return {name, [=] { joinAll(batches, id, v, times, sides, pairs, [] { keep(pairs.rows); }); },
          [=] {
            std::vector<double> numbers(4, 0.0);
            joinAll(batches, id, v, times, sides, pairs, [&] {
              for (int i = 0; i < pairs.rows; i++) {
                numbers[0]++;
                numbers[1] += pairs.id[i];
                numbers[2] += pairs.left[i];
                numbers[3] += pairs.right[i];
              }
            });
            return numbers;
          }};
}

static int join(const std::string &folder) {
  const auto column = readColumn<int32_t>(folder, "id");
  const int32_t *v = readColumn<int32_t>(folder, "v").values;
  std::vector<Variant> variants{joinVariant<Lean>("cpp", column, v),
                                joinVariant<Timed>("cpp-timed", column, v)};
  return serve(variants);
}

constexpr int KEYS = 4096, BEST = 10;

// By key a heap of the largest, its least in front.
struct Heaps {
  double values[KEYS][BEST];
  int counts[KEYS] = {};

  inline void add(int32_t key, double value) {
    double *heap = values[key];
    int &count = counts[key];
    if (count < BEST) {
      heap[count++] = value;
      std::push_heap(heap, heap + count, std::greater<double>());
      return;
    }
    if (value <= heap[0]) return;
    int at = 0;
    for (int child = 1; child < BEST; child = 2 * at + 1) {
      if (child + 1 < BEST && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
};

// Fills the heaps, then gives the results away in batches.
template <typename Take> void topAll(size_t rows, const int32_t *k, const double *x, Heaps &heaps, Take take) {
  static int32_t *keys = allocateArray<int32_t>(BATCH_ROWS);
  static double *values = allocateArray<double>(BATCH_ROWS);
  for (size_t row = 0; row < rows; row++) heaps.add(k[row], x[row]);
  int count = 0;
  for (int32_t key = 0; key < KEYS; key++) {
    for (int i = 0; i < heaps.counts[key]; i++) {
      keys[count] = key;
      values[count] = heaps.values[key][i];
      if (++count < BATCH_ROWS) continue;
      take(keys, values, count);
      count = 0;
    }
    heaps.counts[key] = 0;
  }
  take(keys, values, count);
}

static int top(const std::string &folder) {
  const auto column = readColumn<int32_t>(folder, "k");
  const int32_t *k = column.values;
  const double *x = readColumn<double>(folder, "x").values;
  const size_t rows = column.rows;
  static Heaps heaps;
  std::vector<Variant> variants{
      {"cpp", [=] { topAll(rows, k, x, heaps, [](int32_t *, double *values, int) { keep(values); }); },
       [=] {
         std::vector<double> numbers(3, 0.0);
         topAll(rows, k, x, heaps, [&](int32_t *keys, double *values, int count) {
           for (int i = 0; i < count; i++) {
             numbers[0]++;
             numbers[1] += keys[i];
             numbers[2] += values[i];
           }
         });
         return numbers;
       }}};
  return serve(variants);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (!std::strcmp(argv[1], "join")) return join(argv[2]);
  if (!std::strcmp(argv[1], "top")) return top(argv[2]);
  return 2;
}
