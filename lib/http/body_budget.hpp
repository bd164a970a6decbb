#pragma once

#include <cstdint>

namespace postern::http {

/// Bounds what the bodies of all requests together hold in memory: each may be as large as limits.http_upload_size, and there
/// may be a thousand connections. Loop thread only.
class body_budget {
public:
    explicit body_budget(std::uint64_t octets) : left_(octets) {}

    /// One request's part of it, given back with the object. The budget outlives it.
    class share {
    public:
        explicit share(body_budget& of) : of_(of) {}
        share(const share&) = delete;
        share& operator=(const share&) = delete;
        ~share() { of_.left_ += taken_; }

        /// False: there is no more; who asks is to try later.
        [[nodiscard]] bool take(std::uint64_t octets) {
            if (octets > of_.left_) return false;
            of_.left_ -= octets;
            taken_ += octets;
            return true;
        }

    private:
        body_budget& of_;
        std::uint64_t taken_ = 0;
    };

private:
    std::uint64_t left_;
};

}  // namespace postern::http
