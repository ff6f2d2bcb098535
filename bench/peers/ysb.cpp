// The Yahoo Streaming Benchmark as a loop: the same tuples as bench/workloads/ysb/tuples.ts, by column,
// replayed from memory with their event times moved on; filter, look-up, count by campaign and window.
//
//   ysb EVENTS START_US < ads.csv
//
// prints the seconds, then `WINDOW CAMPAIGN VIEWS` for each result.

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr int64_t kTemplates = 65536;
constexpr int64_t kWindowUs = 10'000'000;
constexpr int kCampaigns = 100;
constexpr int kEventTypes = 3;
constexpr uint32_t kPlaces = 4096;

struct Ad {
  uint64_t high, low;
  int32_t campaign;
};

// A string of at most 12 bytes, as it lies in a column.
struct View {
  int32_t length;
  char bytes[12];
};

struct Place {
  uint64_t high, low;
  int32_t campaign;
  int32_t taken;
};

uint32_t random_state = 0x9e3779b9;
uint32_t Random() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

inline uint32_t HashOf(uint64_t high, uint64_t low) {
  return static_cast<uint32_t>(((high ^ low) * 0x9e3779b97f4a7c15ull) >> 52);
}

View ViewOf(const char* text) {
  View view{};
  view.length = static_cast<int32_t>(strlen(text));
  memcpy(view.bytes, text, view.length);
  return view;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int64_t events = atoll(argv[1]);
  const int64_t start_us = atoll(argv[2]);

  std::vector<Ad> ads;
  char line[256];
  if (fgets(line, sizeof line, stdin) == nullptr) return 2;
  while (fgets(line, sizeof line, stdin) != nullptr) {
    int64_t high, low;
    int32_t campaign;
    if (sscanf(line, "%" SCNd64 ",%" SCNd64 ",%d", &high, &low, &campaign) != 3) return 2;
    ads.push_back({static_cast<uint64_t>(high), static_cast<uint64_t>(low), campaign});
  }
  std::vector<Place> table(kPlaces);
  for (const Ad& ad : ads) {
    uint32_t at = HashOf(ad.high, ad.low);
    while (table[at].taken) at = (at + 1) % kPlaces;
    table[at] = {ad.high, ad.low, ad.campaign, 1};
  }

  std::vector<uint64_t> ad_high(kTemplates), ad_low(kTemplates);
  std::vector<View> event_type(kTemplates);
  std::vector<int64_t> event_time(kTemplates);
  for (int64_t i = 0; i < kTemplates; i++) {
    const Ad& ad = ads[Random() % ads.size()];
    ad_high[i] = ad.high;
    ad_low[i] = ad.low;
  }
  const View kinds[kEventTypes] = {ViewOf("view"), ViewOf("click"), ViewOf("purchase")};
  for (int64_t i = 0; i < kTemplates; i++) event_type[i] = kinds[Random() % kEventTypes];

  struct Result {
    int64_t window;
    int64_t views[kCampaigns];
  };
  std::vector<Result> results;
  Result open{};
  open.window = start_us / kWindowUs;
  const View view = kinds[0];

  const auto started = std::chrono::steady_clock::now();
  for (int64_t first = 0; first < events; first += kTemplates) {
    const int64_t count = events - first < kTemplates ? events - first : kTemplates;
    for (int64_t i = 0; i < count; i++) event_time[i] = start_us + first + i;
    for (int64_t i = 0; i < count; i++) {
      if (memcmp(&event_type[i], &view, sizeof view) != 0) continue;
      uint32_t at = HashOf(ad_high[i], ad_low[i]);
      while (table[at].taken && (table[at].high != ad_high[i] || table[at].low != ad_low[i])) {
        at = (at + 1) % kPlaces;
      }
      if (!table[at].taken) continue;
      const int64_t window = event_time[i] / kWindowUs;
      if (window != open.window) {
        results.push_back(open);
        open = Result{};
        open.window = window;
      }
      open.views[table[at].campaign]++;
    }
  }
  results.push_back(open);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;

  printf("%.9f\n", seconds.count());
  for (const Result& result : results) {
    for (int c = 0; c < kCampaigns; c++) {
      if (result.views[c] > 0) printf("%" PRId64 " %d %" PRId64 "\n", result.window, c, result.views[c]);
    }
  }
  return 0;
}
