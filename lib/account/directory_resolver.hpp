#pragma once

#include <expected>
#include <string>
#include <vector>

#include "account/address_owners.hpp"
#include "account/recipient_resolver.hpp"
#include "core/log.hpp"
#include "storage/directory.hpp"

namespace postern::account {

/// The resolver over the directory of domains, accounts and aliases.
///
/// First of these decides: the address itself, account or alias; the address without its +tag (RFC 5233); for postmaster
/// and abuse the domain's caretaker; the domain's catch-all. One round trip to storage, but for a caretaker. Quota is only
/// looked at here, so that a full mailbox is told before the data; storage holds to it at commit.
///
/// Nothing that is not a known local domain is ever accepted, whatever its spelling: what cannot be read as an address of such
/// a domain is not_local, so there is no form in which we could relay.
///
/// An address is owned by the accounts that its mail goes to.
class directory_resolver final : public recipient_resolver, public address_owners {
public:
    /// `hostname` is the server's own name: a bare <postmaster> (RFC 5321 4.5.1) is of that domain, or of the one above it.
    directory_resolver(storage::directory& directory, const std::string& hostname, core::logger log);

    net::awaitable<resolution> resolve(std::string address, std::uint64_t size) override;
    net::awaitable<core::result<bool>> owns(storage::account_id account, std::string address) override;

private:
    using reached = std::expected<std::vector<storage::route::destination>, recipient_refusal>;

    net::awaitable<reached> find(std::string address);
    net::awaitable<reached> find_local(storage::canonical_address address);
    net::awaitable<reached> find_bare_postmaster();
    net::awaitable<reached> ask_caretaker(std::string domain);
    recipient_refusal storage_failed(const core::error& why) const;

    storage::directory& directory_;
    std::string hostname_;
    core::logger log_;
};

}  // namespace postern::account
