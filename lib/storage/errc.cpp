#include "storage/errc.hpp"

#include <string>

namespace postern::storage {
namespace {

class storage_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "storage"; }

    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::unavailable: return "the database cannot be reached";
            case errc::outcome_unknown: return "the connection broke during commit: what became of it is not known";
            case errc::failed: return "the database refused";
            case errc::already_exists: return "it exists already";
            case errc::not_found: return "there is no such thing";
            case errc::refused: return "that is not allowed";
            case errc::over_quota: return "over quota";
            case errc::some_over_quota: return "some recipients are over quota";
            case errc::account_gone: return "an account was removed or disabled meanwhile";
            case errc::schema_newer: return "the database was migrated by a newer program";
            case errc::schema_older: return "the database wants migrating";
            case errc::bad_url: return "the database URL is not understood";
        }
        return "unknown storage error";
    }
};

}  // namespace

std::error_code make_error_code(errc e) noexcept {
    static const storage_category category;
    return {static_cast<int>(e), category};
}

}  // namespace postern::storage
