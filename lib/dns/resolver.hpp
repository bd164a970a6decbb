#pragma once

#include <string>

#include "dns/records.hpp"
#include "net/awaitable.hpp"

/// Looking names up without leaving the loop.
///
/// Flow: caching_resolver answers from its bounded cache, joins equal questions in flight, and asks cares_resolver, which
/// speaks DNS through c-ares on the loop's own sockets. Failure: a question never throws and never hangs beyond the configured
/// tries; what could not be found out is a temporary_failure with its reason, never "does not exist".
namespace postern::dns {

class resolver {
public:
    virtual ~resolver() = default;

    /// `name` as A-labels, with or without the root's dot; never completed by a search list. Cancellable: a cancelled
    /// wait throws operation_aborted like any other wait on the network.
    virtual net::awaitable<answer> lookup(std::string name, record_type type) = 0;
};

}  // namespace postern::dns
