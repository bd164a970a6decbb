#include "core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace postern::core {

void counter::add(double by) const {
    if (of_ != nullptr) of_->Increment(by);
}

void gauge::set(double value) const {
    if (of_ != nullptr) of_->Set(value);
}

void gauge::add(double by) const {
    if (of_ != nullptr) of_->Increment(by);
}

void histogram::observe(double value) const {
    if (of_ != nullptr) of_->Observe(value);
}

struct metrics::state {
    prometheus::Registry all;
};

metrics::metrics() : state_(std::make_unique<state>()) {}

metrics::~metrics() = default;

counter metrics::count(const std::string& name, const std::string& help, const labels& with) {
    return counter(prometheus::BuildCounter().Name(name).Help(help).Register(state_->all).Add(with));
}

gauge metrics::level(const std::string& name, const std::string& help, const labels& with) {
    return gauge(prometheus::BuildGauge().Name(name).Help(help).Register(state_->all).Add(with));
}

histogram metrics::distribution(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                const labels& with) {
    return histogram(prometheus::BuildHistogram().Name(name).Help(help).Register(state_->all).Add(with, bounds));
}

std::string metrics::text() const { return prometheus::TextSerializer().Serialize(state_->all.Collect()); }

const std::vector<double>& waiting_times() {
    static const std::vector<double> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    return bounds;
}

}  // namespace postern::core
