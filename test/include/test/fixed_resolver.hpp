#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dns/resolver.hpp"

namespace postern::test {

/// Answers from a table at once; what is not in it does not exist.
class fixed_resolver final : public dns::resolver {
public:
    using key = std::pair<std::string, dns::record_type>;

    void found(const std::string& name, dns::record_type type, std::vector<dns::record> records) {
        dns::answer a;
        a.status = dns::status::found;
        a.canonical_name = name;
        a.records = std::move(records);
        a.ttl = std::chrono::seconds{60};
        answers_[{name, type}] = a;
    }
    void mx(const std::string& name, std::vector<dns::record> records) {
        found(name, dns::record_type::mx, std::move(records));
    }
    void a(const std::string& name, std::array<std::uint8_t, 4> address) {
        found(name, dns::record_type::a, {dns::a_record{address}});
    }
    void says(const std::string& name, dns::record_type type, dns::status status) {
        dns::answer a;
        a.status = status;
        a.canonical_name = name;
        if (status == dns::status::temporary_failure) a.failure = "scripted failure";
        answers_[{name, type}] = a;
    }

    net::awaitable<dns::answer> lookup(std::string name, dns::record_type type) override {
        asked.push_back(name + '/' + std::string(dns::name_of(type)));
        if (const auto at = answers_.find({name, type}); at != answers_.end()) co_return at->second;
        dns::answer none;
        none.status = dns::status::no_such_name;
        none.canonical_name = name;
        co_return none;
    }

    std::vector<std::string> asked;

private:
    std::map<key, dns::answer> answers_;
};

}  // namespace postern::test
