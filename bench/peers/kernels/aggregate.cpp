// COUNT(*), SUM, MIN and MAX of a float64 by an int32 key, in an open-addressing table with linear
// probing, at most half full, that doubles.
//
// Fuller tables (62 %) were nearly twice as slow where 10,000 keys made them just that full.
//
//   aggregate FOLDER         columns k (int32) and x (float64) in FOLDER
//   aggregate FOLDER views   columns k (views), heap (long strings) and x in FOLDER: COUNT(*) and SUM by string
//
// `cpp` goes row by row; `cpp-prefetch` hashes a batch first and asks for slots some rows ahead. Both sum
// as Millrace does: the rounding errors of all additions are summed beside the sum, in slots of 40 bytes.
// `cpp-plain-sum` and `cpp-plain-sum-prefetch` lose them, in slots of 32. `cpp-dense` and `cpp-dense-prefetch`
// do what Millrace does with keys that lie close together: an array has the record of each key, by key. They are there
// where the keys fill at least a sixteenth of their range.

#include <algorithm>

#include "peer.hpp"

struct PlainSum {
  double sum;
  inline void begin(double value) { sum = value; }
  inline void add(double value) { sum += value; }
  double total() const { return sum; }
};

struct CompensatedSum {
  double sum, error;
  inline void begin(double value) {
    sum = value;
    error = 0;
  }
  // Knuth's two-sum.
  inline void add(double value) {
    const double total = sum + value, part = total - sum;
    error += (sum - (total - part)) + (value - part);
    sum = total;
  }
  double total() const { return sum + error; }
};

template <class Sum> struct Slot {
  int32_t key;
  uint32_t count; // 0: empty
  Sum sum;
  double low, high;
};
static_assert(sizeof(Slot<PlainSum>) == 32, "two slots a line");

static inline uint32_t hashOf(int32_t key) {
  uint32_t hash = uint32_t(key);
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

template <class Sum> struct Table {
  using Slot = ::Slot<Sum>;
  uint32_t mask = 1023;
  uint32_t used = 0;
  uint32_t limit = 512;
  Slot *slots = allocateArray<Slot>(1024);
  long passes = 0;

  void grow() {
    const uint32_t capacity = mask + 1;
    Slot *larger = allocateArray<Slot>(size_t(capacity) * 2);
    mask = capacity * 2 - 1;
    limit = capacity;
    for (uint32_t i = 0; i < capacity; i++) {
      if (slots[i].count == 0) continue;
      uint32_t at = hashOf(slots[i].key) & mask;
      while (larger[at].count != 0) at = (at + 1) & mask;
      larger[at] = slots[i];
    }
    std::free(slots);
    slots = larger;
  }

  inline void add(uint32_t hash, int32_t key, double value) {
    uint32_t at = hash & mask;
    for (;;) {
      Slot &slot = slots[at];
      if (slot.count != 0 && slot.key == key) {
        slot.count++;
        slot.sum.add(value);
        slot.low = value < slot.low ? value : slot.low;
        slot.high = value > slot.high ? value : slot.high;
        return;
      }
      if (slot.count == 0) {
        slot.key = key;
        slot.count = 1;
        slot.sum.begin(value);
        slot.low = slot.high = value;
        if (++used > limit) grow();
        return;
      }
      at = (at + 1) & mask;
    }
  }

  // Groups; rows; sum; then rows, minima and maxima weighted by key.
  std::vector<double> answer() const {
    std::vector<double> numbers(6, 0.0);
    for (uint32_t i = 0; i <= mask; i++) {
      const Slot &slot = slots[i];
      if (slot.count == 0) continue;
      const double weight = slot.key % 1000 + 1, rows = double(slot.count) / double(passes);
      numbers[0]++;
      numbers[1] += rows;
      numbers[2] += slot.sum.total() / double(passes);
      numbers[3] += rows * weight;
      numbers[4] += slot.low * weight;
      numbers[5] += slot.high * weight;
    }
    return numbers;
  }
};

// Records in the order of their first rows, and by key which one; keys from `base` on.
struct DenseTable {
  struct Record {
    int64_t key, count;
    CompensatedSum sum;
    double low, high, unused[2];
  };
  static_assert(sizeof(Record) == 64, "a line each");
  int32_t base = 0;
  uint32_t range = 0, used = 0, capacity = 1024;
  uint32_t *places = nullptr; // one more than the record's number; 0: none
  Record *records = allocateArray<Record>(1024);
  long passes = 0;

  void widen(int32_t key) {
    const int64_t begin = range == 0 ? key : std::min<int64_t>(base, key);
    const int64_t end = range == 0 ? int64_t(key) + 1 : std::max<int64_t>(int64_t(base) + range, int64_t(key) + 1);
    // Room on both sides, so that it is widened seldom.
    const int64_t from = begin < base || range == 0 ? begin - (end - begin) / 2 : base;
    const int64_t to = from + std::max<int64_t>(1024, 2 * (end - from));
    uint32_t *wider = allocateArray<uint32_t>(size_t(to - from));
    if (range > 0) std::memcpy(wider + (base - from), places, size_t(range) * 4);
    std::free(places);
    places = wider;
    base = int32_t(from);
    range = uint32_t(to - from);
  }

  void append(int32_t key, double value) {
    if (used == capacity) {
      Record *larger = allocateArray<Record>(size_t(capacity) * 2);
      std::memcpy(larger, records, size_t(capacity) * sizeof(Record));
      std::free(records);
      records = larger;
      capacity *= 2;
    }
    Record &record = records[used++];
    record.key = key;
    record.count = 1;
    record.sum.begin(value);
    record.low = record.high = value;
    places[uint32_t(key) - uint32_t(base)] = used;
  }

  inline void add(int32_t key, double value) {
    const uint32_t at = uint32_t(key) - uint32_t(base);
    if (__builtin_expect(at >= range, 0)) {
      widen(key);
      append(key, value);
      return;
    }
    const uint32_t place = places[at];
    if (__builtin_expect(place == 0, 0)) {
      append(key, value);
      return;
    }
    Record &record = records[place - 1];
    record.count++;
    record.sum.add(value);
    record.low = value < record.low ? value : record.low;
    record.high = value > record.high ? value : record.high;
  }

  inline void prefetch(int32_t key) const {
    const uint32_t at = uint32_t(key) - uint32_t(base);
    if (at < range) __builtin_prefetch(records + places[at] - 1, 1);
  }

  std::vector<double> answer() const {
    std::vector<double> numbers(6, 0.0);
    for (uint32_t i = 0; i < used; i++) {
      const Record &record = records[i];
      const double weight = double(record.key % 1000 + 1), rows = double(record.count) / double(passes);
      numbers[0]++;
      numbers[1] += rows;
      numbers[2] += record.sum.total() / double(passes);
      numbers[3] += rows * weight;
      numbers[4] += record.low * weight;
      numbers[5] += record.high * weight;
    }
    return numbers;
  }
};

// Groups of strings: a slot has the whole hash, so that other strings are rarely compared.
template <class Sum> struct TextSlot {
  View key;
  uint32_t hash, count; // 0: empty
  Sum sum;
};
static_assert(sizeof(TextSlot<PlainSum>) == 32, "two slots a line");

static const char *heap;

static inline const char *textOf(const View &view) {
  return view.length <= 12 ? reinterpret_cast<const char *>(&view) + 4 : heap + view.offset;
}

static inline uint64_t mixed(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a ^ 0xa0761d6478bd642full) * (b ^ 0xe7037ed1a0b428dbull);
  return uint64_t(product) ^ uint64_t(product >> 64);
}

// Sixteen bytes at a time; a short string is its view.
static inline uint32_t hashOf(const View &view) {
  uint64_t words[2];
  if (view.length <= 12) {
    std::memcpy(words, &view, 16);
    return uint32_t(mixed(words[0], words[1]));
  }
  const char *at = heap + view.offset;
  uint64_t hash = view.length;
  uint32_t left = view.length;
  for (; left > 16; left -= 16, at += 16) {
    std::memcpy(words, at, 16);
    hash = mixed(hash ^ words[0], words[1]);
  }
  // What is left overlaps what was read: longer than 12 bytes, so there are eight at either end.
  const char *end = heap + view.offset + view.length;
  std::memcpy(words, view.length >= 16 ? end - 16 : at, 8);
  std::memcpy(words + 1, end - 8, 8);
  return uint32_t(mixed(hash ^ words[0], words[1]));
}

static inline bool areEqual(const View &a, const View &b) {
  uint64_t x[2], y[2];
  std::memcpy(x, &a, 16);
  std::memcpy(y, &b, 16);
  if (x[0] != y[0]) return false; // length and four bytes
  return a.length <= 12 ? x[1] == y[1] : std::memcmp(heap + a.offset, heap + b.offset, a.length) == 0;
}

template <class Sum> struct TextTable {
  using TextSlot = ::TextSlot<Sum>;
  uint32_t mask = 1023, used = 0, limit = 512;
  TextSlot *slots = allocateArray<TextSlot>(1024);
  long passes = 0;

  void grow() {
    const uint32_t capacity = mask + 1;
    auto *larger = allocateArray<TextSlot>(size_t(capacity) * 2);
    mask = capacity * 2 - 1;
    limit = capacity;
    for (uint32_t i = 0; i < capacity; i++) {
      if (slots[i].count == 0) continue;
      uint32_t at = slots[i].hash & mask;
      while (larger[at].count != 0) at = (at + 1) & mask;
      larger[at] = slots[i];
    }
    std::free(slots);
    slots = larger;
  }

  inline void add(const View &key, double value) {
    const uint32_t hash = hashOf(key);
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
      TextSlot &slot = slots[at];
      if (slot.count == 0) {
        slot.key = key;
        slot.hash = hash;
        slot.count = 1;
        slot.sum.begin(value);
        if (++used > limit) grow();
        return;
      }
      if (slot.hash == hash && areEqual(slot.key, key)) {
        slot.count++;
        slot.sum.add(value);
        return;
      }
    }
  }
};

template <class Sum>
static Variant textVariant(const char *name, const ColumnOf<View> &keys, const double *x) {
  static TextTable<Sum> table;
  return {name,
          [=] {
            for (size_t row = 0; row < keys.rows; row++) table.add(keys.values[row], x[row]);
            table.passes++;
          },
          [] {
            std::vector<double> numbers(4, 0.0);
            for (uint32_t i = 0; i <= table.mask; i++) {
              const auto &slot = table.slots[i];
              if (slot.count == 0) continue;
              const char *text = textOf(slot.key);
              const double weight = text[slot.key.length - 1], sum = slot.sum.total() / double(table.passes);
              numbers[0]++;
              numbers[1] += double(slot.count) / double(table.passes);
              numbers[2] += sum;
              numbers[3] += sum * weight;
            }
            return numbers;
          }};
}

static int aggregateTexts(const std::string &folder) {
  const auto keys = readColumn<View>(folder, "k");
  heap = readColumn<char>(folder, "heap").values;
  const double *x = readColumn<double>(folder, "x").values;
  std::vector<Variant> variants{textVariant<CompensatedSum>("cpp", keys, x),
                                textVariant<PlainSum>("cpp-plain-sum", keys, x)};
  return serve(variants);
}

template <class Sum> static Variant rowByRow(const char *name, const ColumnOf<int32_t> &keys, const double *x) {
  static Table<Sum> table;
  return {name,
          [=] {
            for (size_t row = 0; row < keys.rows; row++)
              table.add(hashOf(keys.values[row]), keys.values[row], x[row]);
            table.passes++;
          },
          [] { return table.answer(); }};
}

template <class Sum> static Variant prefetching(const char *name, const ColumnOf<int32_t> &keys, const double *x) {
  static Table<Sum> table;
  return {name,
          [=] {
            constexpr int DISTANCE = 16;
            static uint32_t hashes[BATCH_ROWS + DISTANCE];
            for (size_t from = 0; from < keys.rows; from += BATCH_ROWS) {
              for (int i = 0; i < BATCH_ROWS; i++) hashes[i] = hashOf(keys.values[from + i]);
              for (int i = 0; i < BATCH_ROWS; i++) {
                __builtin_prefetch(table.slots + (hashes[i + DISTANCE] & table.mask), 1);
                table.add(hashes[i], keys.values[from + i], x[from + i]);
              }
            }
            table.passes++;
          },
          [] { return table.answer(); }};
}

template <bool prefetches> static Variant dense(const char *name, const ColumnOf<int32_t> &keys, const double *x) {
  static DenseTable table;
  return {name,
          [=] {
            constexpr size_t DISTANCE = 16;
            for (size_t row = 0; row < keys.rows; row++) {
              if (prefetches && row + DISTANCE < keys.rows) table.prefetch(keys.values[row + DISTANCE]);
              table.add(keys.values[row], x[row]);
            }
            table.passes++;
          },
          [] { return table.answer(); }};
}

static bool areDense(const ColumnOf<int32_t> &keys) {
  std::vector<int32_t> sorted(keys.values, keys.values + keys.rows);
  std::sort(sorted.begin(), sorted.end());
  const int64_t range = int64_t(sorted.back()) - sorted.front() + 1;
  return range <= 16 * (std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (argc > 2) return aggregateTexts(argv[1]);
  const std::string folder = argv[1];
  const auto keys = readColumn<int32_t>(folder, "k");
  const double *x = readColumn<double>(folder, "x").values;
  std::vector<Variant> variants{
      rowByRow<CompensatedSum>("cpp", keys, x),
      prefetching<CompensatedSum>("cpp-prefetch", keys, x),
      rowByRow<PlainSum>("cpp-plain-sum", keys, x),
      prefetching<PlainSum>("cpp-plain-sum-prefetch", keys, x),
  };
  if (areDense(keys)) {
    variants.push_back(dense<false>("cpp-dense", keys, x));
    variants.push_back(dense<true>("cpp-dense-prefetch", keys, x));
  }
  return serve(variants);
}
