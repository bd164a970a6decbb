#include "queue/conversion.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "message/downgrade.hpp"
#include "smtp_client/transaction.hpp"

namespace postern::queue {

namespace {

using smtp_client::delivery_status;
using smtp_client::outgoing;
using kind = delivery_status::kind;
template <class T>
using or_failure = std::expected<T, delivery_status>;

std::unexpected<delivery_status> fail(kind what, smtp::enhanced_status status, std::string reason) {
    return std::unexpected(smtp_client::failure(what, status, std::move(reason)));
}

std::unexpected<delivery_status> unreadable(const std::string& why) {
    return fail(kind::temporary, {4, 3, 0}, fmt::format("the message could not be converted: {}", why));
}

/// The address with its domain as A-labels; as it is where there is no domain or no such form.
std::string with_a_labels(const std::string& path) {
    const auto at = path.rfind('@');
    if (at == std::string::npos || core::is_ascii(path)) return path;
    const auto domain = core::to_a_label(std::string_view(path).substr(at + 1));
    return domain ? path.substr(0, at + 1) + *domain : path;
}

or_failure<bool> read_header(const outgoing& message) {
    try {
        return message::has_utf8_header(*message.octets, message.offset);
    } catch (const std::exception& e) {
        return unreadable(e.what());
    }
}

net::awaitable<or_failure<void>> leave_smtputf8(net::blocking_pool& workers, converted& c) {
    c.envelope.reverse_path = with_a_labels(c.envelope.reverse_path);
    for (auto& r : c.to) r.path = with_a_labels(r.path);
    if (!core::is_ascii(c.envelope.reverse_path)) {
        co_return fail(kind::permanent, {5, 6, 7}, "the sender's address has UTF-8, which the server does not take");
    }
    const auto utf8 = co_await workers.run([message = c.message] { return read_header(message); });
    if (!utf8) co_return std::unexpected(utf8.error());
    if (*utf8) co_return fail(kind::permanent, {5, 6, 7}, "the message's header has UTF-8, which the server does not take");
    c.envelope.smtputf8 = false;
    co_return or_failure<void>{};
}

using shared_downgrader = std::shared_ptr<message::downgrader>;

or_failure<shared_downgrader> plan(const outgoing& message, message::downgrade_to target) {
    try {
        auto d = std::make_shared<message::downgrader>(message.octets, message.offset, target);
        if (d->obstacle()) {
            const auto* what = target == message::downgrade_to::seven_bit ? "8-bit" : "binary";
            return fail(kind::permanent, {5, 6, 3},
                        fmt::format("the message is {}, which the server does not take, and {}", what, *d->obstacle()));
        }
        return d;
    } catch (const std::exception& e) {
        return unreadable(e.what());
    }
}

/// The next piece; empty after the last.
or_failure<std::string> next_piece(message::downgrader& d) {
    try {
        std::string piece;
        while (piece.empty() && d.next(piece)) {
        }
        return piece;
    } catch (const std::exception& e) {
        return unreadable(e.what());
    }
}

net::awaitable<or_failure<void>> encode(net::blocking_pool& workers, net::spool_area& spools, converted& c,
                                        message::downgrade_to target) {
    const auto planned = co_await workers.run([message = c.message, target] { return plan(message, target); });
    if (!planned) co_return std::unexpected(planned.error());
    net::spool spool(spools);
    while (true) {
        const auto piece = co_await workers.run([d = *planned] { return next_piece(*d); });
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) break;
        spool.append(*piece);
        if (!spool.full()) continue;
        if (const auto drained = co_await spool.drain(); !drained) co_return unreadable(drained.error().message());
    }
    auto octets = co_await spool.finish();
    if (!octets) co_return unreadable(octets.error().message());
    c.message = {std::move(*octets), 0};
    co_return or_failure<void>{};
}

}  // namespace

net::awaitable<or_failure<converted>> convert(net::blocking_pool& workers, net::spool_area& spools,
                                              const smtp::extensions& offered, const smtp_client::envelope& e,
                                              const std::vector<smtp_client::recipient>& to, const outgoing& message) {
    using smtp_client::shortcoming;
    converted c{e, to, message};
    auto unencoded = e;
    unencoded.body = smtp::body_type::seven_bit;
    if (smtp_client::lacks(offered, unencoded, to) == shortcoming::smtputf8) {
        if (const auto done = co_await leave_smtputf8(workers, c); !done) co_return std::unexpected(done.error());
    }
    const auto lacking = smtp_client::lacks(offered, c.envelope, c.to);
    if (lacking == shortcoming::eight_bit_mime || lacking == shortcoming::binary_mime) {
        const bool eight_bit = offered.eight_bit_mime;
        const auto target = eight_bit ? message::downgrade_to::eight_bit : message::downgrade_to::seven_bit;
        if (const auto done = co_await encode(workers, spools, c, target); !done) co_return std::unexpected(done.error());
        c.envelope.body = eight_bit ? smtp::body_type::eight_bit : smtp::body_type::seven_bit;
    }
    co_return c;
}

}  // namespace postern::queue
