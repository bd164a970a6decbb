#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/sasl/mechanism.hpp"
#include "core/metrics.hpp"
#include "imap/fetch_items.hpp"
#include "imap/protocol/command.hpp"
#include "imap/protocol/command_parser.hpp"
#include "imap/protocol/command_reader.hpp"
#include "imap/selected_mailbox.hpp"
#include "imap/service.hpp"
#include "net/awaitable.hpp"
#include "net/session_server.hpp"
#include "net/stream.hpp"
#include "storage/records.hpp"

namespace postern::imap {

class search_matcher;  // search_matcher.hpp

/// How a command ended: the tagged response behind its tag, "OK [READ-ONLY] Done".
struct answer {
    std::string text;
};

/// One client's IMAP session.
///
/// Flow: command_reader cuts the input into commands, which are parsed and answered one after the other; responses gather in
/// one string, which is written when it has grown or no whole command is left in the input. What changes in the account is
/// heard of through mailbox_news: in IDLE the session then wakes, else it looks before the next tagged response.
///
/// On failure: what the client does wrong is BAD or NO; a lost database is NO [UNAVAILABLE] and the session goes on; silence,
/// too many errors and shutdown are BYE.
class session final : public net::served_session {
public:
    /// `client`: who the other end is.
    session(std::shared_ptr<const service> shared, net::tcp_socket socket, const net::tcp_endpoint& client);

    net::awaitable<void> run() override;
    void stop() override;
    void cut_off() override;

private:
    /// nullopt: the connection is gone.
    using answered = net::awaitable<std::optional<answer>>;

    // session.cpp
    void greet();
    net::awaitable<void> converse();
    net::awaitable<void> take(command_reader::event what);
    net::awaitable<void> take_command(std::string_view octets);
    net::awaitable<void> take_append(std::string_view octets, std::uint64_t size, bool waits);
    net::awaitable<void> finish(std::string tag, answered work, bool may_expunge);
    answered perform(command what);
    [[nodiscard]] std::optional<answer> refuse_now(const command& what) const;
    net::awaitable<bool> may_stay();
    net::awaitable<bool> receive(net::stream::duration limit);
    net::awaitable<bool> flush();
    net::awaitable<bool> flush_if_full();
    void say(std::string_view untagged);
    void say_bye(std::string_view why);
    void tell(const std::string& tag, const answer& a);
    void end() noexcept { ended_ = true; }
    [[nodiscard]] std::chrono::steady_clock::time_point patience() const;
    [[nodiscard]] bool utf8() const noexcept { return enabled_rev2_; }

    answered on(capability_command command);
    answered on(noop_command command);
    answered on(logout_command command);
    answered on(id_command command);
    answered on(check_command command);
    answered on(enable_command command);
    answered on(namespace_command command);
    answered on(starttls_command command);      // session_login.cpp
    answered on(login_command command);         //
    answered on(authenticate_command command);  //
    answered on(list_command command);          // session_mailboxes.cpp
    answered on(create_command command);        //
    answered on(delete_command command);        //
    answered on(rename_command command);        //
    answered on(subscribe_command command);     //
    answered on(status_command command);        //
    answered on(select_command command);        // session_select.cpp
    answered on(close_command command);         //
    answered on(unselect_command command);      //
    answered on(idle_command command);          //
    answered on(fetch_command command);         // session_fetch.cpp
    answered on(store_command command);         // session_store.cpp
    answered on(expunge_command command);       //
    answered on(copy_command command);          //
    answered on(search_command command);        // session_search.cpp
    answered on(append_command command);        // session_append.cpp

    // session_login.cpp
    [[nodiscard]] bool may_sign_in() const;
    [[nodiscard]] std::string capabilities() const;
    [[nodiscard]] std::vector<std::string> mechanisms() const;
    net::awaitable<bool> start_tls();
    answered exchange(account::sasl::mechanism& with, std::optional<std::string> initial_response);
    net::awaitable<std::optional<std::string>> read_response();
    answered welcome(storage::account account, std::string_view mechanism);
    net::awaitable<core::result<std::vector<storage::app_password_id>>> app_passwords();
    net::awaitable<void> note_failure(std::string login, std::string_view mechanism);
    [[nodiscard]] bool account_is_due() const;
    net::awaitable<bool> account_is_gone();

    // session_mailboxes.cpp
    using mailbox_list = core::result<std::vector<storage::mailbox>>;
    net::awaitable<mailbox_list> mailboxes();
    net::awaitable<core::result<std::string>> status_of(const storage::mailbox& m, status_items items);
    answered rename_inbox(const std::vector<storage::mailbox>& all, std::string to);
    net::awaitable<core::result<storage::mailbox>> create(const std::vector<storage::mailbox>& all, const std::string& name);

    // session_select.cpp
    net::awaitable<core::result<void>> open(const storage::mailbox& m, bool read_only);
    net::awaitable<core::result<std::vector<storage::imap_entry>>> list_all(storage::mailbox_id mailbox);
    net::awaitable<bool> look(bool may_expunge);
    net::awaitable<bool> wait_in_idle(std::chrono::steady_clock::time_point until, bool looked);
    void follow();
    void tell_modseq();
    void say_selected();
    void unselect();

    // session_fetch.cpp
    net::awaitable<bool> fetch_one(const fetch_command& command, std::uint32_t number, bool with_flags,
                                   std::optional<answer>& missed);
    net::awaitable<core::result<std::vector<fetch_piece>>> read_items(const fetch_command& command,
                                                                      const selected_mailbox::message& m);
    net::awaitable<bool> send_octets(std::shared_ptr<const core::content> octets, std::uint64_t begin, std::uint64_t until);
    net::awaitable<core::result<void>> mark_seen(const std::vector<std::uint32_t>& numbers, std::vector<bool>& changed);

    // session_store.cpp
    net::awaitable<core::result<std::vector<storage::flagged_entry>>> change_flags(const std::vector<std::uint32_t>& numbers,
                                                                                   storage::flag_change wanted,
                                                                                   std::optional<std::int64_t> unchanged_since);
    net::awaitable<core::result<void>> expunge_marked(const std::vector<std::uint32_t>& numbers, std::string& out);
    net::awaitable<void> undo_copies(const storage::mailbox& in, const std::vector<storage::placed_entry>& placed);
    [[nodiscard]] std::vector<storage::entry_id> entries_of(const std::vector<std::uint32_t>& numbers, std::size_t from) const;

    // session_search.cpp
    net::awaitable<core::result<std::vector<std::uint32_t>>> search(const search_matcher& matcher);

    // session_append.cpp
    answered append(append_command command, std::uint64_t size, bool waits);
    answered store_appended(append_command command, std::shared_ptr<const core::content> octets);
    net::awaitable<std::optional<bool>> end_of_append();
    [[nodiscard]] static std::chrono::steady_clock::time_point message_due(std::uint64_t size);
    net::awaitable<bool> receive_octets(std::chrono::steady_clock::time_point until);
    net::awaitable<bool> receive_message(net::spool& spool, std::uint64_t size, bool& has_nul);
    net::awaitable<bool> skip(std::uint64_t size);
    net::awaitable<bool> pass_over(std::uint64_t size, bool waits);

    const std::shared_ptr<const service> held_;  // as it was when the session began
    const service& shared_ = *held_;
    const core::gauge_share counted_;
    net::stream stream_;
    std::string client_;  // the peer's address
    command_reader reader_;
    std::string out_;  // not yet written
    std::string tag_;  // of the command being answered

    std::optional<storage::account> account_;
    std::vector<storage::app_password_id> app_passwords_;  // the account had when this session signed in
    std::chrono::steady_clock::time_point looked_at_account_;
    std::chrono::steady_clock::time_point sign_in_until_;
    std::optional<selected_mailbox> selected_;
    std::vector<std::uint32_t> saved_;  // what "$" means: uids
    std::shared_ptr<void> news_;
    bool enabled_rev2_ = false;
    bool tells_modseq_ = false;
    bool tls_is_next_ = false;
    bool heard_ = false;       // something may have changed
    bool idling_ = false;      // wakes when it does
    bool in_literal_ = false;  // its size has been written and not all of its octets
    bool waiting_ = false;     // for the client, between commands
    bool stopping_ = false;
    bool ended_ = false;
    std::size_t errors_ = 0;
};

/// NO for what storage could not do.
[[nodiscard]] answer answer_for(const core::error& e);

}  // namespace postern::imap
