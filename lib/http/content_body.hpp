#pragma once

#include <memory>

#include "core/content.hpp"
#include "http/body_source.hpp"
#include "net/blocking_pool.hpp"

namespace postern::http {

/// A message's or an attachment's octets as a body, read by the pool a piece at a time.
class content_body final : public body_source {
public:
    /// The pool outlives the body.
    content_body(std::shared_ptr<const core::content> octets, net::blocking_pool& workers)
        : octets_(std::move(octets)), workers_(workers), end_(octets_->size()) {}

    [[nodiscard]] std::uint64_t size() const override { return end_ - at_; }
    bool narrow(std::uint64_t first, std::uint64_t count) override;
    net::awaitable<std::string> next() override;

private:
    std::shared_ptr<const core::content> octets_;
    net::blocking_pool& workers_;
    std::uint64_t at_ = 0;
    std::uint64_t end_;
};

}  // namespace postern::http
