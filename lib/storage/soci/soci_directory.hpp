#pragma once

#include <memory>

#include "storage/directory.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/route_lookup.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// The directory in SQL. One file per noun: soci_directory_domains.cpp, _accounts.cpp, _aliases.cpp, _routes.cpp.
///
/// A write checks its rules and changes rows in one transaction of the writer; the database's own constraints stand behind
/// each check, so what another process does in between ends as a failure, never as a broken rule.
class soci_directory final : public directory {
public:
    soci_directory(net::executor loop, read_pool& reads, writer& writes)
        : reads_(reads), writes_(writes), routes_(std::make_shared<route_lookup>(std::move(loop), reads)) {}

    net::awaitable<core::result<route_answer>> find_routes(std::string domain, std::vector<std::string> local_parts) override;
    net::awaitable<core::result<route::destination>> find_caretaker(std::string domain) override;

    net::awaitable<core::result<std::optional<account>>> find_account(canonical_address address) override;
    net::awaitable<core::result<std::optional<account>>> find_account(account_id id) override;

    net::awaitable<core::result<domain>> add_domain(std::string name, core::timestamp now) override;
    net::awaitable<core::result<std::vector<domain>>> list_domains() override;
    net::awaitable<core::result<void>> remove_domain(std::string name) override;

    net::awaitable<core::result<account>> add_account(new_account account) override;
    net::awaitable<core::result<std::optional<account>>> add_first_account(new_account account) override;
    net::awaitable<core::result<std::vector<account>>> list_accounts(std::optional<std::string> domain) override;
    net::awaitable<core::result<void>> set_password_hash(account_id id, std::string password_hash) override;
    net::awaitable<core::result<void>> set_name(account_id id, std::string name) override;
    net::awaitable<core::result<void>> set_admin(account_id id, bool admin) override;
    net::awaitable<core::result<void>> set_quota(account_id id, std::optional<std::int64_t> limit) override;
    net::awaitable<core::result<void>> set_disabled(account_id id, bool disabled) override;
    net::awaitable<core::result<std::vector<canonical_address>>> remove_account(account_id id) override;

    net::awaitable<core::result<alias>> add_alias(canonical_address address, std::vector<canonical_address> targets,
                                                  core::timestamp now) override;
    net::awaitable<core::result<std::vector<alias>>> list_aliases(std::optional<std::string> domain) override;
    net::awaitable<core::result<void>> remove_alias(canonical_address address) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::shared_ptr<route_lookup> routes_;
};

}  // namespace postern::storage
