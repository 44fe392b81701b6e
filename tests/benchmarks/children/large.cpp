// One part of a large library: instantiations of templates of the standard library, with
// inlined frames. Compiled once, and copied under other symbol names to make 100 MB.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

template <int N> struct Tag {
    int value[N % 7 + 1];
    bool operator<(const Tag &other) const { return value[0] < other.value[0]; }
    bool operator==(const Tag &other) const { return value[0] == other.value[0]; }
};

template <int N> struct Hash {
    size_t operator()(const Tag<N> &tag) const { return tag.value[0] * 31u + N; }
};

template <int N> long work(long seed)
{
    std::map<Tag<N>, std::vector<Tag<N>>> map;
    std::unordered_map<Tag<N>, std::string, Hash<N>> names;
    std::set<Tag<N>> seen;
    for (long k = 0; k < seed; k++) {
        Tag<N> tag = {{int(k * N)}};
        map[tag].push_back(tag);
        names[tag] = std::to_string(k);
        seen.insert(tag);
    }
    std::vector<std::shared_ptr<Tag<N>>> all;
    for (auto &entry : map)
        for (auto &tag : entry.second)
            all.push_back(std::make_shared<Tag<N>>(tag));
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return *a < *b; });
    std::function<long(long)> add = [&](long sum) { return sum + long(all.size() + seen.size()); };
    return add(std::accumulate(all.begin(), all.end(), 0L,
                               [](long sum, const auto &tag) { return sum + tag->value[0]; }));
}

template <int N> struct Works {
    static long run(long seed) { return work<N>(seed) + Works<N - 1>::run(seed); }
};
template <> struct Works<0> {
    static long run(long seed) { return seed; }
};

extern "C" long entry(long seed) { return Works<25>::run(seed); }
