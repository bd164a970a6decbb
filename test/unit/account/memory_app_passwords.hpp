#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "memory_directory.hpp"
#include "storage/app_password_store.hpp"

namespace postern::test {

/// App passwords that live in memory, of the accounts of a memory_directory; failures on demand. The contract itself is tested
/// on the databases (test/integration/storage).
class memory_app_passwords final : public storage::app_password_store {
public:
    template <class T>
    using answer = net::awaitable<core::result<T>>;

    struct row {
        storage::app_password password;
        storage::key_octets token_hash{};
        storage::scram_key key;
    };

    explicit memory_app_passwords(memory_directory& directory) : directory_(directory) {}

    std::optional<storage::errc> failing;  ///< what every call answers
    std::size_t finds = 0;
    std::vector<row> rows;
    std::map<storage::account_id, storage::scram_parameters> parameters;
    std::map<storage::app_password_id, core::timestamp> uses;

    answer<storage::scram_parameters> establish_scram(storage::account_id account,
                                                      storage::scram_parameters proposed) override {
        if (failing) co_return core::fail(*failing);
        co_return parameters.try_emplace(account, proposed).first->second;
    }

    answer<storage::app_password> add(storage::new_app_password wanted) override {
        if (failing) co_return core::fail(*failing);
        const auto same = [&](const row& r) { return r.password.account == wanted.account && r.password.name == wanted.name; };
        if (std::ranges::any_of(rows, same)) co_return core::fail(storage::errc::already_exists);
        const storage::app_password_id id{++last_id_};
        rows.push_back({{id, wanted.account, wanted.name, wanted.created_at, std::nullopt},
                        wanted.token_hash,
                        {id, wanted.stored_key, wanted.server_key}});
        co_return rows.back().password;
    }

    answer<std::vector<storage::app_password>> list(storage::account_id account) override {
        if (failing) co_return core::fail(*failing);
        std::vector<storage::app_password> found;
        for (const auto& r : rows) {
            if (r.password.account == account) found.push_back(r.password);
        }
        std::ranges::sort(found, {}, &storage::app_password::name);
        co_return found;
    }

    answer<void> remove(storage::account_id account, storage::app_password_id id) override {
        const auto gone =
            std::erase_if(rows, [&](const row& r) { return r.password.account == account && r.password.id == id; });
        if (gone == 0) co_return core::fail(storage::errc::not_found);
        co_return core::result<void>();
    }

    answer<std::optional<owned>> find(storage::key_octets token_hash) override {
        ++finds;
        if (failing) co_return core::fail(*failing);
        for (const auto& r : rows) {
            if (r.token_hash != token_hash) continue;
            for (const auto& [_, account] : directory_.accounts) {
                if (account.id == r.password.account) co_return owned{r.password, account};
            }
        }
        co_return std::nullopt;
    }

    answer<std::optional<storage::scram_credentials>> find_scram(storage::canonical_address login) override {
        ++finds;
        if (failing) co_return core::fail(*failing);
        const auto account = directory_.accounts.find(login);
        if (account == directory_.accounts.end()) co_return std::nullopt;
        const auto known = parameters.find(account->second.id);
        if (known == parameters.end()) co_return std::nullopt;
        storage::scram_credentials found{account->second.id, account->second.disabled, known->second, {}};
        for (const auto& r : rows) {
            if (r.password.account == found.account) found.keys.push_back(r.key);
        }
        co_return found;
    }

    void used(storage::app_password_id id, core::timestamp at) override { uses[id] = at; }

private:
    memory_directory& directory_;
    std::int64_t last_id_ = 0;
};

}  // namespace postern::test
