#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "imap/protocol/flags.hpp"
#include "imap/protocol/sequence_set.hpp"
#include "storage/imap_store.hpp"

namespace postern::imap {

/// The mailbox a session has selected, as its client knows it: which message has which number.
///
/// Flow: add() what is listed at SELECT; then learn() what changed there, which writes the untagged responses that tell the
/// client, and never renumbers behind its back: what is gone keeps its number until a command that may be answered with EXPUNGE
/// (RFC 9051 7.5.1). About 90 octets a message.
class selected_mailbox {
public:
    struct message {
        storage::imap_entry entry;
        bool gone = false;  ///< not there any more; the client has not been told
    };

    selected_mailbox(storage::mailbox of, storage::mailbox_state known, bool read_only);

    [[nodiscard]] storage::mailbox_id id() const noexcept { return of_.id; }
    [[nodiscard]] const storage::mailbox& mailbox() const noexcept { return of_; }
    [[nodiscard]] bool read_only() const noexcept { return read_only_; }
    [[nodiscard]] const storage::mailbox_state& known() const noexcept { return known_; }

    [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
    /// `number`: 1 to size().
    [[nodiscard]] const message& at(std::uint32_t number) const { return messages_[number - 1]; }
    [[nodiscard]] std::uint32_t largest_uid() const;
    /// The number of the message with this uid; 0: there is none.
    [[nodiscard]] std::uint32_t number_of(std::int64_t uid) const;
    /// From now on what is told of flags tells the modseq too (RFC 7162 3.1).
    void tell_modseq() noexcept { tells_modseq_ = true; }
    [[nodiscard]] bool tells_modseq() const noexcept { return tells_modseq_; }

    /// The number of the first message that has not been seen; 0: there is none.
    [[nodiscard]] std::uint32_t first_unseen() const;

    /// The numbers of those a command means, ascending. Uids that are not there mean nothing; a number beyond the last does:
    /// false then (RFC 9051 9, seq-number), and nothing is found. `saved`: uids, what "$" means.
    [[nodiscard]] bool find(const sequence_set& wanted, bool by_uid, const std::vector<std::uint32_t>& saved,
                            std::vector<std::uint32_t>& numbers) const;

    /// By uid, after what is there.
    void add(std::vector<storage::imap_entry> entries);

    /// What a change of this session's own made of an entry's flags. Its modseq is remembered, so that learn() does not tell of
    /// it again.
    void set_flags(std::uint32_t number, const storage::flagged_entry& now);

    /// Writes what the client is to hear of `changes`. Its EXPUNGE responses wait where not `may_expunge`.
    void learn(const storage::imap_changes& changes, bool may_expunge, std::string& out);

    /// This session removed these uids: told of at once.
    void remove(const std::vector<std::int64_t>& uids, std::string& out);

    /// EXPUNGE for what waits to be told.
    void tell_gone(std::string& out);

    /// All that is there now, listed anew because too much happened: tells whatever differs.
    void replace(std::vector<storage::imap_entry> now, storage::mailbox_state known, bool may_expunge, std::string& out);

    /// Keywords that messages have, for FLAGS and PERMANENTFLAGS; each once, whatever its case; about a hundred.
    [[nodiscard]] std::vector<std::string> keywords() const;

private:
    void mark_gone(std::int64_t uid);
    void update(const storage::imap_entry& now, std::string& out);
    void tell_size(std::string& out) const;

    storage::mailbox of_;
    storage::mailbox_state known_;
    bool read_only_;
    bool tells_modseq_ = false;
    std::vector<message> messages_;
    std::size_t gone_ = 0;
};

/// What a FETCH response says of a message's flags.
[[nodiscard]] flag_list to_flag_list(const storage::entry_flags& flags);
[[nodiscard]] storage::entry_flags to_entry_flags(const flag_list& flags);

/// "* 3 FETCH (FLAGS (...) UID 7 MODSEQ (12))".
struct flags_response {
    bool flags = true;
    bool uid = true;
    bool modseq = false;
};
void write_flags_response(std::string& out, std::uint32_t number, const storage::imap_entry& entry, flags_response with);

}  // namespace postern::imap
