#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"
#include "dns/figures.hpp"
#include "dns/resolver.hpp"
#include "net/task_group.hpp"

namespace postern::dns {

/// Remembers answers for their TTL, negative ones too (RFC 2308), and asks an equal question that is already out only once.
///
/// Bounded by `capacity` answers, least recently used first out. A temporary failure is remembered for `failure_ttl`, so that a
/// dead server is not asked again for every message in a queue (RFC 2308 7.1: at most five minutes). Loop thread only; `inner`,
/// `clock` and `tasks` outlive it.
class caching_resolver final : public resolver {
public:
    struct options {
        std::size_t capacity = 20'000;
        std::chrono::seconds failure_ttl{5};
        dns::figures figures{};
    };

    caching_resolver(net::executor loop, resolver& inner, const core::clock& clock, net::task_group& tasks, options o);

    net::awaitable<answer> lookup(std::string name, record_type type) override;

    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

private:
    struct flight;
    struct kept {
        std::string key;
        answer what;
        core::timestamp until;
    };

    net::awaitable<void> fly(std::shared_ptr<flight> f);
    const answer* find(const std::string& key);
    void keep(const std::string& key, const answer& a);

    net::executor loop_;
    resolver& inner_;
    const core::clock& clock_;
    net::task_group& tasks_;
    options options_;
    std::list<kept> recent_;  ///< most recently used first
    std::unordered_map<std::string, std::list<kept>::iterator> index_;
    std::unordered_map<std::string, std::shared_ptr<flight>> flights_;
};

}  // namespace postern::dns
