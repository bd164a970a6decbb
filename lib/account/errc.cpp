#include "account/errc.hpp"

#include <string>

namespace postern::account {

namespace {

class category final : public std::error_category {
public:
    const char* name() const noexcept override { return "account"; }

    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::invalid_address: return "not a mail address";
            case errc::invalid_domain: return "not a domain name";
            case errc::invalid_password: return "the password cannot be used";
            case errc::invalid_value: return "a value is out of bounds";
            case errc::already_exists: return "it exists already";
            case errc::not_found: return "there is no such thing";
            case errc::refused: return "a rule forbids it";
            case errc::busy: return "too many logins at once; try again in a second";
            case errc::unavailable: return "the database cannot be reached";
            case errc::failed: return "the database could not do it";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(errc e) noexcept {
    static const category instance;
    return {static_cast<int>(e), instance};
}

}  // namespace postern::account
