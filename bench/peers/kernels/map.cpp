// Arithmetic on columns; the compiler vectorises it.
//
//   map CASE FOLDER     columns x and y in FOLDER
//
// int64 wraps here; Millrace's fails on overflow.

#include "peer.hpp"

template <typename T, typename Out, typename Compute>
int map(const std::string &folder, Compute compute) {
  const T *x = readColumn<T>(folder, "x").values;
  const auto column = readColumn<T>(folder, "y");
  const T *y = column.values;
  const size_t batches = column.rows / BATCH_ROWS;
  static Out *out = allocateArray<Out>(BATCH_ROWS);
  const auto one = [=](size_t batch) {
    const T *__restrict a = x + batch * BATCH_ROWS;
    const T *__restrict b = y + batch * BATCH_ROWS;
    Out *__restrict to = out;
    for (int row = 0; row < BATCH_ROWS; row++) to[row] = compute(a[row], b[row]);
    keep(to);
  };
  std::vector<Variant> variants{{"cpp",
                                 [=] {
                                   for (size_t batch = 0; batch < batches; batch++) one(batch);
                                 },
                                 [=] {
                                   double sum = 0;
                                   for (size_t batch = 0; batch < batches; batch++) {
                                     one(batch);
                                     for (int row = 0; row < BATCH_ROWS; row++) sum += double(out[row]);
                                   }
                                   return std::vector<double>{sum};
                                 }}};
  return serve(variants);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const std::string name = argv[1], folder = argv[2];
  if (name == "scale") return map<double, double>(folder, [](double x, double) { return x * 0.908; });
  if (name == "formula")
    return map<double, double>(folder, [](double x, double y) { return (x * 1.07 + y * 0.3 - 5) / (y + 1); });
  if (name == "linear") return map<int64_t, int64_t>(folder, [](int64_t x, int64_t y) { return x * 3 + y; });
  if (name == "mod") return map<int32_t, int32_t>(folder, [](int32_t x, int32_t) { return x % 123; });
  return 2;
}
