#include "queue/host_walk.hpp"

#include <utility>

namespace postern::queue {

using smtp_client::delivery_status;

host_walk::host_walk(dns::resolver& resolver, core::random_source& random, next_hop hop, std::vector<std::string> own_names)
    : resolver_(resolver), random_(random), hop_(std::move(hop)), own_names_(std::move(own_names)) {}

net::awaitable<std::optional<host_walk::candidate>> host_walk::next() {
    if (given_ == max_candidates) co_return std::nullopt;
    if (!std::exchange(begun_, true)) co_await find_hosts();
    while (found_.empty() && !hosts_.empty()) {
        auto host = std::move(hosts_.front());
        hosts_.pop_front();
        co_await find_addresses(std::move(host.name));
    }
    if (found_.empty()) co_return std::nullopt;
    auto first = std::move(found_.front());
    found_.pop_front();
    ++given_;
    co_return first;
}

net::awaitable<void> host_walk::find_hosts() {
    if (!hop_.host.empty()) {
        hosts_.push_back({hop_.host, 0});
        co_return;
    }
    auto found = co_await smtp_client::find_mail_hosts(resolver_, hop_.key, own_names_, random_);
    if (!found) co_return failed(std::move(found.error()));
    hosts_.assign(found->begin(), found->end());
}

net::awaitable<void> host_walk::find_addresses(std::string host) {
    const bool is_domain_itself = hop_.host.empty() && host == hop_.key;
    auto found = co_await smtp_client::find_addresses(resolver_, host, !is_domain_itself);
    if (!found) {
        auto why = std::move(found.error());
        // A host that our own settings name is no fault of the recipient's address.
        if (!hop_.host.empty()) why.what = delivery_status::kind::temporary;
        co_return failed(std::move(why));
    }
    for (const auto& address : *found) found_.push_back({host, {address, hop_.port}});
}

void host_walk::failed(delivery_status why) {
    const bool keep =
        failure_ && failure_->what == delivery_status::kind::temporary && why.what == delivery_status::kind::permanent;
    if (!keep) failure_ = std::move(why);
}

}  // namespace postern::queue
