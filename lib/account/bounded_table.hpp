#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace postern::account {

/// A map of at most `limit` entries: when it is full, the entry longest untouched makes room. For what remote peers can make
/// us remember. Not for use from several threads.
template <class Key, class Value, class Hash = std::hash<Key>>
class bounded_table {
public:
    explicit bounded_table(std::size_t limit) : limit_(limit) {}

    /// The value of `key`, or nullptr; does not touch it.
    [[nodiscard]] Value* find(const Key& key) {
        const auto at = index_.find(key);
        return at == index_.end() ? nullptr : &at->second->second;
    }

    /// The value of `key`, made if missing; touches it.
    Value& touch(const Key& key) {
        if (const auto at = index_.find(key); at != index_.end()) {
            entries_.splice(entries_.begin(), entries_, at->second);
            return at->second->second;
        }
        if (entries_.size() >= limit_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, Value{});
        index_.emplace(key, entries_.begin());
        return entries_.front().second;
    }

    void erase(const Key& key) {
        const auto at = index_.find(key);
        if (at == index_.end()) return;
        entries_.erase(at->second);
        index_.erase(at);
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    using entries = std::list<std::pair<Key, Value>>;

    std::size_t limit_;
    entries entries_;  // the most recently touched first
    std::unordered_map<Key, typename entries::iterator, Hash> index_;
};

}  // namespace postern::account
