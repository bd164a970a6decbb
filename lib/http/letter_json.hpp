#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "http/form_data.hpp"
#include "http/json_body.hpp"
#include "message/composer.hpp"
#include "storage/records.hpp"

/// A message as a client of the API describes it.
namespace postern::http {

/// The description, read and checked; what it refers to is still to be looked up.
struct described_letter {
    message::new_message message;              ///< `from` is the account's own where none was given
    std::optional<core::entry_id> answers{};   ///< in_reply_to, where it is one of the account's messages
    std::optional<core::entry_id> forwards{};  ///< forward_of
    std::optional<core::entry_id> draft{};     ///< what it was until now
};

/// Reads {"from","to","cc","bcc","reply_to","subject","text","html","attachments","in_reply_to","references","forward_of",
/// "headers","draft"}; `files` are attached as well. An address is a string or {"name","address"}. 422 names what is wrong.
/// Decodes attachments: milliseconds for large ones.
[[nodiscard]] outcome<described_letter> read_letter(const json_object& body, const storage::account& from,
                                                    const std::vector<form_part>& files);

/// What a stored draft says, to be sent or written anew. `octets` may be read from the database: blocks, and throws what
/// reading throws.
[[nodiscard]] message::new_message letter_of(std::shared_ptr<const core::content> octets);

}  // namespace postern::http
