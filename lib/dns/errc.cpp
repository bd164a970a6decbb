#include "dns/errc.hpp"

#include <string>

namespace postern::dns {

namespace {

class category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "dns"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::bad_server: return "a DNS server is an IP address with an optional port";
            case errc::no_resolver: return "the DNS resolver could not be set up";
        }
        return "unknown";
    }
};

}  // namespace

std::error_code make_error_code(errc e) noexcept {
    static const category instance;
    return {static_cast<int>(e), instance};
}

}  // namespace postern::dns
