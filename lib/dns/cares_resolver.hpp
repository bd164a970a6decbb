#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "dns/resolver.hpp"

namespace postern::dns {

/// A recursive server to ask.
struct server {
    std::string address;  ///< IPv4 or IPv6 literal
    std::uint16_t port = 53;
};

struct resolver_options {
    std::vector<server> servers;              ///< in order of preference; empty: the system's, from resolv.conf
    std::chrono::milliseconds timeout{2000};  ///< for the first try at a server; c-ares lengthens it for later ones
    int tries = 3;                            ///< per server
};

/// Asks recursive servers through c-ares: UDP with EDNS(0) (1,232 octets, RFC 6891), TCP after truncation, the next server
/// after SERVFAIL, REFUSED, NOTIMP or silence. Answers that do not fit the question are passed over by c-ares.
///
/// Loop thread only. Destroying it ends the questions still out with a temporary failure.
class cares_resolver final : public resolver {
public:
    /// Fails when c-ares refuses the options (a server that is not an address) or cannot read the system's configuration.
    static core::result<std::unique_ptr<cares_resolver>> create(net::executor loop, const resolver_options& options);

    ~cares_resolver() override;
    cares_resolver(const cares_resolver&) = delete;
    cares_resolver& operator=(const cares_resolver&) = delete;

    net::awaitable<answer> lookup(std::string name, record_type type) override;

    /// The servers asked, as "address:port", in order.
    [[nodiscard]] std::vector<std::string> servers() const;

private:
    class channel;
    explicit cares_resolver(std::shared_ptr<channel> c);

    std::shared_ptr<channel> channel_;
};

}  // namespace postern::dns
