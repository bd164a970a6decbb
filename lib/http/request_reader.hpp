#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/problem.hpp"
#include "http/request.hpp"

namespace postern::http {

/// Reads one request out of the octets of a connection: first its head, then, when the caller wants it, its body.
///
/// Beast's parser does the grammar; what it lets pass and RFC 9112 does not is refused here: anything that two parsers in a
/// row could read differently, which is how a request is smuggled past one of them (RFC 9112 11.2). Does no I/O. After a
/// refusal the octets that follow have no known meaning, so the connection must be closed.
class request_reader {
public:
    /// `head_limit`: octets of request line and fields together.
    explicit request_reader(std::size_t head_limit);
    ~request_reader();
    request_reader(const request_reader&) = delete;
    request_reader& operator=(const request_reader&) = delete;

    /// Looks for a whole head at the start of `received`, which begins with the request's first octet each time and grows
    /// between calls. The octets the head took, or nullopt when it is not complete. 400, 414, 417, 431, 501, 505.
    [[nodiscard]] outcome<std::optional<std::size_t>> read_head(std::string_view received);

    /// The request, once read_head() has found it; whole when body_done().
    [[nodiscard]] request& get() noexcept { return request_; }

    /// Bounds the body, before the first read_body(). 413 when the request announces more than `limit` octets.
    [[nodiscard]] outcome<void> begin_body(std::uint64_t limit);

    /// Takes octets of the body from the start of `received`, and returns how many; 0 means that more are needed. 400, 413.
    [[nodiscard]] outcome<std::size_t> read_body(std::string_view received);

    /// Nothing of this request is left to read.
    [[nodiscard]] bool body_done() const;

    /// Forgets what has come of the body: for a request in which it means nothing.
    void drop_body();

private:
    struct parser;

    [[nodiscard]] outcome<void> check_head(std::string_view head);

    std::size_t head_limit_;
    std::size_t searched_ = 0;  // octets in which no end of the head was found
    std::unique_ptr<parser> parser_;
    request request_;
};

}  // namespace postern::http
