#include <fmt/format.h>

#include "storage/database.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/soci_app_password_store.hpp"
#include "storage/soci/soci_directory.hpp"
#include "storage/soci/soci_message_store.hpp"
#include "storage/soci/soci_queue_store.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {
namespace {

core::result<void> select_one(connection& on) {
    std::int64_t one = 0;
    query(on, "SELECT 1").into(one).next();
    return {};
}

class soci_database final : public database {
public:
    soci_database(net::executor loop, const config::database_settings& settings, std::unique_ptr<writer> writes,
                  const core::logger& log)
        : reads_(std::make_shared<read_pool>(loop, settings, log)),
          writes_(std::move(writes)),
          accounts_(loop, *reads_, *writes_),
          messages_(reads_, *writes_),
          queue_(loop, settings, *reads_, *writes_, log.module("storage")),
          app_passwords_(*reads_, *writes_) {}
    ~soci_database() override { stop(); }

    directory& accounts() override { return accounts_; }
    message_store& messages() override { return messages_; }
    queue_store& queue() override { return queue_; }
    app_password_store& app_passwords() override { return app_passwords_; }
    net::awaitable<core::result<void>> ping() override { co_return co_await reads_->run(select_one); }
    void close() override { stop(); }

private:
    void stop() {
        queue_.close();
        writes_->close();
        reads_->close();
    }

    std::shared_ptr<read_pool> reads_;
    std::unique_ptr<writer> writes_;
    soci_directory accounts_;
    soci_message_store messages_;
    soci_queue_store queue_;
    soci_app_password_store app_passwords_;
};

}  // namespace

core::result<std::unique_ptr<database>> open(net::executor loop, const config::database_settings& settings, const core::clock&,
                                             core::logger log) {
    const auto schema = inspect_schema(settings);
    if (!schema) return std::unexpected(schema.error());
    if (!schema->pending.empty()) {
        return core::fail(errc::schema_older,
                          fmt::format("the database is at schema version {} and this program needs {}: migrate it",
                                      schema->database_version, schema->program_version));
    }
    auto writes = writer::open(loop, settings, log);
    if (!writes) return std::unexpected(writes.error());
    return std::make_unique<soci_database>(loop, settings, *std::move(writes), log);
}

}  // namespace postern::storage
