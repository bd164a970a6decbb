#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

/// Numbers about the running process, in the form that Prometheus collects.
///
/// Whoever counts something asks for its counter once and keeps the handle, which costs an addition to use. A handle made
/// without metrics does nothing, so that nothing needs them. Names follow Prometheus's rules: `postern_..._total` for counters,
/// base units (seconds, bytes). Labels hold words of ours only, from a small set: never an address, a domain or anything a peer
/// said.
namespace postern::core {

class counter {
public:
    counter() = default;
    explicit counter(prometheus::Counter& of) : of_(&of) {}
    void add(double by = 1) const;

private:
    prometheus::Counter* of_ = nullptr;
};

/// What rises and falls.
class gauge {
public:
    gauge() = default;
    explicit gauge(prometheus::Gauge& of) : of_(&of) {}
    void set(double value) const;
    void add(double by) const;

private:
    prometheus::Gauge* of_ = nullptr;
};

/// One more of something, as long as this lives.
class gauge_share {
public:
    explicit gauge_share(gauge of) : of_(of) { of_.add(1); }
    ~gauge_share() { of_.add(-1); }
    gauge_share(const gauge_share&) = delete;
    gauge_share& operator=(const gauge_share&) = delete;

private:
    gauge of_;
};

/// How values are distributed.
class histogram {
public:
    histogram() = default;
    explicit histogram(prometheus::Histogram& of) : of_(&of) {}
    void observe(double value) const;

private:
    prometheus::Histogram* of_ = nullptr;
};

/// The registry. Handles are valid as long as it lives and may be used from any thread.
class metrics {
public:
    using labels = std::map<std::string, std::string>;

    metrics();
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    /// The same name and labels give the same counter. Throws std::invalid_argument for a name that is none.
    [[nodiscard]] counter count(const std::string& name, const std::string& help, const labels& with = {});
    [[nodiscard]] gauge level(const std::string& name, const std::string& help, const labels& with = {});
    /// `bounds`: the upper ends of its buckets, rising.
    [[nodiscard]] histogram distribution(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                         const labels& with = {});

    /// All of them, in Prometheus's text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// From half a millisecond to ten seconds: what a person waits for.
[[nodiscard]] const std::vector<double>& waiting_times();

}  // namespace postern::core
