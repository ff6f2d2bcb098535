// Batches into rings on one thread: copied whole, or spread over N rings by the hash of a key. The reader
// takes note of a slot's rows and gives it back.
//
//   edges copy FOLDER           columns c0 to c7 (float64); slots of 1024 rows, 64 of them
//   edges partition FOLDER N    columns k (int32), a (int64), x (float64); 16 slots a ring

#include "peer.hpp"
#include <atomic>
#include <unordered_set>

static int copy(const std::string &folder) {
  constexpr int COLUMNS = 8, SLOTS = 64;
  const double *columns[COLUMNS];
  size_t rows = 0;
  for (int c = 0; c < COLUMNS; c++) {
    const auto column = readColumn<double>(folder, ("c" + std::to_string(c)).c_str());
    columns[c] = column.values;
    rows = column.rows;
  }
  static double *ring = allocateArray<double>(size_t(SLOTS) * COLUMNS * BATCH_ROWS);
  static std::atomic<uint32_t> tail{0}, head{0};
  const size_t batches = rows / BATCH_ROWS;
  std::vector<const double *> from(columns, columns + COLUMNS);
  const auto send = [=](size_t batch) {
    const uint32_t at = tail.load(std::memory_order_relaxed);
    double *slot = ring + size_t(at % SLOTS) * COLUMNS * BATCH_ROWS;
    for (int c = 0; c < COLUMNS; c++) {
      const double *source = from[c] + batch * BATCH_ROWS;
      double *target = slot + c * BATCH_ROWS;
      std::memcpy(target, source, BATCH_ROWS * sizeof(double));
    }
    keep(slot);
    tail.store(at + 1, std::memory_order_release);
    head.store(at + 1, std::memory_order_release);
    return slot;
  };
  std::vector<Variant> variants;
  variants.push_back({"cpp",
                      [=] {
                        for (size_t batch = 0; batch < batches; batch++) send(batch);
                      },
                      [=] {
                        double sum = 0;
                        for (size_t batch = 0; batch < batches; batch++) {
                          const double *slot = send(batch);
                          for (int i = 0; i < COLUMNS * BATCH_ROWS; i++) sum += slot[i];
                        }
                        return std::vector<double>{double(batches * BATCH_ROWS), sum};
                      }});
  return serve(variants);
}

struct Slot {
  int32_t k[BATCH_ROWS];
  int64_t a[BATCH_ROWS];
  double x[BATCH_ROWS];
};

struct Ring {
  static constexpr uint32_t SLOTS = 16;
  Slot *slots = allocateArray<Slot>(SLOTS);
  std::atomic<uint32_t> tail{0}, head{0};
  uint32_t rows = 0;
};

static inline uint32_t hashOf(int32_t key) {
  uint32_t hash = uint32_t(key);
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

// Row by row: each to the open slot of its ring, which is passed on when it is full.
template <typename Take>
void partition(size_t batches, const int32_t *k, const int64_t *a, const double *x, std::vector<Ring> &rings, Take take) {
  const uint32_t count = uint32_t(rings.size());
  for (size_t row = 0; row < batches * BATCH_ROWS; row++) {
    const uint32_t target = uint32_t(uint64_t(hashOf(k[row])) * count >> 32);
    Ring &ring = rings[target];
    const uint32_t at = ring.tail.load(std::memory_order_relaxed);
    Slot &slot = ring.slots[at % Ring::SLOTS];
    const uint32_t to = ring.rows++;
    slot.k[to] = k[row];
    slot.a[to] = a[row];
    slot.x[to] = x[row];
    if (ring.rows < BATCH_ROWS) continue;
    ring.tail.store(at + 1, std::memory_order_release);
    take(target, slot, ring.rows);
    ring.head.store(at + 1, std::memory_order_release);
    ring.rows = 0;
  }
  for (uint32_t target = 0; target < count; target++) {
    Ring &ring = rings[target];
    take(target, ring.slots[ring.tail.load(std::memory_order_relaxed) % Ring::SLOTS], ring.rows);
    ring.rows = 0;
  }
}

static int partitionAll(const std::string &folder, int count) {
  const auto column = readColumn<int32_t>(folder, "k");
  const int32_t *k = column.values;
  const int64_t *a = readColumn<int64_t>(folder, "a").values;
  const double *x = readColumn<double>(folder, "x").values;
  const size_t batches = column.rows / BATCH_ROWS;
  auto *rings = new std::vector<Ring>(size_t(count));
  std::vector<Variant> variants{
      {"cpp", [=] { partition(batches, k, a, x, *rings, [](uint32_t, Slot &slot, uint32_t) { keep(&slot); }); },
       [=] {
         std::vector<double> numbers(5, 0.0);
         std::unordered_set<uint64_t> met;
         partition(batches, k, a, x, *rings, [&](uint32_t target, Slot &slot, uint32_t rows) {
           for (uint32_t row = 0; row < rows; row++) {
             numbers[0]++;
             numbers[1] += slot.k[row];
             numbers[2] += double(slot.a[row]);
             numbers[3] += slot.x[row];
             met.insert(uint64_t(target) << 32 | uint32_t(slot.k[row]));
           }
         });
         numbers[4] = double(met.size());
         return numbers;
       }}};
  return serve(variants);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (!std::strcmp(argv[1], "copy")) return copy(argv[2]);
  if (argc > 3 && !std::strcmp(argv[1], "partition")) return partitionAll(argv[2], std::atoi(argv[3]));
  return 2;
}
