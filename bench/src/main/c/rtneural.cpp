// RTNeural's LSTM, sizes fixed at compile time, as a peer of dev.rondo.bench.Table; see PeerProgram for the lines it answers.

#include <RTNeural/RTNeural.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace {

long long nanos() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

struct Cell {
    virtual ~Cell() = default;
    virtual void reset() = 0;
    virtual long long run(int times) = 0;
    virtual void print() const = 0;
};

using Rows = std::vector<std::vector<float>>;

// Gates in the order i, f, g, o on both sides; RTNeural wants [columns][gates * hidden].
Rows transposed(const float* rows, int count, int columns) {
    Rows result(columns, std::vector<float>(count));
    for (int r = 0; r < count; r++) {
        for (int c = 0; c < columns; c++) {
            result[c][r] = rows[static_cast<size_t>(r) * columns + c];
        }
    }
    return result;
}

template <int I, int H>
class Lstm final : public Cell {
    EIGEN_MAKE_ALIGNED_OPERATOR_NEW
    using In = Eigen::Matrix<float, I, 1>;

    RTNeural::LSTMLayerT<float, I, H> layer;
    std::vector<In, Eigen::aligned_allocator<In>> inputs;
    size_t place = 0;

public:
    Lstm(const std::vector<float>& data, int count) {
        const float* w = data.data();
        const float* u = w + 4 * H * I;
        const float* b = u + 4 * H * H;
        const float* x = b + 4 * H;
        layer.setWVals(transposed(w, 4 * H, I));
        layer.setUVals(transposed(u, 4 * H, H));
        layer.setBVals(std::vector<float>(b, b + 4 * H));
        for (int n = 0; n < count; n++) {
            inputs.push_back(Eigen::Map<const In>(x + static_cast<size_t>(n) * I));
        }
        reset();
    }

    void reset() override {
        layer.reset();
        place = 0;
    }

    long long run(int times) override {
        long long start = nanos();
        for (int i = 0; i < times; i++) {
            layer.forward(inputs[place]);
            place = place + 1 == inputs.size() ? 0 : place + 1;
        }
        return nanos() - start;
    }

    void print() const override {
        for (int j = 0; j < H; j++) {
            std::printf("%.9g ", layer.outs(j));
        }
        std::puts("");
    }
};

template <int I, int H>
std::unique_ptr<Cell> make(int inputs, int hidden, const std::vector<float>& data, int count) {
    if (inputs != I || hidden != H) {
        return nullptr;
    }
    return std::make_unique<Lstm<I, H>>(data, count);
}

std::vector<float> read(const char* path, size_t count) {
    std::vector<float> data(count);
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr || std::fread(data.data(), sizeof(float), count, file) != count) {
        std::exit(3);
    }
    std::fclose(file);
    return data;
}

std::unique_ptr<Cell> prepare(int inputs, int hidden, int count, const char* path) {
    size_t size = 4 * static_cast<size_t>(hidden) * (inputs + hidden + 1) + static_cast<size_t>(count) * inputs;
    std::vector<float> data = read(path, size);
    for (auto candidate : {make<1, 40>, make<5, 20>, make<64, 64>, make<128, 128>, make<256, 256>, make<512, 512>,
                           make<1024, 1024>}) {
        if (auto cell = candidate(inputs, hidden, data, count)) {
            return cell;
        }
    }
    return nullptr;
}

} // namespace

int main() {
    char line[4096], kind[16], path[4000];
    int inputs, hidden, count, times;
    std::unique_ptr<Cell> cell;
    while (std::fgets(line, sizeof line, stdin)) {
        if (std::sscanf(line, "prepare %15s %d %d %d %3999s", kind, &inputs, &hidden, &count, path) == 5) {
            cell = std::string(kind) == "lstm" ? prepare(inputs, hidden, count, path) : nullptr;
            std::puts(cell ? "ready" : "not compiled for this size");
        } else if (std::sscanf(line, "outputs %d", &times) == 1) {
            cell->reset();
            cell->run(times);
            cell->print();
            cell->reset();
        } else if (std::sscanf(line, "run %d", &times) == 1) {
            std::printf("%lld\n", cell->run(times));
        }
        std::fflush(stdout);
    }
}
