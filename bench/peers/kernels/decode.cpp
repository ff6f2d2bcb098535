// CSV and JSON Lines of auction bids to columns, in batches of 1024 rows.
//
//   decode FORMAT FILE     FORMAT: csv, jsonl
//
// `cpp` goes through the bytes one by one. `cpp-simd` expects what is usual – the keys in this order,
// no escapes, no quotes – and looks for the ends of strings 32 bytes at a time; on anything else
// both give up, where an engine has a slow path.

#include "peer.hpp"

static void giveUp(const char *what) {
  std::fprintf(stderr, "decode: unexpected %s\n", what);
  std::exit(1);
}

struct Columns {
  int64_t *ts = allocateArray<int64_t>(BATCH_ROWS);
  int64_t *auction = allocateArray<int64_t>(BATCH_ROWS);
  int64_t *bidder = allocateArray<int64_t>(BATCH_ROWS);
  double *price = allocateArray<double>(BATCH_ROWS);
  int32_t *quantity = allocateArray<int32_t>(BATCH_ROWS);
  View *channel = allocateArray<View>(BATCH_ROWS);
  View *url = allocateArray<View>(BATCH_ROWS);
  char *heap = allocateArray<char>(BATCH_ROWS * 256);
  uint32_t heapUsed = 0;
  int rows = 0;
};

static Columns out;

static inline void setView(View &view, const char *from, size_t length) {
  view = View{};
  view.length = uint32_t(length);
  if (length <= 12) {
    std::memcpy(reinterpret_cast<char *>(&view) + 4, from, length);
    return;
  }
  if (out.heapUsed + length > BATCH_ROWS * 256) giveUp("length of strings");
  std::memcpy(view.prefix, from, 4);
  std::memcpy(out.heap + out.heapUsed, from, length);
  view.offset = out.heapUsed;
  out.heapUsed += uint32_t(length);
}

static const double POWERS[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static inline int64_t parseInt(const char *&at) {
  int64_t value = 0;
  while (uint8_t(*at - '0') < 10) value = value * 10 + (*at++ - '0');
  return value;
}

static inline double parseDouble(const char *&at) {
  int64_t digits = parseInt(at);
  if (*at != '.') return double(digits);
  const char *point = at++;
  while (uint8_t(*at - '0') < 10) digits = digits * 10 + (*at++ - '0');
  return double(digits) / POWERS[at - point - 1];
}

static inline int two(const char *at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

// Days from 1970-01-01, by Hinnant's arithmetic on years that begin in March.
static inline int64_t daysOf(int year, int month, int day) {
  year -= month <= 2;
  const int era = year / 400, yearOfEra = year - era * 400;
  const int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return int64_t(era) * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

// 2026-01-01T00:00:00.000Z, in microseconds.
static inline int64_t parseTime(const char *&at) {
  const int64_t days = daysOf(two(at) * 100 + two(at + 2), two(at + 5), two(at + 8));
  const int64_t seconds = days * 86400 + two(at + 11) * 3600 + two(at + 14) * 60 + two(at + 17);
  const int64_t ms = (at[20] - '0') * 100 + two(at + 21);
  if (at[23] != 'Z') giveUp("time");
  at += 24;
  return (seconds * 1000 + ms) * 1000;
}

template <char END> static inline const char *endScalar(const char *at) {
  while (*at != END && *at != '\\' && *at != '\n') at++;
  if (*at != END) giveUp("string");
  return at;
}

#if defined(__AVX2__)
template <char END> static inline const char *endSimd(const char *at) {
  const __m256i end = _mm256_set1_epi8(END), escape = _mm256_set1_epi8('\\');
  for (;;) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
    const unsigned mask = unsigned(
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, end), _mm256_cmpeq_epi8(bytes, escape))));
    if (mask != 0) {
      at += __builtin_ctz(mask);
      if (*at != END) giveUp("string");
      return at;
    }
    at += 32;
  }
}

// Up to 16 digits, eight at a time.
static inline uint64_t eightDigits(uint64_t bytes) {
  bytes = (bytes & 0x0f0f0f0f0f0f0f0full) * 2561 >> 8;
  bytes = (bytes & 0x00ff00ff00ff00ffull) * 6553601 >> 16;
  return (bytes & 0x0000ffff0000ffffull) * 42949672960001ull >> 32;
}
static inline int digitsIn(uint64_t bytes) {
  const uint64_t low = bytes - 0x3030303030303030ull, high = bytes + 0x4646464646464646ull;
  const uint64_t others = (low | high) & 0x8080808080808080ull;
  return others == 0 ? 8 : __builtin_ctzll(others) >> 3;
}
static inline int64_t parseIntSimd(const char *&at) {
  int64_t value = 0;
  for (;;) {
    uint64_t bytes;
    std::memcpy(&bytes, at, 8);
    const int digits = digitsIn(bytes);
    if (digits == 0) return value;
    value = value * int64_t(POWERS[digits]) + int64_t(eightDigits(bytes << (64 - 8 * digits)));
    at += digits;
    if (digits < 8) return value;
  }
}
static inline double parseDoubleSimd(const char *&at) {
  const int64_t whole = parseIntSimd(at);
  if (*at != '.') return double(whole);
  const char *point = ++at;
  const int64_t part = parseIntSimd(at);
  const double scale = POWERS[at - point];
  return double(whole * int64_t(scale) + part) / scale;
}
#endif

struct Scalar {
  static int64_t integer(const char *&at) { return parseInt(at); }
  static double number(const char *&at) { return parseDouble(at); }
  template <char END> static const char *end(const char *at) { return endScalar<END>(at); }
};
#if defined(__AVX2__)
struct Simd {
  static int64_t integer(const char *&at) { return parseIntSimd(at); }
  static double number(const char *&at) { return parseDoubleSimd(at); }
  template <char END> static const char *end(const char *at) { return endSimd<END>(at); }
};
#endif

static inline void expect(const char *&at, char byte) {
  if (*at++ != byte) giveUp("byte");
}

template <typename Way> const char *csvRow(const char *at) {
  const int row = out.rows++;
  out.ts[row] = parseTime(at);
  expect(at, ',');
  out.auction[row] = Way::integer(at);
  expect(at, ',');
  out.bidder[row] = Way::integer(at);
  expect(at, ',');
  out.price[row] = Way::number(at);
  expect(at, ',');
  out.quantity[row] = int32_t(Way::integer(at));
  expect(at, ',');
  const char *end = Way::template end<','>(at);
  if (*at == '"') giveUp("quote");
  setView(out.channel[row], at, size_t(end - at));
  at = end + 1;
  end = Way::template end<'\n'>(at);
  if (*at == '"') giveUp("quote");
  setView(out.url[row], at, size_t(end - at));
  return end + 1;
}

template <size_t N> static inline void expectText(const char *&at, const char (&text)[N]) {
  if (std::memcmp(at, text, N - 1) != 0) giveUp("key");
  at += N - 1;
}

template <typename Way> const char *jsonRow(const char *at) {
  const int row = out.rows++;
  expectText(at, "{\"ts\":\"");
  out.ts[row] = parseTime(at);
  expectText(at, "\",\"auction\":");
  out.auction[row] = Way::integer(at);
  expectText(at, ",\"bidder\":");
  out.bidder[row] = Way::integer(at);
  expectText(at, ",\"price\":");
  out.price[row] = Way::number(at);
  expectText(at, ",\"quantity\":");
  out.quantity[row] = int32_t(Way::integer(at));
  expectText(at, ",\"channel\":\"");
  const char *end = Way::template end<'"'>(at);
  setView(out.channel[row], at, size_t(end - at));
  at = end;
  expectText(at, "\",\"url\":\"");
  end = Way::template end<'"'>(at);
  setView(out.url[row], at, size_t(end - at));
  at = end;
  expectText(at, "\"}\n");
  return at;
}

// Rows; sums of times (from 2026 on), auctions, bidders, prices, quantities; bytes of strings.
struct Totals {
  std::vector<double> numbers = std::vector<double>(7, 0.0);
  void add() {
    for (int row = 0; row < out.rows; row++) {
      numbers[0]++;
      numbers[1] += double(out.ts[row] - 1767225600000000LL);
      numbers[2] += double(out.auction[row]);
      numbers[3] += double(out.bidder[row]);
      numbers[4] += out.price[row];
      numbers[5] += out.quantity[row];
      numbers[6] += out.channel[row].length + out.url[row].length;
    }
  }
};

template <typename Row, typename Take> void decode(const Bytes &text, bool hasHeader, Row row, Take take) {
  const char *at = text.data, *end = at + text.size;
  if (hasHeader) at = static_cast<const char *>(std::memchr(at, '\n', text.size)) + 1;
  while (at < end) {
    at = row(at);
    if (out.rows < BATCH_ROWS && at < end) continue;
    take();
    out.rows = 0;
    out.heapUsed = 0;
  }
}

template <typename Row> Variant variantOf(const char *name, Bytes text, bool hasHeader, Row row) {
  return {name, [=] { decode(text, hasHeader, row, [] { keep(out.rows); }); },
          [=] {
            Totals totals;
            decode(text, hasHeader, row, [&] { totals.add(); });
            return totals.numbers;
          }};
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const bool isCsv = !std::strcmp(argv[1], "csv");
  const Bytes text = readBytes(argv[2]);
  std::vector<Variant> variants{isCsv ? variantOf("cpp", text, true, csvRow<Scalar>)
                                      : variantOf("cpp", text, false, jsonRow<Scalar>)};
#if defined(__AVX2__)
  variants.push_back(isCsv ? variantOf("cpp-simd", text, true, csvRow<Simd>)
                           : variantOf("cpp-simd", text, false, jsonRow<Simd>));
#endif
  return serve(variants);
}
