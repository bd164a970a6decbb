#include "net/errc.hpp"

#include <string>

namespace postern::net {

namespace {

class category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "net"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::closed: return "connection closed by the peer";
            case errc::timed_out: return "timed out";
            case errc::interrupted: return "interrupted";
            case errc::woken: return "woken";
            case errc::cancelled: return "cancelled";
            case errc::cannot_listen: return "cannot listen";
            case errc::bad_endpoint: return "not an IP address";
            case errc::disk_full: return "no space left for the spool file";
            case errc::spool_failed: return "spool file failed";
            case errc::tls_failed: return "TLS failed";
            case errc::bad_proxy_header: return "not a PROXY header";
            case errc::bad_certificate: return "certificate of no use";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(errc e) noexcept {
    static const category instance;
    return {static_cast<int>(e), instance};
}

}  // namespace postern::net
