#include "net/connection_limit.hpp"

namespace postern::net {

namespace asio = boost::asio;

struct connection_limit::ticket::counts {
    std::size_t in_all = 0;
    std::map<key, std::size_t> per_address;  // a tree: a client cannot choose addresses that collide

    static key of(const asio::ip::address& client) {
        if (client.is_v4()) return {false, client.to_v4().to_uint()};
        const auto v6 = client.to_v6();
        if (v6.is_v4_mapped()) return {false, asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_uint()};
        std::uint64_t prefix = 0;
        const auto octets = v6.to_bytes();
        for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | octets[i];
        return {true, prefix};
    }
};

connection_limit::connection_limit(std::size_t in_all, std::size_t per_address)
    : in_all_(in_all), per_address_(per_address), counts_(std::make_shared<ticket::counts>()) {}

connection_limit::ticket::~ticket() {
    if (!counts_) return;  // moved from
    --counts_->in_all;
    if (!key_) return;
    const auto at = counts_->per_address.find(*key_);
    if (--at->second == 0) counts_->per_address.erase(at);
}

std::expected<connection_limit::ticket, connection_limit::refusal> connection_limit::admit(const asio::ip::address& client) {
    auto admitted = admit();
    if (!admitted) return admitted;
    if (const auto named = name(*admitted, client); !named) return std::unexpected(named.error());
    return admitted;
}

std::expected<connection_limit::ticket, connection_limit::refusal> connection_limit::admit() {
    if (counts_->in_all >= in_all_) return std::unexpected(refusal::too_many);
    ++counts_->in_all;
    return ticket(counts_, std::nullopt);
}

std::expected<void, connection_limit::refusal> connection_limit::name(ticket& admitted, const asio::ip::address& client) {
    const auto key = ticket::counts::of(client);
    const auto at = counts_->per_address.find(key);
    if (at != counts_->per_address.end() && at->second >= per_address_) return std::unexpected(refusal::too_many_from_address);
    ++counts_->per_address[key];
    admitted.key_ = key;
    return {};
}

void connection_limit::change(std::size_t in_all, std::size_t per_address) {
    in_all_ = in_all;
    per_address_ = per_address;
}

std::size_t connection_limit::size() const { return counts_->in_all; }

}  // namespace postern::net
