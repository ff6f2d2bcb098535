// Filters of two columns, `x > c AND y < d`, into a selection vector, and the same fused with a sum.
//
//   filter TYPE FOLDER C D     TYPE: f64, i32, i64; columns x and y in FOLDER
//   filter view FOLDER TEXT    `s = TEXT`, of at most 12 bytes
//
// `cpp` is scalar and branch-free, `cpp-branchy` what one writes without thinking, `cpp-simd` AVX-512
// with compressing stores, or AVX2 with a table, where the processor has them.

#include "peer.hpp"

#if defined(__AVX512F__) && defined(__AVX512VL__)
#define HAS_SIMD 1
#elif defined(__AVX2__)
#define HAS_SIMD 1
// By mask of four rows: bytes that move the positions of the selected ones to the front.
static struct Moves {
  alignas(16) uint8_t bytes[16][16];
  Moves() {
    for (int mask = 0; mask < 16; mask++) {
      int to = 0;
      for (int row = 0; row < 4; row++)
        if (mask >> row & 1)
          for (int byte = 0; byte < 4; byte++) bytes[mask][4 * to + byte] = uint8_t(4 * row + byte), to += byte == 3;
      for (int byte = 4 * to; byte < 16; byte++) bytes[mask][byte] = 0x80;
    }
  }
} moves;
static inline uint32_t storeSelected(uint32_t *selection, __m128i rows, unsigned mask) {
  const __m128i move = _mm_load_si128(reinterpret_cast<const __m128i *>(moves.bytes[mask]));
  _mm_storeu_si128(reinterpret_cast<__m128i *>(selection), _mm_shuffle_epi8(rows, move));
  return uint32_t(__builtin_popcount(mask));
}
#endif

template <typename T> uint32_t selectScalar(const T *x, const T *y, T c, T d, uint32_t *selection) {
  uint32_t count = 0;
  for (uint32_t row = 0; row < BATCH_ROWS; row++) {
    selection[count] = row;
    count += (x[row] > c) & (y[row] < d);
  }
  return count;
}

template <typename T> uint32_t selectBranchy(const T *x, const T *y, T c, T d, uint32_t *selection) {
  uint32_t count = 0;
  for (uint32_t row = 0; row < BATCH_ROWS; row++)
    if (x[row] > c && y[row] < d) selection[count++] = row;
  return count;
}

template <typename T> double sumScalar(const T *x, const T *y, T c, T d) {
  double sum = 0;
  for (uint32_t row = 0; row < BATCH_ROWS; row++) sum += (x[row] > c) & (y[row] < d) ? double(x[row]) : 0;
  return sum;
}

// Knuth's two-sum: what a plain sum loses is summed beside it. By bits, lest the compiler make a branch.
static double sumCompensated(const double *x, const double *y, double c, double d) {
  double sum = 0, error = 0;
  for (uint32_t row = 0; row < BATCH_ROWS; row++) {
    uint64_t bits;
    std::memcpy(&bits, x + row, 8);
    bits &= -uint64_t((x[row] > c) & (y[row] < d));
    double value;
    std::memcpy(&value, &bits, 8);
    const double total = sum + value, part = total - sum;
    error += (sum - (total - part)) + (value - part);
    sum = total;
  }
  return sum + error;
}

#if defined(__AVX512F__) && defined(__AVX512VL__)
static uint32_t selectSimd(const double *x, const double *y, double c, double d, uint32_t *selection) {
  const __m512d low = _mm512_set1_pd(c), high = _mm512_set1_pd(d);
  __m512i rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i step = _mm512_set1_epi32(16);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 16) {
    const __mmask8 a = _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(_mm512_loadu_pd(x + row), low, _CMP_GT_OQ),
                                               _mm512_loadu_pd(y + row), high, _CMP_LT_OQ);
    const __mmask8 b = _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(_mm512_loadu_pd(x + row + 8), low, _CMP_GT_OQ),
                                               _mm512_loadu_pd(y + row + 8), high, _CMP_LT_OQ);
    const __mmask16 mask = __mmask16(a | b << 8);
    // In registers, then a plain store: the compressing store to memory is slow on some processors.
    _mm512_storeu_si512(selection + count, _mm512_maskz_compress_epi32(mask, rows));
    count += uint32_t(__builtin_popcount(mask));
    rows = _mm512_add_epi32(rows, step);
  }
  return count;
}
static uint32_t selectSimd(const int32_t *x, const int32_t *y, int32_t c, int32_t d, uint32_t *selection) {
  const __m512i low = _mm512_set1_epi32(c), high = _mm512_set1_epi32(d);
  __m512i rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i step = _mm512_set1_epi32(16);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 16) {
    const __mmask16 mask = _mm512_mask_cmplt_epi32_mask(
        _mm512_cmpgt_epi32_mask(_mm512_loadu_si512(x + row), low), _mm512_loadu_si512(y + row), high);
    _mm512_storeu_si512(selection + count, _mm512_maskz_compress_epi32(mask, rows));
    count += uint32_t(__builtin_popcount(mask));
    rows = _mm512_add_epi32(rows, step);
  }
  return count;
}
static uint32_t selectSimd(const int64_t *x, const int64_t *y, int64_t c, int64_t d, uint32_t *selection) {
  const __m512i low = _mm512_set1_epi64(c), high = _mm512_set1_epi64(d);
  __m512i rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i step = _mm512_set1_epi32(16);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 16) {
    const __mmask8 a = _mm512_mask_cmplt_epi64_mask(_mm512_cmpgt_epi64_mask(_mm512_loadu_si512(x + row), low),
                                                    _mm512_loadu_si512(y + row), high);
    const __mmask8 b = _mm512_mask_cmplt_epi64_mask(_mm512_cmpgt_epi64_mask(_mm512_loadu_si512(x + row + 8), low),
                                                    _mm512_loadu_si512(y + row + 8), high);
    const __mmask16 mask = __mmask16(a | b << 8);
    _mm512_storeu_si512(selection + count, _mm512_maskz_compress_epi32(mask, rows));
    count += uint32_t(__builtin_popcount(mask));
    rows = _mm512_add_epi32(rows, step);
  }
  return count;
}
static double sumSimd(const double *x, const double *y, double c, double d) {
  const __m512d low = _mm512_set1_pd(c), high = _mm512_set1_pd(d);
  __m512d sums[4] = {_mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd()};
  for (int row = 0; row < BATCH_ROWS; row += 32)
    for (int lane = 0; lane < 4; lane++) {
      const __m512d value = _mm512_loadu_pd(x + row + 8 * lane);
      const __mmask8 mask = _mm512_mask_cmp_pd_mask(_mm512_cmp_pd_mask(value, low, _CMP_GT_OQ),
                                                    _mm512_loadu_pd(y + row + 8 * lane), high, _CMP_LT_OQ);
      sums[lane] = _mm512_mask_add_pd(sums[lane], mask, sums[lane], value);
    }
  return _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(sums[0], sums[1]), _mm512_add_pd(sums[2], sums[3])));
}
static uint32_t equalSimd(const View *views, View wanted, uint32_t *selection) {
  const __m512i text = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(&wanted)));
  __m512i rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i step = _mm512_set1_epi32(16);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 16) {
    unsigned mask = 0;
    for (int part = 0; part < 4; part++) {
      // Two 64-bit lanes a view: both must be equal.
      const unsigned halves = _mm512_cmpeq_epi64_mask(_mm512_loadu_si512(views + row + 4 * part), text);
      mask |= _pext_u32(halves & halves >> 1, 0x55) << (4 * part);
    }
    _mm512_storeu_si512(selection + count, _mm512_maskz_compress_epi32(__mmask16(mask), rows));
    count += uint32_t(__builtin_popcount(mask));
    rows = _mm512_add_epi32(rows, step);
  }
  return count;
}
#elif defined(__AVX2__)
template <typename T> static uint32_t selectSimd(const T *x, const T *y, T c, T d, uint32_t *selection) {
  __m128i rows = _mm_setr_epi32(0, 1, 2, 3);
  const __m128i step = _mm_set1_epi32(4);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 4) {
    unsigned mask;
    if constexpr (std::is_same_v<T, double>) {
      mask = unsigned(_mm256_movemask_pd(
          _mm256_and_pd(_mm256_cmp_pd(_mm256_loadu_pd(x + row), _mm256_set1_pd(c), _CMP_GT_OQ),
                        _mm256_cmp_pd(_mm256_loadu_pd(y + row), _mm256_set1_pd(d), _CMP_LT_OQ))));
    } else if constexpr (sizeof(T) == 8) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(x + row));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(y + row));
      mask = unsigned(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_and_si256(
          _mm256_cmpgt_epi64(a, _mm256_set1_epi64x(c)), _mm256_cmpgt_epi64(_mm256_set1_epi64x(d), b)))));
    } else {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i *>(x + row));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i *>(y + row));
      mask = unsigned(_mm_movemask_ps(_mm_castsi128_ps(
          _mm_and_si128(_mm_cmpgt_epi32(a, _mm_set1_epi32(c)), _mm_cmplt_epi32(b, _mm_set1_epi32(d))))));
    }
    count += storeSelected(selection + count, rows, mask);
    rows = _mm_add_epi32(rows, step);
  }
  return count;
}
static double sumSimd(const double *x, const double *y, double c, double d) {
  __m256d sums[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
  for (int row = 0; row < BATCH_ROWS; row += 16)
    for (int lane = 0; lane < 4; lane++) {
      const __m256d value = _mm256_loadu_pd(x + row + 4 * lane);
      const __m256d mask =
          _mm256_and_pd(_mm256_cmp_pd(value, _mm256_set1_pd(c), _CMP_GT_OQ),
                        _mm256_cmp_pd(_mm256_loadu_pd(y + row + 4 * lane), _mm256_set1_pd(d), _CMP_LT_OQ));
      sums[lane] = _mm256_add_pd(sums[lane], _mm256_and_pd(value, mask));
    }
  double parts[4];
  _mm256_storeu_pd(parts, _mm256_add_pd(_mm256_add_pd(sums[0], sums[1]), _mm256_add_pd(sums[2], sums[3])));
  return parts[0] + parts[1] + parts[2] + parts[3];
}
static uint32_t equalSimd(const View *views, View wanted, uint32_t *selection) {
  const __m256i text = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(&wanted)));
  __m128i rows = _mm_setr_epi32(0, 1, 2, 3);
  uint32_t count = 0;
  for (int row = 0; row < BATCH_ROWS; row += 4) {
    const auto *at = reinterpret_cast<const __m256i *>(views + row);
    const unsigned a = unsigned(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_loadu_si256(at), text))));
    const unsigned b = unsigned(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_loadu_si256(at + 1), text))));
    const unsigned halves = a | b << 4, both = halves & halves >> 1;
    const unsigned mask = (both & 1) | (both >> 1 & 2) | (both >> 2 & 4) | (both >> 3 & 8);
    count += storeSelected(selection + count, rows, mask);
    rows = _mm_add_epi32(rows, _mm_set1_epi32(4));
  }
  return count;
}
#endif

static uint32_t equalScalar(const View *views, View wanted, uint32_t *selection) {
  uint64_t text[2];
  std::memcpy(text, &wanted, 16);
  uint32_t count = 0;
  for (uint32_t row = 0; row < BATCH_ROWS; row++) {
    uint64_t halves[2];
    std::memcpy(halves, views + row, 16);
    selection[count] = row;
    count += (halves[0] == text[0]) & (halves[1] == text[1]);
  }
  return count;
}

// Room for a whole vector behind the last selected row.
static uint32_t *selection = allocateArray<uint32_t>(BATCH_ROWS + 16);

// Rows selected, and the sum of their positions in their batches.
template <typename Select> std::vector<double> countAll(size_t batches, Select select) {
  double rows = 0, positions = 0;
  for (size_t batch = 0; batch < batches; batch++) {
    const uint32_t count = select(batch);
    rows += count;
    for (uint32_t i = 0; i < count; i++) positions += selection[i];
  }
  return {rows, positions};
}

template <typename Select> Variant filterVariant(const char *name, size_t batches, Select select) {
  return {name,
          [=] {
            for (size_t batch = 0; batch < batches; batch++) keep(select(batch));
          },
          [=] { return countAll(batches, select); }};
}

template <typename Sum> Variant sumVariant(const char *name, size_t batches, Sum sum) {
  return {name,
          [=] {
            double total = 0;
            for (size_t batch = 0; batch < batches; batch++) total += sum(batch);
            keep(total);
          },
          [=] {
            double total = 0;
            for (size_t batch = 0; batch < batches; batch++) total += sum(batch);
            return std::vector<double>{total};
          }};
}

template <typename T> int filter(const std::string &folder, T c, T d) {
  const T *x = readColumn<T>(folder, "x").values;
  const auto column = readColumn<T>(folder, "y");
  const T *y = column.values;
  const size_t batches = column.rows / BATCH_ROWS;
  std::vector<Variant> variants{
      filterVariant("cpp", batches,
                    [=](size_t b) { return selectScalar(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d, selection); }),
      filterVariant("cpp-branchy", batches,
                    [=](size_t b) { return selectBranchy(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d, selection); })};
#ifdef HAS_SIMD
  variants.push_back(filterVariant(
      "cpp-simd", batches,
      [=](size_t b) { return selectSimd(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d, selection); }));
#endif
  return serve(variants);
}

static int filterSum(const std::string &folder, double c, double d) {
  const double *x = readColumn<double>(folder, "x").values;
  const auto column = readColumn<double>(folder, "y");
  const double *y = column.values;
  const size_t batches = column.rows / BATCH_ROWS;
  std::vector<Variant> variants{
      sumVariant("cpp", batches,
                 [=](size_t b) { return sumScalar(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d); }),
      sumVariant("cpp-compensated", batches,
                 [=](size_t b) { return sumCompensated(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d); })};
#ifdef HAS_SIMD
  variants.push_back(sumVariant(
      "cpp-simd", batches, [=](size_t b) { return sumSimd(x + b * BATCH_ROWS, y + b * BATCH_ROWS, c, d); }));
#endif
  return serve(variants);
}

static int filterView(const std::string &folder, const char *text) {
  const auto column = readColumn<View>(folder, "s");
  const View *views = column.values;
  const size_t batches = column.rows / BATCH_ROWS;
  View wanted{};
  wanted.length = uint32_t(std::strlen(text));
  std::memcpy(reinterpret_cast<char *>(&wanted) + 4, text, wanted.length);
  std::vector<Variant> variants{filterVariant(
      "cpp", batches, [=](size_t b) { return equalScalar(views + b * BATCH_ROWS, wanted, selection); })};
#ifdef HAS_SIMD
  variants.push_back(filterVariant(
      "cpp-simd", batches, [=](size_t b) { return equalSimd(views + b * BATCH_ROWS, wanted, selection); }));
#endif
  return serve(variants);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const std::string type = argv[1], folder = argv[2];
  if (type == "f64") return filter<double>(folder, std::atof(argv[3]), std::atof(argv[4]));
  if (type == "i32") return filter<int32_t>(folder, std::atoi(argv[3]), std::atoi(argv[4]));
  if (type == "i64") return filter<int64_t>(folder, std::atoll(argv[3]), std::atoll(argv[4]));
  if (type == "sum") return filterSum(folder, std::atof(argv[3]), std::atof(argv[4]));
  if (type == "view") return filterView(folder, argv[3]);
  return 2;
}
