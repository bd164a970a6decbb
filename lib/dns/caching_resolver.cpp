#include "dns/caching_resolver.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

namespace postern::dns {

namespace asio = boost::asio;

using timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::executor>;

/// One question out, and everybody who waits for it.
struct caching_resolver::flight {
    flight(net::executor loop, std::string k, std::string n, record_type t)
        : key(std::move(k)), name(std::move(n)), type(t), landed(loop) {
        landed.expires_at(timer::time_point::max());
    }

    std::string key;
    std::string name;
    record_type type;
    answer result;
    bool done = false;
    timer landed;  ///< cancelled when the answer is there
};

namespace {

std::string key_of(std::string_view name, record_type type) {
    if (name.ends_with('.')) name.remove_suffix(1);
    std::string key(name);
    std::ranges::transform(key, key.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return key.append(1, '/').append(name_of(type));
}

}  // namespace

caching_resolver::caching_resolver(net::executor loop, resolver& inner, const core::clock& clock, net::task_group& tasks,
                                   options o)
    : loop_(loop), inner_(inner), clock_(clock), tasks_(tasks), options_(std::move(o)) {}

net::awaitable<answer> caching_resolver::lookup(std::string name, record_type type) {
    auto key = key_of(name, type);
    if (const auto* known = find(key)) {
        options_.figures.count_hit();
        co_return *known;
    }
    auto& slot = flights_[key];
    if (!slot) {
        slot = std::make_shared<flight>(loop_, key, std::move(name), type);
        // A task of its own: that the first to ask goes away must not take the answer from the others.
        tasks_.spawn(fly(slot), "dns lookup");
    }
    const auto joined = slot;
    boost::system::error_code ignored;
    if (!joined->done) co_await joined->landed.async_wait(asio::redirect_error(net::use_awaitable, ignored));
    if (!joined->done) throw boost::system::system_error(asio::error::operation_aborted);
    co_return joined->result;
}

net::awaitable<void> caching_resolver::fly(std::shared_ptr<flight> f) {
    const auto begin = std::chrono::steady_clock::now();
    try {
        f->result = co_await inner_.lookup(f->name, f->type);
    } catch (const boost::system::system_error& e) {
        f->result.failure = e.what();  // shutting down: whoever waits learns that nothing is known
    }
    options_.figures.count(f->type, f->result.status, std::chrono::steady_clock::now() - begin);
    f->done = true;
    flights_.erase(f->key);
    keep(f->key, f->result);
    f->landed.cancel();
}

const answer* caching_resolver::find(const std::string& key) {
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    const auto entry = at->second;
    const auto now = clock_.now();
    if (entry->until <= now) {
        recent_.erase(entry);
        index_.erase(at);
        return nullptr;
    }
    recent_.splice(recent_.begin(), recent_, entry);
    entry->what.from_cache = true;
    entry->what.ttl = std::chrono::ceil<std::chrono::seconds>(entry->until - now);
    return &entry->what;
}

void caching_resolver::keep(const std::string& key, const answer& a) {
    const auto ttl = a.status == status::temporary_failure ? options_.failure_ttl : a.ttl;
    if (ttl <= std::chrono::seconds{0} || options_.capacity == 0) return;
    if (index_.size() >= options_.capacity) {
        index_.erase(recent_.back().key);
        recent_.pop_back();
    }
    recent_.push_front({key, a, clock_.now() + ttl});
    index_[key] = recent_.begin();
}

}  // namespace postern::dns
