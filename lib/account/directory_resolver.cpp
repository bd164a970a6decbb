#include "account/directory_resolver.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "account/address.hpp"
#include "account/errc.hpp"
#include "core/unicode.hpp"
#include "smtp/address.hpp"
#include "storage/errc.hpp"

namespace postern::account {

namespace {

using destination = storage::route::destination;
using refusal = recipient_refusal;

bool has_room(const destination& d, std::uint64_t size) {
    if (!d.quota_limit) return true;
    const auto left = *d.quota_limit - d.quota_used;
    return left > 0 && size <= static_cast<std::uint64_t>(left);
}

/// The enabled ones, if there are any and one has room. A message for several is stored for all of them or for none, so one
/// full mailbox among others is left for the commit to decide.
resolution choose(const std::vector<destination>& destinations, std::uint64_t size) {
    std::vector<local_recipient> chosen;
    bool room = false;
    for (const auto& d : destinations) {
        if (d.disabled) continue;
        chosen.push_back({d.account, d.address});
        room = room || has_room(d, size);
    }
    if (chosen.empty()) return std::unexpected(refusal::mailbox_disabled);
    if (!room) return std::unexpected(refusal::over_quota);
    return chosen;
}

/// Whether somebody reads what comes here. The placeholder account made with a first domain has no password.
bool is_read(const storage::route& route) {
    return std::ranges::any_of(route.destinations, [](const auto& d) { return !d.disabled && d.has_password; });
}

const storage::route* route_of(const storage::route_answer& answer, std::string_view local_part) {
    const auto at =
        std::ranges::find(answer.routes, local_part, [](const auto& r) -> std::string_view { return r.address.local_part; });
    return at == answer.routes.end() ? nullptr : &*at;
}

bool is_postmaster(std::string_view text) { return core::fold_case(text) == "postmaster"; }

}  // namespace

directory_resolver::directory_resolver(storage::directory& directory, const std::string& hostname, core::logger log)
    : directory_(directory), hostname_(core::to_a_label(hostname).value_or(std::string())), log_(log.module("account")) {}

net::awaitable<resolution> directory_resolver::resolve(std::string address, std::uint64_t size) {
    const auto found = co_await find(std::move(address));
    if (!found) co_return std::unexpected(found.error());
    co_return choose(*found, size);
}

net::awaitable<core::result<bool>> directory_resolver::owns(storage::account_id account, std::string address) {
    const auto found = co_await find(std::move(address));
    if (!found && found.error() == refusal::unavailable) co_return core::fail(errc::unavailable);
    co_return found&& std::ranges::any_of(*found, [&](const auto& d) { return d.account == account && !d.disabled; });
}

net::awaitable<directory_resolver::reached> directory_resolver::find(std::string address) {
    if (is_postmaster(address)) co_return co_await find_bare_postmaster();
    auto parsed = parse_address(address);
    // What is no address at a domain name (user@[192.0.2.1], a label IDNA refuses) is no local one.
    if (!parsed) co_return std::unexpected(refusal::not_local);
    // RFC 5321 3.6.1, appendix F.2: user%other@us and other!user@us ask us to relay; a catch-all must not swallow the request.
    if (smtp::is_route_like(parsed->local_part)) co_return std::unexpected(refusal::not_local);
    co_return co_await find_local(std::move(*parsed));
}

net::awaitable<directory_resolver::reached> directory_resolver::find_local(storage::canonical_address address) {
    const auto base = without_tag(address.local_part);
    std::vector<std::string> candidates{address.local_part};
    if (base) candidates.push_back(*base);
    candidates.emplace_back();  // the catch-all
    const auto answer = co_await directory_.find_routes(address.domain, std::move(candidates));
    if (!answer) co_return std::unexpected(storage_failed(answer.error()));
    if (!answer->domain_known) co_return std::unexpected(refusal::not_local);

    const auto& name = base ? *base : address.local_part;
    const auto* named = route_of(*answer, address.local_part);
    if (named == nullptr && base) named = route_of(*answer, *base);
    if (is_always_deliverable(name) && (named == nullptr || !is_read(*named))) {
        co_return co_await ask_caretaker(std::move(address.domain));
    }
    if (named == nullptr) named = route_of(*answer, "");
    if (named == nullptr) co_return std::unexpected(refusal::unknown_user);
    co_return named->destinations;
}

/// RFC 5321 4.5.1: <postmaster> without a domain is the server's own; a server mx.example.org of the domain example.org has it
/// there.
net::awaitable<directory_resolver::reached> directory_resolver::find_bare_postmaster() {
    std::string domain = hostname_;
    while (!domain.empty()) {
        auto found = co_await find_local({"postmaster", domain});
        if (found || found.error() != refusal::not_local) co_return found;
        const auto dot = domain.find('.');
        domain = dot == std::string::npos ? std::string() : domain.substr(dot + 1);
    }
    co_return co_await ask_caretaker(hostname_);
}

net::awaitable<directory_resolver::reached> directory_resolver::ask_caretaker(std::string domain) {
    const auto caretaker = co_await directory_.find_caretaker(std::move(domain));
    if (!caretaker) co_return std::unexpected(storage_failed(caretaker.error()));
    co_return std::vector{*caretaker};
}

recipient_refusal directory_resolver::storage_failed(const core::error& why) const {
    log_.warning("recipient_unresolved", {{"reason", why.message()}});
    return refusal::unavailable;
}

}  // namespace postern::account
