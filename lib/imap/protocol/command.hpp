#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "imap/protocol/flags.hpp"
#include "imap/protocol/search_key.hpp"
#include "imap/protocol/section.hpp"
#include "imap/protocol/sequence_set.hpp"

/// The commands of IMAP4rev2 and IMAP4rev1 (RFC 9051 section 6) as values.
///
/// Names of mailboxes are UTF-8 here, however they came (modified UTF-7 is decoded), and INBOX is in capitals.
namespace postern::imap {

struct capability_command {};
struct noop_command {};
struct logout_command {};
struct id_command {};  ///< RFC 2971; what the client says of itself is not kept
struct starttls_command {};
struct check_command {};
struct close_command {};
struct unselect_command {};  ///< RFC 3691
struct namespace_command {};
struct idle_command {};

struct authenticate_command {
    std::string mechanism;                        ///< upper case
    std::optional<std::string> initial_response;  ///< base64, or "=" for an empty one (RFC 4959)
};

struct login_command {
    std::string user;
    std::string password;
};

struct enable_command {
    std::vector<std::string> capabilities;  ///< upper case
};

struct select_command {
    std::string mailbox;
    bool read_only = false;  ///< EXAMINE
    bool condstore = false;  ///< RFC 7162 3.1.8
};

struct create_command {
    std::string mailbox;
};
struct delete_command {
    std::string mailbox;
};
struct rename_command {
    std::string from;
    std::string to;
};
struct subscribe_command {
    std::string mailbox;
    bool wanted = true;  ///< false: UNSUBSCRIBE
};

/// What STATUS tells (RFC 9051 6.3.11, RFC 7162 3.1.7).
struct status_items {
    bool messages = false;
    bool recent = false;
    bool uid_next = false;
    bool uid_validity = false;
    bool unseen = false;
    bool deleted = false;
    bool size = false;
    bool highest_modseq = false;
};

struct status_command {
    std::string mailbox;
    status_items items;
};

/// LIST with what RFC 5258 and RFC 6154 add, and LSUB.
struct list_command {
    bool lsub = false;
    std::string reference;
    std::vector<std::string> patterns;  ///< UTF-8, with % and *
    bool extended = false;              ///< spelled with selection options, several patterns or return options
    bool select_subscribed = false;
    bool select_special_use = false;
    bool recursive_match = false;
    bool return_subscribed = false;
    bool return_children = false;
    bool return_special_use = false;
    std::optional<status_items> return_status;  ///< RFC 5819
};

/// All of APPEND but the message, whose octets are for the session to take.
struct append_command {
    std::string mailbox;
    flag_list flags;
    std::optional<core::timestamp> internal_date;
};

struct expunge_command {
    std::optional<sequence_set> uids;  ///< UID EXPUNGE (RFC 4315)
};

struct search_command {
    bool by_uid = false;
    bool extended = false;  ///< RETURN was there (RFC 4731): answered with ESEARCH
    bool return_min = false;
    bool return_max = false;
    bool return_all = false;  ///< also where RETURN () names none
    bool return_count = false;
    bool return_save = false;  ///< RFC 5182
    search_key key;            ///< strings as UTF-8, whatever CHARSET named
};

struct fetch_command {
    bool by_uid = false;
    sequence_set messages;
    bool flags = false;
    bool uid = false;  ///< as asked for; UID FETCH tells it anyway
    bool internal_date = false;
    bool size = false;
    bool envelope = false;
    bool body = false;            ///< the non-extensible form of the structure
    bool body_structure = false;  ///< the extensible one
    bool modseq = false;
    std::vector<section_request> sections;  ///< in the order asked for
    std::optional<std::uint64_t> changed_since;
};

enum class flag_action { replace, add, remove };

struct store_command {
    bool by_uid = false;
    sequence_set messages;
    flag_action action = flag_action::replace;
    bool silent = false;
    flag_list flags;
    std::optional<std::uint64_t> unchanged_since;  ///< RFC 7162 3.1.3
};

struct copy_command {
    bool by_uid = false;
    sequence_set messages;
    std::string mailbox;
    bool move = false;  ///< RFC 6851
};

using command =
    std::variant<capability_command, noop_command, logout_command, id_command, starttls_command, check_command, close_command,
                 unselect_command, namespace_command, idle_command, authenticate_command, login_command, enable_command,
                 select_command, create_command, delete_command, rename_command, subscribe_command, status_command,
                 list_command, append_command, expunge_command, search_command, fetch_command, store_command, copy_command>;

}  // namespace postern::imap
