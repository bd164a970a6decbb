#include "account/storage_error.hpp"

#include "account/errc.hpp"
#include "storage/errc.hpp"

namespace postern::account {

std::unexpected<core::error> from_storage(const core::error& why, const std::string& what) {
    using enum storage::errc;
    if (why.code == already_exists) return core::fail(errc::already_exists, what + " exists already");
    if (why.code == not_found) return core::fail(errc::not_found, "there is no " + what);
    if (why.code == refused) return core::fail(errc::refused, why.message());
    if (why.code == unavailable) return core::fail(errc::unavailable, "the database cannot be reached; nothing was changed");
    if (why.code == outcome_unknown) {
        return core::fail(errc::unavailable,
                          "the database was lost while the change was being stored: look whether it was made");
    }
    return core::fail(errc::failed, "the database could not do it: " + why.message());
}

}  // namespace postern::account
