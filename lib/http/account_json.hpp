#pragma once

#include <span>
#include <string>

#include "http/client_settings.hpp"
#include "storage/login_store.hpp"
#include "storage/records.hpp"

namespace postern::http {

/// {"address","name","admin","created_at","quota":{"used","limit"},"mailboxes":[...],"aliases":[...],"last_logins":[...],
/// "submission":{"host","starttls_port","tls_port"}}; limit, and a port, is null when there is none.
[[nodiscard]] std::string account_json(const storage::account& account, std::span<const storage::mailbox> mailboxes,
                                       std::span<const storage::canonical_address> aliases,
                                       std::span<const storage::login> logins, const client_settings& clients);

/// {"id","name","role","total","unread"}; role is null for a mailbox of the user's own.
[[nodiscard]] std::string mailbox_json(const storage::mailbox& mailbox);
/// {"mailboxes":[...]}.
[[nodiscard]] std::string mailboxes_json(std::span<const storage::mailbox> mailboxes);

}  // namespace postern::http
