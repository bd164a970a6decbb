#include <fmt/format.h>

#include "storage/database.hpp"
#include "storage/soci/change_hub.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/schema_look.hpp"
#include "storage/soci/soci_api_token_store.hpp"
#include "storage/soci/soci_app_password_store.hpp"
#include "storage/soci/soci_archive_store.hpp"
#include "storage/soci/soci_change_store.hpp"
#include "storage/soci/soci_directory.hpp"
#include "storage/soci/soci_imap_store.hpp"
#include "storage/soci/soci_login_store.hpp"
#include "storage/soci/soci_mailbox_store.hpp"
#include "storage/soci/soci_message_store.hpp"
#include "storage/soci/soci_queue_store.hpp"
#include "storage/soci/soci_response_store.hpp"
#include "storage/soci/soci_search_store.hpp"
#include "storage/soci/soci_upkeep_store.hpp"
#include "storage/soci/soci_web_session_store.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {
namespace {

core::result<void> try_select(connection& on) {
    std::int64_t one = 0;
    query(on, "SELECT 1").into(one).next();
    return {};
}

class soci_database final : public database {
public:
    soci_database(net::executor loop, const config::database_settings& settings, std::unique_ptr<connection> reads,
                  std::unique_ptr<writer> writes, const core::logger& log)
        : hub_(loop, settings, log.module("storage")),
          reads_(std::make_shared<read_pool>(loop, settings, log, std::move(reads))),
          writes_(std::move(writes)),
          accounts_(loop, *reads_, *writes_),
          messages_(reads_, *writes_),
          queue_(*reads_, *writes_, hub_),
          app_passwords_(*reads_, *writes_),
          mailboxes_(*reads_, *writes_, [this](account_id changed) { hub_.committed(changed); }),
          changes_(*reads_, *writes_, hub_),
          responses_(*reads_, *writes_),
          api_tokens_(*reads_, *writes_),
          web_sessions_(*reads_, *writes_),
          logins_(*reads_, *writes_),
          searches_(*reads_, *writes_),
          archive_(*reads_, *writes_, [this](account_id changed) { hub_.committed(changed); }),
          imap_(*reads_, *writes_, [this](account_id changed) { hub_.committed(changed); }),
          upkeep_(*reads_, *writes_, [this](account_id changed) { hub_.committed(changed); }) {
        writes_->on_commit([this](account_id changed) { hub_.committed(changed); });
    }
    ~soci_database() override { stop(); }

    directory& accounts() override { return accounts_; }
    message_store& messages() override { return messages_; }
    queue_store& queue() override { return queue_; }
    app_password_store& app_passwords() override { return app_passwords_; }
    mailbox_store& mailboxes() override { return mailboxes_; }
    change_store& changes() override { return changes_; }
    response_store& responses() override { return responses_; }
    api_token_store& api_tokens() override { return api_tokens_; }
    web_session_store& web_sessions() override { return web_sessions_; }
    login_store& logins() override { return logins_; }
    search_store& searches() override { return searches_; }
    archive_store& archive() override { return archive_; }
    imap_store& imap() override { return imap_; }
    upkeep_store& upkeep() override { return upkeep_; }
    net::awaitable<core::result<void>> ping() override {
        if (!writes_->available()) co_return core::fail(errc::unavailable, "no connection to write to the database");
        co_return co_await reads_->run(try_select);
    }
    void close() override { stop(); }

private:
    void stop() {
        hub_.close();
        writes_->close();
        reads_->close();
    }

    change_hub hub_;
    std::shared_ptr<read_pool> reads_;
    std::unique_ptr<writer> writes_;
    soci_directory accounts_;
    soci_message_store messages_;
    soci_queue_store queue_;
    soci_app_password_store app_passwords_;
    soci_mailbox_store mailboxes_;
    soci_change_store changes_;
    soci_response_store responses_;
    soci_api_token_store api_tokens_;
    soci_web_session_store web_sessions_;
    soci_login_store logins_;
    soci_search_store searches_;
    soci_archive_store archive_;
    soci_imap_store imap_;
    soci_upkeep_store upkeep_;
};

}  // namespace

core::result<std::unique_ptr<database>> open(net::executor loop, const config::database_settings& settings, const core::clock&,
                                             core::logger log, write_figures figures, connecting connects) {
    auto look = look_at_schema(settings);
    if (!look) return std::unexpected(look.error());
    if (const auto& schema = look->status; !schema.pending.empty()) {
        return core::fail(errc::schema_older,
                          fmt::format("the database is at schema version {} and this program needs {}: migrate it",
                                      schema.database_version, schema.program_version));
    }
    auto writes = writer::open(loop, settings, log, figures, connects);
    if (!writes) return std::unexpected(writes.error());
    return std::make_unique<soci_database>(loop, settings, std::move(look->session), *std::move(writes), log);
}

}  // namespace postern::storage
